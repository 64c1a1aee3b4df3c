"""Who takes part, how each is started, up to which size, and how its answer is judged."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import ours, recordlinkage_peer, splink_peer, writing
from benchmarks.judge import judge_ours, judge_pairs

Command = Callable[[Path, Path], list[str]]
Judge = Callable[[Path, Path], dict[str, Any]]


@dataclass(frozen=True)
class Contestant:
    """`limit` is the largest number of rows it is given, `packages` what it needs beyond our own."""

    name: str
    title: str
    command: Command
    judge: Judge | None
    limit: int
    packages: tuple[str, ...] = ()


def _module(name: str, *options: str) -> Command:
    return lambda file, out: [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        f"benchmarks.{name}",
        str(file),
        str(out),
        *options,
    ]


def _judge_scored(own_probability: float) -> Judge:
    own = math.log2(own_probability / (1 - own_probability))
    return lambda out, truth: judge_pairs(out / "pairs.parquet", truth, own_threshold=own)


def _judge_run(out: Path, truth: Path) -> dict[str, Any]:
    return judge_ours(out, truth)


_SPLINK = _judge_scored(splink_peer.OWN_PROBABILITY)
_RECORDLINKAGE = _judge_scored(recordlinkage_peer.OWN_PROBABILITY)

CONTESTANTS = {
    one.name: one
    for one in (
        Contestant("ours", "nikdedup", ours.command, _judge_run, 100_000_000),
        Contestant("ours-one", "nikdedup, one thread", ours.command_one_thread, None, 100_000_000),
        Contestant("ours-full", "nikdedup, with report and workbook", ours.command_full, _judge_run, 100_000),
        Contestant("ours-written", "nikdedup, every file by itself", _module("writing"), writing.judge, 1_000_000),
        Contestant("splink", "Splink, tuned", _module("splink_peer"), _SPLINK, 1_000_000, ("splink",)),
        Contestant(
            "splink-lean", "Splink, leaner blocks", _module("splink_peer", "--lean"), _SPLINK, 1_000_000, ("splink",),
        ),
        Contestant(
            "splink-library", "Splink, NIK by library levels", _module("splink_peer", "--library"), _SPLINK,
            100_000, ("splink",),
        ),
        Contestant(
            "recordlinkage", "recordlinkage, ECM", _module("recordlinkage_peer"), _RECORDLINKAGE, 100_000,
            ("recordlinkage",),
        ),
        Contestant("floor", "floor: read and sort once", _module("floor"), None, 100_000_000),
    )
}  # fmt: skip
