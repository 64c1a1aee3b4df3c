"""Which record of a person, or of those under one NIK, stays: the first by the order of its rule."""

from __future__ import annotations

import numpy as np
import polars as pl

from nikdedup.settle.facts import ORDER_KEYS, damaged, undamaged
from nikdedup.settle.policy import Policy, Rule

BEST = {"best_row": "row", "best_nik": "nik_clean", "best_kk": "no_kk_clean"}
"""What is asked of the record that stays, by column of the members."""


def survivors(members: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return unit, BEST and tied, whether others are as good, for the units whose rule has an order.

    members: sorted by unit, with its rule, and what ORDER_KEYS read.
    """
    own = pl.concat_str(pl.lit("row "), "row")
    read = members.select(
        *("unit", "rule", "key_order", *BEST.values()),
        *(key.alias(f"_{name}") for name, key in ORDER_KEYS.items()),
        pl.col("unit").rle_id().alias("_number"),
        damaged.not_().cast(pl.Int64).alias("_sound"),
        own.alias("_own"),
        pl.when(undamaged).then("nik_clean").otherwise(own).alias("_nik"),
    )
    of_rule = {name: rows for (name,), rows in read.partition_by("rule", as_dict=True).items()}
    asked = [rule for rule in policy.rules if rule.order and rule.name in of_rule]
    nobody = read.clear().select("unit", tied=pl.lit(False), **BEST)
    return pl.concat([nobody, *(_first_of(of_rule[rule.name], rule, policy) for rule in asked)])


def _first_of(members: pl.DataFrame, rule: Rule, policy: Policy) -> pl.DataFrame:
    """Return the first by its order keys of each unit of one rule.

    A damaged number never goes before a sound one, whatever else speaks for its record. Records under one NIK
    are no tie: whichever of them stays, the NIK does.
    """
    keys = ["_sound", *(f"_{key}" for key in policy.order_keys(rule))]
    down = [False, *[True] * len(keys), False]
    ranked = members.sort("_number", *keys, "key_order", descending=down, nulls_last=True)
    unit = ranked["_number"].to_numpy()
    first = np.flatnonzero(np.diff(unit, prepend=unit[:1] + 1))
    length = np.diff(first, append=len(unit))
    leading = ranked[np.repeat(first, length)]
    stays = "_nik" if rule.same_nik == "settle" else "_own"
    rival = (ranked[stays] != leading[stays]).to_numpy()
    for key in keys:
        rival &= ranked[key].eq_missing(leading[key]).to_numpy()
    tied = pl.Series("tied", np.logical_or.reduceat(rival, first))
    return ranked[first].select("unit", tied, **BEST)
