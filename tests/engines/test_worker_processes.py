"""Worker processes: answers in order, faults as they are meant, and nothing left behind."""

import subprocess
import sys
import time

import pytest

from nikdedup import InputError, RunError
from nikdedup.engines import InPlace, Workers
from tests import dying


def test_answers_come_in_the_order_of_the_pieces() -> None:
    with Workers(2, "nikdedup.errors") as workers:
        assert workers.map(abs, [-3, -2, -1, 0]) == [3, 2, 1, 0]
        assert workers.map(abs, []) == []


def test_in_place_a_part_is_worked_on_as_it_is() -> None:
    parts = [[1], [2]]
    assert all(
        found is part for found, part in zip(InPlace().map(lambda part: part, parts), parts, strict=True)
    )
    with pytest.raises(KeyError):  # a fault is raised as it is
        InPlace().map(dying.failed, parts)


def test_what_a_task_prints_is_no_answer() -> None:
    with Workers(1, "nikdedup.errors") as workers:
        assert workers.map(dying.loud, range(3)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("task", "fault", "message"),
    [
        pytest.param(dying.refused, InputError, "wrong input; allowed: another one", id="refused on purpose"),
        pytest.param(dying.failed, RunError, "unexpected failure (KeyError in dying.py:", id="failed"),
        pytest.param(dying.full, RunError, "No space left on device", id="disk full"),
        pytest.param(dying.stopped, RunError, "was stopped before its end", id="killed"),
    ],
)
def test_faults_are_one_plain_line(task: object, fault: type[Exception], message: str) -> None:
    with pytest.raises(fault) as raised, Workers(2, "nikdedup.errors") as workers:
        workers.map(task, ["6212014107609001"] * 4)  # type: ignore[arg-type]
    assert message in str(raised.value)
    assert "62120141" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_worker_outlives_a_fault() -> None:
    workers = Workers(2, "nikdedup.errors")
    with pytest.raises(RunError), workers:
        workers.map(dying.stopped, [1])
    assert all(process.poll() is not None for process in workers._all)


def test_workers_end_with_the_process_that_asks() -> None:
    """As when a run is killed: they see that there are no more questions."""
    script = (
        "import os\nfrom nikdedup.engines import Workers\nworkers = Workers(1, 'nikdedup.errors')\n"
        "print(workers._all[0].pid, flush=True)\nos._exit(1)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    import psutil

    pid = int(told.stdout)
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there")
