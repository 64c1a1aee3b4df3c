from .digits import EXACT_FLOAT as EXACT_FLOAT
from .digits import Identifiers as Identifiers
from .digits import clean_identifiers as clean_identifiers
from .nik import Nik as Nik
from .nik_column import SEXES as SEXES
from .nik_column import Decoded as Decoded
from .nik_column import decode as decode
