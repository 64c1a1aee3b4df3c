"""A process that works on one broken input after the other while it lives; asked and answered line by line."""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from pathlib import Path

from tests.fuzz.targets import TARGETS, Finding, run_python

MEMORY = 3_000_000_000
"""Bytes of address space that an input may lead to beyond what the libraries take."""
RESIDENT = 700_000_000
"""Bytes of memory that small inputs may lead to: 500 MB, and as much again as the libraries take."""


def main() -> None:
    """Answer each line, a target and a path, with what came of it."""
    os.environ["NIKDEDUP_DEBUG"] = "1"
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        target, path = json.loads(line)
        answers.write(json.dumps(_answer(target, Path(path))) + "\n")
        answers.flush()


def _answer(target: str, path: Path) -> dict[str, str]:
    Path("/proc/self/clear_refs").write_text("5")  # peaks are counted anew
    try:
        told = run_python(path) if target == "self" else TARGETS[target](path)
    except Finding as found:
        return {"finding": str(found)}
    except BaseException as fault:  # a panic is no Exception
        return {"finding": "".join(traceback.format_exception(fault))}
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
    return {"finding": f"{peak // 10**6} MB of memory"} if peak > RESIDENT else {"told": told}


if __name__ == "__main__":
    main()
