"""What clean may put right in an extract: one line per cell and change, certain or proposed."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
