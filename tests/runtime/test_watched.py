"""A command that a library, the system or a signal ends: one line on stderr, an exit code, nothing left running."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from nikdedup.errors import LITTLE_MEMORY, shortage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process is divided on Linux only")

FRAME = """
import os, signal, sys, time
from nikdedup.runtime.watched import reading, watched

def say(line, code):
    print(line, file=sys.stderr)
    return code

def work():
{body}

sys.exit(watched(work, say))
"""


def script(body: str) -> list[str]:
    return [sys.executable, "-c", FRAME.format(body="\n".join(f"    {line}" for line in body.splitlines()))]


def ended(body: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        script(body), capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )
    return done.returncode, done.stderr


NOISE = "os.write(2, b'thread main panicked at core.rs\\n')\n"


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        pytest.param("return 3", 3, "", id="its own exit code"),
        pytest.param(NOISE + "return 0", 0, "", id="what a library prints"),
        pytest.param("print('seen', file=sys.stderr)\nreturn 2", 2, "seen\n", id="what we print"),
        pytest.param(
            NOISE + "os.abort()",
            1,
            "unexpected failure (SIGABRT in a library); nothing was published\n",
            id="abort",
        ),
        pytest.param(
            "os.write(2, b'memory allocation of 9 bytes failed')\nos.abort()",
            1,
            LITTLE_MEMORY + "\n",
            id="no memory",
        ),
        pytest.param(
            "with reading('a.parquet'):\n    os.abort()",
            2,
            "a.parquet: damaged, or too large for the memory allowed; export it again\n",
            id="while reading",
        ),
        pytest.param(
            "with reading('a.parquet'):\n    pass\nos.abort()",
            1,
            "unexpected failure (SIGABRT in a library); nothing was published\n",
            id="after reading",
        ),
        pytest.param(
            "from nikdedup.runtime.watched import ran_short\nos.write(2, b'blas_thread_init: pthread_create failed')\n"
            "return 4 if ran_short() else 5",
            4,
            "",
            id="a library that interrupts us for want of memory",
        ),
        pytest.param(
            "from nikdedup.runtime.watched import ran_short\nreturn 4 if ran_short() else 5",
            5,
            "",
            id="no want",
        ),
        pytest.param(
            "import ctypes\nlibrary = ctypes.CDLL(None)\nlibrary.on_exit(library.abort, None)\nreturn 2",
            2,
            "",
            id="a library that aborts once the work is done",
        ),
        pytest.param(
            "import atexit\natexit.register(os.kill, os.getpid(), signal.SIGTERM)\nreturn 0",
            0,
            "",
            id="a signal once the work is done",
        ),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGKILL)",
            1,
            "the system ended the run, most likely for lack of memory; nothing was published\n",
            id="killed",
        ),
    ],
)
def test_how_a_command_may_end(body: str, code: int, line: str) -> None:
    assert ended(body) == (code, line)


@pytest.mark.parametrize("fit", [True, False], ids=["fit", "a check failed"])
def test_a_run_that_was_published_is_not_said_to_be_none(fit: bool, tmp_path: Path) -> None:
    """Killed before the switch or after it: what is said, and the exit code, are true of the folder."""
    record = tmp_path / "run.json"
    new = json.dumps({"health": [{"ok": True}, {"ok": fit}]})
    body = "from nikdedup.runtime.watched import publishing\nfrom pathlib import Path\n"
    body += f"record = Path({str(record)!r})\nwith publishing(record):\n    %sos.kill(os.getpid(), signal.SIGKILL)"
    none = "the system ended the run, most likely for lack of memory; nothing was published\n"
    whole = "the process was ended after its run was published; it is whole\n"
    for _ in ("a first run", "a later one"):
        assert ended(body % "") == (1, none)
        assert ended(body % f"record.write_text({new!r}); ") == (0 if fit else 3, whole)
        new += " "


def test_everything_is_shown_to_who_looks_for_a_fault() -> None:
    assert ended(NOISE + "return 0", NIKDEDUP_DEBUG="1") == (0, "thread main panicked at core.rs\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on(number: signal.Signals) -> None:
    body = "try:\n    print('ready', flush=True)\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    return 7\nreturn 0"
    taken = "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
    with subprocess.Popen(script(taken + body), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(10) == 7


def test_who_works_ends_with_who_waits() -> None:
    with subprocess.Popen(
        script("print(os.getpid(), flush=True)\ntime.sleep(30)"), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait(10)
        for _ in range(100):
            if (
                not Path(f"/proc/{child}").exists()
                or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]
            ):
                return
            time.sleep(0.05)
    pytest.fail("the process that works goes on alone")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "a.csv"
    pl.DataFrame({"NIK": ["6212010107909001", "6212010107909002"], "NAMA": ["ALI", "BUDI"]}).write_csv(path)
    return path


@pytest.mark.parametrize(
    ("kind", "most", "line"),
    [
        (resource.RLIMIT_AS, 300_000_000, LITTLE_MEMORY),
        (resource.RLIMIT_AS, 400_000_000, LITTLE_MEMORY),
        (
            resource.RLIMIT_NOFILE,
            10,
            "not enough file handles; allow more (ulimit -n); nothing was published",
        ),
    ],
    ids=["hardly any memory", "little memory", "few handles"],
)
def test_a_system_that_gives_too_little(
    kind: int, most: int, line: str, people: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "nikdedup.cli",
            "dedupe",
            str(people),
            "--out",
            str(tmp_path / "run"),
            "--reference-date",
            "2026-06-30",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(kind, (most, most)),
    )
    told = [text for text in done.stderr.splitlines() if not text.startswith("nikdedup: m")]  # progress
    assert (done.returncode, told) == (1, [f"nikdedup: {line}"])


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("can't start new thread"), "memory"),
        (ImportError("libx.so: failed to map segment from shared object"), "memory"),
        (OSError(12, "Cannot allocate memory"), "memory"),
        (OSError(24, "Too many open files"), "file handles"),
        (OSError(2, "No such file"), None),
        (ValueError("x"), None),
    ],
    ids=repr,
)
def test_what_is_a_shortage(fault: Exception, found: str | None) -> None:
    line = shortage(fault)
    assert (line is None) if found is None else f"not enough {found}" in str(line)


STALLED = """
import resource, threading
from nikdedup.runtime import watched as module
module.STALLED_S, module.LOOK_S = 0.3, 0.1
{limit}
def work():
    with reading("a.parquet"):
        {work}
    return 0
sys.exit(watched(work, say))
"""
LIMIT = "resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))"
WAITS = "threading.Event().wait(1.5)"
WORKS = "end = time.monotonic() + 1.5\n        while time.monotonic() < end: pass"
HAS_ONE_AT_WORK = "import subprocess; subprocess.run(['sleep', '1.5'])"


@pytest.mark.parametrize(
    ("limit", "work", "code"),
    [
        pytest.param(LIMIT, WAITS, 1, id="waits for ever for want of memory"),
        pytest.param("", WAITS, 0, id="waits"),
        pytest.param(LIMIT, WORKS, 0, id="works"),
        pytest.param(LIMIT, HAS_ONE_AT_WORK, 0, id="waits for a process of its own"),
    ],
)
def test_a_run_that_does_nothing_for_want_of_memory_is_ended(limit: str, work: str, code: int) -> None:
    frame = FRAME.partition("def work")[0] + STALLED.format(limit=limit, work=work)
    done = subprocess.run(
        [sys.executable, "-c", frame], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (code, LITTLE_MEMORY + "\n" if code else "")
