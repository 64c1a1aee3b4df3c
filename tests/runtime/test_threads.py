"""Pieces of work side by side."""

import logging
import threading
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from nikdedup.runtime.share import heard, share
from nikdedup.runtime.threads import all_done

NAMED: ContextVar[str] = ContextVar("NAMED", default="nobody")
PATIENCE_S = 20.0


def test_as_many_as_threads_work_at_a_time() -> None:
    """Each of the two waits for the other; a third would not be waited for."""
    met = threading.Barrier(2, timeout=PATIENCE_S)
    all_done([met.wait, met.wait, met.wait, met.wait], threads=2)


def test_one_thread_works_in_order_and_in_place() -> None:
    seen: list[tuple[int, int]] = []
    works = [lambda at=at: seen.append((at, threading.get_ident())) for at in range(5)]
    all_done(works, threads=1)
    assert seen == [(at, threading.get_ident()) for at in range(5)]


@pytest.mark.parametrize("threads", [1, 2, 9])
def test_which_share_is_done_is_said_by_who_waits(threads: int) -> None:
    """What a piece says of itself would be heard from another thread, and out of turn."""
    told: list[tuple[float, int]] = []
    with heard(lambda done: told.append((done, threading.get_ident()))):
        all_done([lambda: share(0.5)] * 4, threads=threads)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == 1.0
    assert {who for _, who in told} == {threading.get_ident()}


def test_works_know_what_their_caller_knows() -> None:
    found: list[str] = []
    token = NAMED.set("the run")
    try:
        all_done([lambda: found.append(NAMED.get())] * 2, threads=2)
    finally:
        NAMED.reset(token)
    assert found == ["the run"] * 2


class Fault(Exception):
    pass


def failing(name: str, before: Callable[[], object] = lambda: None) -> Callable[[], None]:
    def work() -> None:
        before()
        raise Fault(name)

    return work


def test_of_several_faults_the_first_in_order_is_raised() -> None:
    second_has_failed = threading.Event()
    works = [
        failing("first", lambda: second_has_failed.wait(PATIENCE_S)),
        failing("second", second_has_failed.set),
    ]
    with pytest.raises(Fault, match="first"):
        all_done(works, threads=2)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("fault", [Fault, KeyboardInterrupt, MemoryError])
def test_once_one_has_failed_no_other_begins_and_none_is_left_at_work(
    threads: int, fault: type[BaseException]
) -> None:
    """The one beside it ends; of the others at most the one that a free thread had taken already begins."""
    begun: list[int] = []
    ended: list[int] = []
    failed = threading.Event()

    def fails() -> None:
        failed.set()
        raise fault("x")

    def works(at: int) -> None:
        begun.append(at)
        failed.wait(PATIENCE_S)
        threading.Event().wait(0.05)
        ended.append(at)

    others = [lambda at=at: works(at) for at in range(20)]
    with pytest.raises(fault):
        all_done([fails, *others], threads=threads)
    assert len(begun) <= 2 * (threads - 1)
    assert sorted(ended) == sorted(begun)


def test_an_interrupt_of_who_waits_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C meets the thread that waits: nothing more begins, and what is at work ends first."""
    ended: list[int] = []

    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("nikdedup.runtime.threads.as_completed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        all_done([lambda at=at: ended.append(at) for at in range(2)], threads=2)
    assert sorted(ended) in ([], [0], [1], [0, 1])
    assert not [one for one in threading.enumerate() if one.name.startswith("ThreadPoolExecutor")]


def test_a_log_line_of_a_piece_comes_through(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        all_done([lambda: logging.getLogger("nikdedup").info("told")] * 2, threads=2)
    assert caplog.messages == ["told"] * 2
