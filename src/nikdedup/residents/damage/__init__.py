"""What happened to an extract before it reached us: found as a whole, put right record by record."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
