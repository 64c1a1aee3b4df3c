"""A command that is told to stop while a library works: ended soon, tidied up after, the earlier run untouched."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process is divided on Linux only")

SCRIPT = """
import ctypes, shutil, signal, sys, time
from pathlib import Path
from nikdedup.runtime.stopping import leaving, undisturbed
from nikdedup.runtime.watched import watched

folder, begun = Path(sys.argv[1]), Path(sys.argv[2])
signal.signal(signal.SIGTERM, lambda *_: None)

def say(line, code):
    print(line, file=sys.stderr, flush=True)
    return code

def library():
    "Work for ever, as a library that Python waits for: no signal is heard of inside."
    mutex, lock = ctypes.create_string_buffer(64), ctypes.CDLL(None).pthread_mutex_lock
    lock(mutex)
    begun.touch()
    lock(mutex)

def work():
    from nikdedup.publish.lock import one_writer  # polars, which only the process that works may load

{body}

sys.exit(watched(work, say))
"""


def stopped(tmp_path: Path, body: str) -> tuple[int, str]:
    """Return exit code and what was said by a command that was told to stop once it had begun."""
    text = SCRIPT.format(body="\n".join(f"    {line}" for line in body.strip().splitlines()))
    command = [sys.executable, "-c", text, str(tmp_path / "made" / "run"), str(tmp_path / "begun")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "begun").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        return process.returncode, said


def test_a_command_is_ended_while_a_library_works(tmp_path: Path) -> None:
    code, said = stopped(tmp_path, "with one_writer(folder):\n    library()")
    assert (code, said) == (130, "stopped; nothing was published\n")
    assert not (tmp_path / "made").exists()


def test_what_others_have_put_there_stays_and_no_lock(tmp_path: Path) -> None:
    run = tmp_path / "made" / "run"
    run.mkdir(parents=True)
    (run / "run.json").write_text("earlier")
    body = """
with one_writer(folder):
    aside = folder / ".partial-1"
    with leaving(lambda: shutil.rmtree(aside)):
        aside.mkdir()
        (aside / "people.parquet").touch()
        library()
"""
    assert stopped(tmp_path, body)[0] == 130
    assert [path.name for path in run.iterdir()] == ["run.json"]
    assert (run / "run.json").read_text() == "earlier"


def test_nobody_is_ended_while_a_run_is_published_nor_after(tmp_path: Path) -> None:
    body = """
with one_writer(folder):
    with undisturbed():
        begun.touch()
        time.sleep(2)
    time.sleep(1)
print("published", file=sys.stderr)
return 3
"""
    assert stopped(tmp_path, body) == (3, "published\n")


def test_who_has_nothing_to_tidy_up_is_left_to_end_by_itself(tmp_path: Path) -> None:
    code, said = stopped(tmp_path, "begun.touch()\ntime.sleep(2)\nreturn 5")
    assert (code, said) == (5, "")
