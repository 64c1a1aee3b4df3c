"""Stop what must not enter the repository: large files, and numbers that could be a living person's NIK.

    python scripts/check_files.py FILE...

Tests and examples need NIKs, and no made-up NIK may be anybody's. So a number of 16 digits that reads
as a NIK is allowed only with a serial of 9001 or more, or in kecamatan 99: neither is issued.
Prints one line per finding and ends with exit code 1 if there is any; the number itself is masked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

LARGEST_BYTES = 1_000_000
NUMBER = re.compile(r"(?<!\d)\d{16}(?!\d)")
FIRST_FREE_SERIAL = 9001


def could_be_issued(number: str) -> bool:
    """Say whether 16 digits could be the NIK of a living person.

    >>> could_be_issued("621201410760" + "0001"), could_be_issued("6212014107609001")
    (True, False)
    >>> could_be_issued("3171994107600001"), could_be_issued("9007199254740993")
    (False, False)
    """
    day, month, serial = int(number[6:8]), int(number[8:10]), int(number[12:])
    dated = (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12
    placed = number[0] != "0" and number[4:6] != "99" and len(set(number)) > 1
    return placed and dated and 1 <= serial < FIRST_FREE_SERIAL


def findings(path: Path) -> Iterator[str]:
    """Yield one line for each thing that is wrong with a file."""
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        yield f"{path}: {size:,} bytes; allowed are {LARGEST_BYTES:,}"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return  # not text: nothing in it that a reader of the repository could see
    for number, line in enumerate(lines, start=1):
        for found in NUMBER.findall(line):
            if could_be_issued(found):
                masked = f"{found[:6]}...{found[-2:]}"
                yield f"{path}:{number}: {masked} could be a person's NIK; use a serial from 9001 on"


def main() -> None:
    """Check the files named on the command line."""
    wrong = [line for name in sys.argv[1:] if Path(name).is_file() for line in findings(Path(name))]
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
