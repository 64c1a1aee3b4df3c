"""nikdedup: find residents registered twice, and NIKs held by two people.

>>> import nikdedup
>>> nikdedup.Nik("6212014107609001").sex
'P'

Everything is loaded at first use, so that `import nikdedup` costs next to nothing.
"""

import logging

import lazy_loader

logging.getLogger("nikdedup").addHandler(logging.NullHandler())

__version__ = "0.2.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
