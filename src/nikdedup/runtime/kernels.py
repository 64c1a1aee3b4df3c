"""Which innermost loops run: the compiled ones, or those in numpy, with one result.

A module of loops comes twice, as NAME_cy.pyx and as NAME_py.py, and its user asks here which to import. Compiled
ones are taken wherever a compiler has built them; NIKDEDUP_KERNELS=py or =cy takes one kind alone.
"""

from __future__ import annotations

import os
from importlib import import_module

from nikdedup.errors import ConfigError

CHOICE = "NIKDEDUP_KERNELS"
"""Environment variable that takes one kind alone: py or cy."""

_taken: dict[str, bool] = {}


def compiled(module: str, edition: int = 1) -> bool:
    """Say whether a compiled module is to be imported.

    Args:
        module: its full name.
        edition: which EDITION of it is asked for, at least; one without is the first. A module that was built from
            older sources and lies there still is left alone.

    Raises:
        ConfigError: where `cy` is asked for and it was never built, and for any other choice than py or cy.
    """
    choice = os.environ.get(CHOICE) or "any"
    if choice not in ("any", "py", "cy"):
        raise ConfigError(f"{CHOICE}: found {choice!r}; allowed: py, cy")
    _taken[module] = choice != "py" and _loads(module, edition)
    if choice == "cy" and not _taken[module]:
        raise ConfigError(f"{CHOICE}: cy is asked for, but {module} was not built; build it, or take py")
    return _taken[module]


def _loads(module: str, edition: int) -> bool:
    """Say whether a module was built, and loads here: one that was built for another numpy does not."""
    try:
        built = import_module(module)
    except ImportError:
        return False
    return bool(getattr(built, "EDITION", 1) >= edition)


def all_compiled() -> bool:
    """Say whether all loops that were imported so far are compiled ones."""
    return all(_taken.values())
