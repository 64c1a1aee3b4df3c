from .config import Config as Config
from .errors import BusyError as BusyError
from .errors import ConfigError as ConfigError
from .errors import InputError as InputError
from .errors import NikdedupError as NikdedupError
from .errors import RunError as RunError
from .lab import evaluate as evaluate
from .lab import generate as generate
from .nightly.opening import State as State
from .nightly.opening import open as open
from .nightly.pseudonym_extract import Pseudonymised as Pseudonymised
from .nightly.pseudonym_extract import pseudonymise as pseudonymise
from .residents.ids import Nik as Nik
from .run.clean import Cleaned as Cleaned
from .run.clean import clean as clean
from .run.dedupe import dedupe as dedupe
from .run.profile import Profile as Profile
from .run.profile import profile as profile
from .run.read import Extract as Extract
from .run.read import read as read
from .run.result import Result as Result

__version__: str
