"""A record as it came and as we understand it: read, clean, judge, profile."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
