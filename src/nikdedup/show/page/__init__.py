"""The parts of the report: each a value that the template prints, made from counts or from few masked records."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
