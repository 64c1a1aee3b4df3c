"""One worker process: does a piece of work for each question on its standard input, until there are no more.

A question is a pickled pair of a function and its argument, the answer is pickled on standard output; what
anything prints goes to standard error instead.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from importlib import import_module

from nikdedup.runtime.memory import keep_freed_memory


def main() -> None:
    """Answer until the questions end, as they do when the asking process is gone."""
    keep_freed_memory()
    gc.set_threshold(500_000)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks is stopped too, and ends this process
    from nikdedup.engines.workers import answer_to

    import_module(sys.argv[1])

    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        while True:
            try:
                task, piece = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            pickle.dump(answer_to(task, piece), answers)
            answers.flush()


if __name__ == "__main__":
    main()
    os._exit(0)  # who asked waits for the end: the system takes memory back faster than Python gives it
