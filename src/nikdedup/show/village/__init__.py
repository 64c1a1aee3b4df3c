"""What the village loop shows: coverage, worklists, schedules and letters.

Texts are those of data/village.toml, in Indonesian and English.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
