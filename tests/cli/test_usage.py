"""Faults of a command line that the parser finds, in both languages: what it says is turned as our own words are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Done


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nik", "6212014107809001", "X"], "Argumen berlebih (X)"),
        (["nik", "1", "2", "3"], "Argumen berlebih (2 3)"),
        (["dedupe"], "Argumen 'INPUT...' belum diisi."),
        (["forget", "st"], "Opsi '--before' belum diisi."),
        (["worklist", "st", "--out"], "Opsi '--out' memerlukan nilai."),
        (
            ["worklist", "st", "--show-identities=3", "--out", "x"],
            "Opsi '--show-identities' tidak memakai nilai.",
        ),
        (
            ["worklist", "st", "--out", "x", "--per", "rt"],
            "--per 'rt' bukan salah satu dari 'kecamatan', 'desa'.",
        ),
        (["worklist", "st", "--outt", "x"], "opsi --outt tidak dikenal; maksudnya --out?"),
    ],
)
def test_what_the_parser_says_is_indonesian(
    arguments: list[str], told: str, nikdedup_cli: Callable[..., Done]
) -> None:
    done = nikdedup_cli(*arguments[:1], "--lang", "id", *arguments[1:])
    assert (done.code, done.err) == (2, f"nikdedup: {told}\n")
