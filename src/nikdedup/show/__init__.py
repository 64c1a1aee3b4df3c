"""What people look at: summary, report, workbook, explanation, notebook figures.

Everything here turns tables and the `run` dictionary (the content of run.json)
into text an office can read, in Indonesian or English. Nothing here decides.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
