"""What a run can be told: one Config, from TOML or keywords, checked as a whole.

Every fault is reported at once, named as the caller wrote it. `Config` decides
the result and is recorded in `run.json`; `RunConfig` decides only how the run
goes (threads, memory, language, which files), never what comes out of it.
"""

from nikdedup.config.allowed import FIRST_DAY, LAST_DAY, Memory, Threads, reference_day
from nikdedup.config.faults import one_line, placed
from nikdedup.config.sections import SECTIONS, LimitsConfig, MatchConfig, RunConfig, SettleConfig
from nikdedup.config.settings import FLAG_FIELDS, Config
from nikdedup.config.toml_file import text_of, toml_of

__all__ = [
    "FIRST_DAY",
    "FLAG_FIELDS",
    "LAST_DAY",
    "SECTIONS",
    "Config",
    "LimitsConfig",
    "MatchConfig",
    "Memory",
    "RunConfig",
    "SettleConfig",
    "Threads",
    "one_line",
    "placed",
    "reference_day",
    "text_of",
    "toml_of",
]
