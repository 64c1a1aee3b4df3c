"""Fit how likely a pair of each weight is one person: `python -m benchmarks.calibration`.

Runs synthetic residents of three mixes of errors, whole and without the columns that change most what weights mean,
and fits a rising curve from weight to odds for each kind of pair. Writes the table [calibration] at the end of
data/model.toml.
Report on other seeds than these: `python -m benchmarks.accuracy` and `nikdedup evaluate` tell calibration errors.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

import nikdedup
from benchmarks.data import FOLDER, extract
from benchmarks.missing import WITHOUT
from nikdedup.match.explained import matcher_of
from nikdedup.match.score import PairKind
from nikdedup.match.score.calibration import CURVES

MODEL = Path(nikdedup.__file__).parent / "data" / "model.toml"
TABLE = "[calibration]"
FILES = tuple(
    (profile, 100_000, seed) for profile in ("murung-raya", "hard", "stranger") for seed in (5101, 5102, 5103)
) + tuple((profile, 300_000, 5201) for profile in ("murung-raya", "hard", "stranger"))
MISSING = ("nothing", "NIK", "mother")
"""What is missing of the smaller extracts in turn."""
BENDS = np.array([-6, -4.5, -3, -1.5, 0, 1.5, 3, 4.5, 6, 9, 14, 20.0])
"""Weights at which a curve bends, in bits."""
STIFF = 0.3
"""How strongly a curve is held to a bit of odds for a bit of weight where few pairs say otherwise."""
LEAST_LOG2 = -8.0
"""Odds below which nothing is said of a pair that was put to people: thousands of them could not prove it."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """Banded pairs: weight, PairKind, whether clustering parted them, and whether they are one person."""

    weight_log2: Numbers
    kind: NDArray[np.uint8]
    parted: NDArray[np.bool_]
    true: NDArray[np.bool_]

    @classmethod
    def together(cls, parts: list[Seen]) -> Seen:
        """Return all pairs as one; at least one part."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__annotations__))


def seen(file: Path, truth: Path, without: str) -> Seen:
    """Return the banded pairs of a run over one extract, without some columns."""
    whole = pl.read_parquet(file).with_row_index("ID").cast(pl.String)
    result = nikdedup.dedupe(whole.drop(WITHOUT[without]), record_id="ID")
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
    compared, _ = matcher.score(left, right)
    kind = matcher.kinds(compared, left, right)
    same = person.gather(pairs["record_id_l"].cast(pl.UInt32)) == person.gather(
        pairs["record_id_r"].cast(pl.UInt32)
    )
    strong = pairs["weight_log2"].to_numpy() >= run["thresholds"]["confirmed_log2"]
    parted = (pairs["band"] == "review").to_numpy() & strong & (kind < PairKind.HELD)
    return Seen(pairs["weight_log2"].to_numpy(), kind, parted, same.to_numpy())


def curve(weight_log2: Numbers, true: NDArray[np.bool_]) -> Numbers:
    """Return log2 odds at BENDS of the rising curve under which the truth is likeliest."""
    low = np.clip(np.searchsorted(BENDS, weight_log2) - 1, 0, len(BENDS) - 2)
    share = np.clip((weight_log2 - BENDS[low]) / np.diff(BENDS)[low], 0, 1)
    rows = np.arange(len(low))
    parts = np.zeros((len(low), len(BENDS)))
    parts[rows, low], parts[rows, low + 1] = 1 - share, share
    steps = np.diff(BENDS)

    def unlikely(x: Numbers) -> tuple[float, Numbers]:
        rise = np.exp(x[1:])
        odds = parts @ (x[0] + np.concatenate([[0], np.cumsum(rise)])) * np.log(2)
        loss = float((np.logaddexp(0, odds) - true * odds).sum() + STIFF / 2 * ((rise - steps) ** 2).sum())
        at_bend = parts.T @ ((1 / (1 + np.exp(-odds)) - true) * np.log(2))
        beyond = np.cumsum(at_bend[::-1])[::-1]
        return loss, np.concatenate([beyond[:1], (beyond[1:] + STIFF * (rise - steps)) * rise])

    begin = np.concatenate([BENDS[:1], np.log(steps)])
    found = minimize(unlikely, begin, jac=True, method="L-BFGS-B").x
    return np.maximum(found[0] + np.concatenate([[0], np.cumsum(np.exp(found[1:]))]), LEAST_LOG2)


def table(pairs: Seen) -> str:
    """Return the table [calibration] of data/model.toml."""
    fitted = {
        name: curve(pairs.weight_log2[some], pairs.true[some])
        for kind, name in enumerate(CURVES)
        for some in [(pairs.kind == kind) & ~pairs.parted]
    }
    lines = [
        f"{TABLE}  # log2 odds that a pair is one person, by weight and kind: `python -m benchmarks.calibration`",
        f"weights_log2 = {_listed(BENDS)}",
        *(f"{name} = {_listed(odds)}" for name, odds in fitted.items()),
        f"parted = {pairs.true[pairs.parted].mean():.2f}  # chance of strong pairs that clustering keeps apart",
    ]
    return "\n".join(lines) + "\n"


def _listed(values: Numbers) -> str:
    return f"[{', '.join(f'{value:g}' for value in values.round(2))}]"


def main(arguments: list[str] | None = None) -> int:
    """Run every extract, fit the curves and write them into data/model.toml."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args(arguments)
    parts = []
    for profile, rows, seed in FILES:
        file, truth = extract(profile, rows, seed, folder=FOLDER)
        for without in MISSING if rows == min(rows for _, rows, _ in FILES) else MISSING[:1]:
            parts.append(seen(file, truth, without))
            print(f"{profile} {rows:,} {seed} without {without}: {len(parts[-1].true):,}", file=sys.stderr)
    text = table(Seen.together(parts))
    print(text)
    if not options.no_write:
        model = MODEL.read_text(encoding="utf-8")
        MODEL.write_text(model[: model.index(TABLE)] + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
