from .birth import EPOCHS_APART as EPOCHS_APART
from .birth import resolve_birth as resolve_birth
from .parse import Dates as Dates
from .parse import months as months
from .parse import parse_date as parse_date
from .parse import parse_dates as parse_dates
from .parse import split_ttl as split_ttl
