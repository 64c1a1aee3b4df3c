"""How files, workbooks and frames become one table of text: found, opened, headed, freed of what is no record."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
