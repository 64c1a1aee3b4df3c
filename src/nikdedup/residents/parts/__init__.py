"""An extract in parts: how it is cut, what a first look at a part tells, and what all parts tell together."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
