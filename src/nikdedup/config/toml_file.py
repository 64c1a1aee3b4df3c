"""A TOML file of settings, read; a fault quotes nothing of its text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from nikdedup.errors import ConfigError
from nikdedup.runtime.files import read_file


def text_of(path: Path, origin: str) -> str:
    """Return the text of a file of settings.

    Args:
        path: the file.
        origin: how messages name the file.

    Raises:
        ConfigError: begins with `origin`.
    """
    try:
        return read_file(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{origin}: no such file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{origin}: not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or type(fault).__name__
        raise ConfigError(f"{origin}: cannot be read ({reason})") from None


def toml_of(text: str, origin: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Args:
        text: content of a TOML file.
        origin: how messages name the file.

    Raises:
        ConfigError: begins with `origin`, and quotes nothing of the text.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        said = re.sub(r"\(['\"].*['\"],?\) |'.*' |\".*\" ", "", str(fault), flags=re.DOTALL)
    except ValueError:  # a whole number of more digits than Python reads
        said = "a number is too long"
    except RecursionError:
        said = "brackets within brackets"
    raise ConfigError(f"{origin}: not readable as TOML ({said})")
