"""What fuzzing has found stays mended: every kept input, and a few new ones of each kind."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.__main__ import CASES, Worker
from tests.fuzz.targets import TARGETS, sound_inputs

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="memory is limited and measured on Linux only"
)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    scratch = tmp_path_factory.mktemp("fuzz")
    sound_inputs(scratch / "sound")
    one = Worker(scratch)
    yield one
    one.stop()


def kept() -> list[Path]:
    return sorted(path for path in CASES.glob("*/*") if path.parent.name.split("-")[0] in TARGETS)


@pytest.mark.parametrize("path", kept(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_is_mended(path: Path, worker: Worker) -> None:
    answer = worker.ask(path.parent.name.split("-")[0], path.name, path.read_bytes())
    assert "finding" not in answer, answer["finding"]


@pytest.mark.parametrize(
    "body",
    ["import os; os.abort()", "raise ValueError('x')", "bytearray(900_000_000)", "open('left', 'w').close()"],
)
def test_the_harness_sees_what_it_looks_for(body: str, worker: Worker) -> None:
    """What aborts, fails, takes much memory or leaves a file is a finding, and the next input is tried all the same."""
    body = body.replace("'left'", repr(str(worker.temporary / "left")))
    assert "finding" in worker.ask("self", "a.py", body.encode())
    (worker.temporary / "left").unlink(missing_ok=True)
    assert "told" in worker.ask("csv", "a.csv", b"NIK;NAMA\n1;A\n")
