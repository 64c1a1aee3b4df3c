"""Where a resident was born and lives: regions by code and name, places of birth, addresses."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
