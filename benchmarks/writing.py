"""What each file of a run costs to write: `python -m benchmarks.writing FILE OUT`.

Works an extract once and writes the run's folder as a run does, several files at a time; then every file with its
writer, one after the other, on the tables of the run as they stand. Writes `writing.json` into OUT and prints it as a
table. The folder, which comes first, pays for loading libraries, as it does in a run. The command, which comes last,
writes the residents while the matcher works; of it the `write` of its run.json is told.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.decisions import timed
from nikdedup import dedupe
from nikdedup.run.result import Result

FILE = "writing.json"


def written(result: Result, folder: Path) -> dict[str, Any]:
    """Return how many decisions there are, what the whole took, and processor seconds and size of each file."""
    whole = timed(lambda: result.write(folder / "run"))
    files = {}
    for name, write in result._writers().items():
        took = timed(lambda write=write, name=name: write(folder / name))  # type: ignore[misc]
        files[name] = {"cpu_s": round(took.cpu, 3), "bytes": (folder / name).stat().st_size}
    all_at_once = {"wall_s": round(whole.wall, 3), "cpu_s": round(whole.cpu, 3)}
    return {"decisions": len(result.decisions), "whole": all_at_once, "files": files}


def by_command(file: Path, folder: Path) -> float:
    """Return the seconds by the clock that the command takes to write a run, once its decisions are made."""
    command = [sys.executable, "-m", "nikdedup", "dedupe", str(file), "--out", str(folder), "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds: float = json.loads((folder / "run.json").read_bytes())["timing"]["write"]["seconds"]
    return seconds


def judge(out: Path, truth: Path) -> dict[str, Any]:
    """Return what was measured in `out`; the truth says nothing of it."""
    told: dict[str, Any] = json.loads((out / FILE).read_text(encoding="utf-8"))
    return {"written": told}


def table(results: list[dict[str, Any]]) -> str:
    """Return one Markdown table of processor seconds, a line per extract that was written; "" for none."""
    lines = [one for one in results if "written" in one["answer"]]
    if not lines:
        return ""
    names = list(dict.fromkeys(name for one in lines for name in one["answer"]["written"]["files"]))
    head = " | ".join(["| profile | records | decisions", *names, "all | commit |"])
    rule = "|---" + "|--:" * (len(names) + 3) + "|---|"
    return "\n".join([head, rule, *(_line(one, names) for one in lines)])


def _line(one: dict[str, Any], names: list[str]) -> str:
    told = one["answer"]["written"]
    seconds = {name: file["cpu_s"] for name, file in told["files"].items()}
    cells = [f"{seconds[name]:.2f}" if name in seconds else "" for name in names]
    start = [one["profile"], f"{one['rows']:,}", f"{told['decisions']:,}"]
    return f"| {' | '.join([*start, *cells, f'{sum(seconds.values()):.2f}', one['commit']])} |"


def main() -> None:
    file, out = (Path(argument) for argument in sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    told = written(dedupe(file), out)
    (out / FILE).write_text(json.dumps(told) + "\n", encoding="utf-8")
    whole = told["whole"]
    print(f"{'the whole':18} {whole['cpu_s']:6.2f} s of processor, {whole['wall_s']:.2f} s by the clock")
    for name, cost in told["files"].items():
        print(f"{name:18} {cost['cpu_s']:6.2f} s of processor {cost['bytes'] / 1e6:8.1f} MB")
    print(f"{'by the command':18} {'':22} {by_command(file, out / 'command'):.2f} s by the clock")


if __name__ == "__main__":
    main()
