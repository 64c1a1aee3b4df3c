"""How many processors a run takes for its own."""

import os
from pathlib import Path

import pytest

from nikdedup.runtime import threads

TIED = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        ({}, 64),
        ({"office/night": "max 100000"}, 64),
        ({"office/night": "150000 100000"}, 2),
        ({"office/night": "max 100000", "office": "50000 100000"}, 1),
        ({"office/night": "400000 100000", ".": "100000 100000"}, 1),
        ({"office/night": "much"}, 64),
    ],
    ids=["silent", "unlimited", "rounded up", "the group above", "the container", "unreadable"],
)
def test_a_container_limits_them(
    limits: dict[str, str], allowed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for group, text in limits.items():
        folder = tmp_path / "groups" / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(f"{text}\n")
    told = tmp_path / "told"
    told.write_text("0::/office/night\n")
    monkeypatch.setattr(threads, "PROC", told)
    monkeypatch.setattr(threads, "CGROUPS", tmp_path / "groups")
    assert threads.processors() == min(TIED, allowed)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64), raising=False)
    assert threads.processors() == allowed


def test_without_control_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "PROC", tmp_path / "none")
    assert threads.processors() == TIED
