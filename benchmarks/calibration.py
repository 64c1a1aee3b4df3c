"""Fit how likely a pair is one person: `python -m benchmarks.calibration`.

Runs synthetic residents of five mixes of errors, whole and without the columns that change most what weights mean. For
each kind of pair a rising curve leads from weight to odds, and what a pair tells besides moves them by so many bits:
the likeliest ones, held near nothing where few pairs say otherwise. Pairs to review are counted once more, with what
stands beside them. Writes the table [calibration] at the end of data/model.toml; with --only-reviewed the curves that
decide stay, and those of pairs to review alone are written.
Report on other seeds than these: `python -m benchmarks.accuracy` and `nikdedup evaluate` tell calibration errors.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

import nikdedup
from benchmarks.data import FOLDER, extract
from benchmarks.missing import FEW, ONLY_FEW, WITHOUT
from nikdedup.match.beside import FACTS, beside
from nikdedup.match.explained import matcher_of
from nikdedup.match.levels import LEVEL_NAMES
from nikdedup.match.score.calibration import CURVES, TOGETHER
from nikdedup.match.score.told import ABSENT, Told

MODEL = Path(nikdedup.__file__).parent / "data" / "model.toml"
TABLE, REVIEWED = "[calibration]", "[calibration.reviewed.free]"
PROFILES = ("murung-raya", "hard", "movers", "simduk", "stranger")
SEEDS = (*range(5301, 5311), *range(6301, 6311))
ROWS = 100_000
MISSING = tuple(name for name in (*WITHOUT, ONLY_FEW) if name != "nothing")
"""What is missing of the first two extracts of each profile in turn."""
BENDS = np.array([-6, -4.5, -3, -1.5, 0, 1.5, 3, 4.5, 6, 9, 14, 20.0])
"""Weights at which a curve bends, in bits."""
STIFF = 0.3
"""How strongly a curve is held to a bit of odds for a bit of weight where few pairs say otherwise."""
RIDGE = 1.0
"""How strongly what a pair tells besides is held to nothing where few pairs say otherwise."""
WIDE = 4.0
"""Numbers that a fact is scaled to, so that all are held alike."""
MOST_FOR_ONE, OF_MISSING = 3.0, 0.12
"""Every profile counts as much as any other, by its pairs to review, but no pair for more than so many; an extract
without a column counts for so much of a profile."""
LEAST_LOG2 = -8.0
"""Odds below which nothing is said of a pair that was put to people: thousands of them could not prove it."""

Numbers = NDArray[np.float64]
Table = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """Banded pairs: weight, PairKind, whether clustering parted them, whether people review them and whether they are
    one person; told: a column for each level and each fact, those of FACTS last; counts: for how many pairs each
    stands."""

    weight_log2: Numbers
    kind: NDArray[np.uint8]
    parted: NDArray[np.bool_]
    review: NDArray[np.bool_]
    true: NDArray[np.bool_]
    told: Table
    counts: Numbers

    @classmethod
    def together(cls, parts: list[Seen]) -> Seen:
        """Return all pairs as one; at least one part."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__annotations__))


def seen(file: Path, truth: Path, without: str) -> tuple[Seen, list[str]]:
    """Return the banded pairs of a run over one extract, without some columns, and the names of their facts."""
    whole = pl.read_parquet(file).with_row_index("ID").cast(pl.String)
    few = [name for name in whole.columns if name not in ("ID", *FEW)]
    result = nikdedup.dedupe(whole.drop(few if without == ONLY_FEW else WITHOUT[without]), record_id="ID")
    run = result.run
    if result.understood is None:
        raise ValueError("a run of this process understands its records")
    matcher, place = matcher_of(
        result.understood,
        config=result.config,
        prior_log2=run["prior_log2"],
        match=run["estimate"].get("match"),
        confirmed_log2=run["thresholds"]["confirmed_log2"],
    )
    person = pl.read_parquet(truth)["true_person_id"]
    pairs = result.pairs.filter(pl.col("band").is_not_null()).select(
        "row_l", "row_r", "band", "weight_log2", "record_id_l", "record_id_r"
    )
    at = {row: position for position, row in enumerate(result.understood["row"].to_list())}
    left, right = (
        place[[at[row] for row in pairs[side].to_list()]].astype(np.int32) for side in ("row_l", "row_r")
    )
    compared, scored = matcher.score(left, right)
    told = Told.of(matcher.evidence, compared, scored, left, right)
    review = (pairs["band"] == "review").to_numpy() & (left != right)
    person_of = result.people.sort("row")["person_id"].rank("dense").to_numpy()[matcher.evidence.row]
    others = {name: np.zeros(len(left)) for name in FACTS}
    for name, of_reviewed in beside(matcher, left[review], right[review], person_of).items():
        others[name][review] = of_reviewed
    told = Told(told.levels, told.facts | others)
    same = person.gather(pairs["record_id_l"].cast(pl.UInt32)) == person.gather(
        pairs["record_id_r"].cast(pl.UInt32)
    )
    refused = {tuple(join[:2]) for join in run["refused"]["joins"]}
    parted = np.array([pair in refused for pair in pairs.select("row_l", "row_r").iter_rows()], np.bool_)
    pairs_seen = Seen(
        pairs["weight_log2"].to_numpy(),
        matcher.chances(compared, scored, left, right).kind,
        parted,
        review,
        same.to_numpy(),
        columns(told),
        np.ones(len(left)),
    )
    return pairs_seen, list(told.facts)


def columns(told: Told) -> Table:
    """Return a column for each level of each field, 1 where a pair has it, and one for each fact.

    A missing side tells what the facts say of it, where there are such facts.
    """
    levels = []
    for name, of_field in LEVEL_NAMES.items():
        having = np.eye(len(of_field), dtype=np.float32)
        having[0] *= name not in ABSENT
        levels.append(having[told.levels[name]])
    return np.column_stack([*levels, *told.facts.values()]).astype(np.float32)


@dataclass(frozen=True)
class Fitted:
    """curve: log2 odds at BENDS. bits: by how many each column moves them."""

    curve: Numbers
    bits: Numbers

    @classmethod
    def to(cls, pairs: Seen, some: NDArray[np.bool_], *, alone: bool = False) -> Fitted:
        """Return the rising curve and the bits under which the truth is likeliest. alone: the weight tells alone."""
        told = pairs.told[some, : 0 if alone else None]
        scale = np.maximum(np.abs(told).max(axis=0, initial=0) / WIDE, 1)
        at, told = _at_bends(pairs.weight_log2[some]), told / scale
        true, counts = pairs.true[some].astype(np.float64), pairs.counts[some]
        steps, bends = np.diff(BENDS), len(BENDS)

        def unlikely(x: Numbers) -> tuple[float, Numbers]:
            rise, bits = np.exp(x[1:bends]), x[bends:]
            curve = x[0] + np.concatenate([[0], np.cumsum(rise)])
            odds = (at @ curve.astype(np.float32) + told @ bits.astype(np.float32)) * np.log(2)
            loss = float((counts * (np.logaddexp(0, odds) - true * odds)).sum())
            loss += STIFF / 2 * float(((rise - steps) ** 2).sum()) + RIDGE / 2 * float((bits**2).sum())
            off = (counts * (1 / (1 + np.exp(-odds)) - true) * np.log(2)).astype(np.float32)
            beyond = np.cumsum((at.T @ off)[::-1])[::-1]
            to_curve = np.concatenate([beyond[:1], (beyond[1:] + STIFF * (rise - steps)) * rise])
            return loss, np.concatenate([to_curve, told.T @ off + RIDGE * bits]).astype(np.float64)

        begin = np.concatenate([BENDS[:1], np.log(steps), np.zeros(told.shape[1])])
        found = minimize(unlikely, begin, jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
        return cls(found[0] + np.concatenate([[0], np.cumsum(np.exp(found[1:bends]))]), found[bends:] / scale)


def _at_bends(weight_log2: Numbers) -> Table:
    """Return how near each weight lies to each bend: its share of the curve there."""
    low = np.clip(np.searchsorted(BENDS, weight_log2) - 1, 0, len(BENDS) - 2)
    share = np.clip((weight_log2 - BENDS[low]) / np.diff(BENDS)[low], 0, 1)
    rows = np.arange(len(low))
    parts = np.zeros((len(low), len(BENDS)), np.float32)
    parts[rows, low], parts[rows, low + 1] = 1 - share, share
    return parts


def weighted(parts: dict[tuple[str, int, str], Seen]) -> Seen:
    """Return all pairs as one. parts: by profile, seed and what is missing."""
    reviewed = {
        profile: sum(int(seen.review.sum()) for (of, _, w), seen in parts.items() if (of, w) == (profile, "nothing"))
        for profile, _, _ in parts
    }  # fmt: skip
    mean = float(np.mean(list(reviewed.values())))
    for (profile, _, without), one in parts.items():
        if without == "nothing":
            one.counts[:] = min(MOST_FOR_ONE, mean / max(reviewed[profile], 1))
        else:
            one.counts[:] = min(1.0, OF_MISSING * mean / max(int(one.review.sum()), 1))
    return Seen.together(list(parts.values()))


def table(pairs: Seen, facts: list[str]) -> str:
    """Return what decides of the table [calibration] of data/model.toml. facts: names of the last columns."""
    free, before = ~pairs.parted, replace(pairs, told=pairs.told[:, : -len(FACTS)])
    alone = {
        name: Fitted.to(pairs, free & (pairs.kind == kind), alone=True).curve
        for kind, name in enumerate(CURVES)
    }
    lines = [
        f"{TABLE}  # log2 odds that a pair is one person, by weight alone and kind: `python -m benchmarks.calibration`",
        f"weights_log2 = {_listed(BENDS)}",
        *(f"{name} = {_listed(np.maximum(odds, LEAST_LOG2))}" for name, odds in alone.items()),
        f"parted = {np.average(pairs.true[pairs.parted], weights=pairs.counts[pairs.parted]):.2f}  "
        "# chance of strong pairs that clustering keeps apart",
    ]
    for name, kinds in TOGETHER.items():
        fitted = Fitted.to(before, free & np.isin(pairs.kind, kinds))
        lines += _together(f"together.{name}", fitted, facts[: -len(FACTS)])
    return "\n".join(lines) + "\n\n"


def reviewed_table(pairs: Seen, facts: list[str]) -> str:
    """Return what the table [calibration] says of pairs to review, whatever clustering did to them."""
    lines: list[str] = []
    for name, kinds in TOGETHER.items():
        fitted = Fitted.to(pairs, pairs.review & np.isin(pairs.kind, kinds))
        lines += _together(f"reviewed.{name}", fitted, facts)
    return "\n".join(lines[1:]) + "\n"


def _together(name: str, fitted: Fitted, facts: list[str]) -> list[str]:
    """Return the lines of one table: the curve, the bits of each level of each field, and those of each fact."""
    lines = ["", f"[calibration.{name}]", f"curve = {_listed(fitted.curve)}"]
    first = 0
    for field, levels in LEVEL_NAMES.items():
        lines.append(f"{field} = {_listed(fitted.bits[first : first + len(levels)])}")
        first += len(levels)
    lines.append(f"[calibration.{name}.facts]")
    return lines + [f"{fact} = {bits:.3f}" for fact, bits in zip(facts, fitted.bits[first:], strict=True)]


def _listed(values: Numbers) -> str:
    return f"[{', '.join(f'{value:g}' for value in values.round(2) + 0.0)}]"


def main(arguments: list[str] | None = None) -> int:
    """Run every extract, fit curves and bits and write them into data/model.toml."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--no-write", action="store_true", help="print only")
    parser.add_argument(
        "--only-reviewed", action="store_true", help="leave the curves that decide as they are"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="records of each extract")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="instead of the usual ones")
    options = parser.parse_args(arguments)
    parts, facts = {}, []
    for profile in PROFILES:
        for seed in options.seeds:
            file, truth = extract(profile, options.rows, seed, folder=FOLDER)
            for without in ("nothing", *(MISSING if seed in options.seeds[:2] else ())):
                parts[profile, seed, without], facts = seen(file, truth, without)
                print(
                    f"{profile} {seed} without {without}: {len(parts[profile, seed, without].true):,}",
                    file=sys.stderr,
                )
    pairs = weighted(parts)
    text = reviewed_table(pairs, facts)
    text = text if options.only_reviewed else table(pairs, facts) + text
    print(text)
    if not options.no_write:
        model = MODEL.read_text(encoding="utf-8")
        kept = model[: model.index(REVIEWED if options.only_reviewed else TABLE)]
        MODEL.write_text(kept + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
