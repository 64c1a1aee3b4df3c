"""The command line: parse, call, exit code.

Exit codes: 0 done; 1 unexpected failure, or `recheck` found a difference; 2 wrong input, option
or config (one plain line on stderr); 3 done and published, but a health check failed; 4 another
run writes to the folder; 130 stopped by Ctrl-C or SIGTERM.
"""

from nikdedup.cli.entry import code_of, main
from nikdedup.cli.root import COMMANDS, SHARED, app

__all__ = ["COMMANDS", "SHARED", "app", "code_of", "main"]
