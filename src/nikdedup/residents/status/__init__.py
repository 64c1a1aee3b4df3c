"""Recording status, life status, sex, marriage and relation: texts and codes put in classes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
