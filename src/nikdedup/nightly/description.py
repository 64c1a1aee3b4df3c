"""What the file of a state says of it: its version, its name, and which ledger belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nikdedup.errors import InputError
from nikdedup.nightly.place import DESCRIPTION, VERSION
from nikdedup.publish import shown
from nikdedup.runtime.files import read_file

Given = Annotated[str, Field(min_length=1)]


class PasswordPlace(BaseModel):
    """Where the password of the ledger is: a variable of the environment, or a file."""

    model_config = ConfigDict(strict=True, extra="forbid")
    env: Given | None = None
    file: Given | None = None


class Description(BaseModel):
    """state.json. ledger: the address of its database without a password, or the name of SQLite's file."""

    model_config = ConfigDict(strict=True)
    nikdedup_state: int
    state_id: Given
    ledger: Given
    password: PasswordPlace | None = None

    @classmethod
    def of(cls, folder: Path) -> Description:
        """Read the description of a state.

        folder: the state. InputError where it cannot be read, or is of a newer version.
        """
        try:
            told = cls.model_validate_json(read_file(folder / DESCRIPTION))
        except (OSError, ValidationError):
            raise InputError(f"{shown(folder)}: {DESCRIPTION} is unreadable") from None
        if told.nikdedup_state > VERSION:
            raise InputError(f"{shown(folder)}: a state of a newer version; update nikdedup")
        return told

    def text(self) -> str:
        """Return what is written into the file."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"
