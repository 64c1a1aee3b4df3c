"""nikdedup: find residents registered twice, and NIKs held by two people.

>>> import nikdedup
>>> nikdedup.Nik("6212014107609001").sex
'P'

Everything is loaded at first use, so that `import nikdedup` costs next to nothing.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nikdedup.config import Config
    from nikdedup.errors import BusyError, ConfigError, InputError, NikdedupError, RunError
    from nikdedup.lab.evaluation import evaluate
    from nikdedup.lab.generator import generate
    from nikdedup.residents.ids.nik import Nik
    from nikdedup.residents.read.extract import Extract, read
    from nikdedup.run.clean import Cleaned, clean
    from nikdedup.run.dedupe import dedupe
    from nikdedup.run.profile import Profile, profile
    from nikdedup.run.result import Result
    from nikdedup.run.result import open_run as open

logging.getLogger("nikdedup").addHandler(logging.NullHandler())

__version__ = "0.2.0"

_HOME = {
    "dedupe": "pipeline",
    "Result": "result",
    "open": "result:open_run",
    "profile": "profiling",
    "Profile": "profiling",
    "clean": "cleaning",
    "Cleaned": "cleaning",
    "read": "residents.read",
    "Extract": "residents.read",
    "Nik": "residents.nik",
    "Config": "config",
    "generate": "lab.generate",
    "evaluate": "lab.evaluate",
    "BusyError": "errors",
    "NikdedupError": "errors",
    "InputError": "errors",
    "ConfigError": "errors",
    "RunError": "errors",
}

__all__ = [
    "BusyError",
    "Cleaned",
    "Config",
    "ConfigError",
    "Extract",
    "InputError",
    "Nik",
    "NikdedupError",
    "Profile",
    "Result",
    "RunError",
    "clean",
    "dedupe",
    "evaluate",
    "generate",
    "open",
    "profile",
    "read",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'nikdedup' has no attribute {name!r}")
    module, _, attribute = _HOME[name].partition(":")
    return getattr(import_module(f"nikdedup.{module}"), attribute or name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
