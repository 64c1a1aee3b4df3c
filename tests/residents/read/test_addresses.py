"""Addresses of folders and globs: what is copied here keeps its name in messages."""

from __future__ import annotations

import fsspec
import pytest

from nikdedup import InputError, read

LISTS = {"kantor/juni/a.csv": "NIK,ALAMAT\n1,JL\n", "kantor/juni/b.txt": ""}


@pytest.fixture(autouse=True)
def store() -> None:
    for name, text in LISTS.items():
        with fsspec.open(f"memory://{name}", "w") as file:
            file.write(text)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        pytest.param("memory://kantor/juni", "a.csv: no column for the name", id="a file in a folder"),
        pytest.param("memory://kantor", "kantor: no readable file in this folder", id="a folder"),
        pytest.param("memory://kantor/juni/*.txt", "juni: no readable file", id="a glob of one"),
        pytest.param("memory://kantor/juni/b.txt", "b.txt: the file is empty", id="a file"),
    ],
)
def test_the_place_is_named_as_it_is_called_there(address: str, told: str) -> None:
    with pytest.raises(InputError) as fault:
        read(address)
    assert str(fault.value).startswith(told)
