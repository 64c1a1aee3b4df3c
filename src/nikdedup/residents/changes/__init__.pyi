from .cells import CHANGES as CHANGES
from .cells import DATES as DATES
from .cells import IDS as IDS
from .cells import changes as changes
from .steps import KINDS as KINDS
