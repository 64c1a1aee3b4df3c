"""Two records of a small register, judged: weight, relation, band, the rules that hold them, parts of the weight."""

from __future__ import annotations

import numpy as np

from nikdedup.config import Config
from nikdedup.match.pipeline import Matcher
from nikdedup.match.score import vetoes
from tests.match.registry import evidence, nik


def pair_of_first_two():
    return np.array([0], np.int32), np.array([1], np.int32)


def judge(one, other, *crowd):
    """Return weight, relation, band and the pair's vetoes from the first two of a small register."""
    e = evidence(one, other, *crowd)
    left, right = pair_of_first_two()
    matcher = Matcher.of(e, Config())
    compared, scored, bands = matcher.judge(left, right)
    against = {name for name, hit in vetoes(e, compared, left, right).items() if hit[0]}
    return float(scored.weight_log2[0]), str(scored.relation[0]), str(bands[0]), against, scored


HANDOKO = {
    "name": "HANDOKO LESMANA",
    "sex": "L",
    "born": "1980-03-17",
    "mother": "SUKINEM",
    "nik": nik("1980-03-17"),
    "kk": "6212010101159001",
}
FAR_NIK = {"nik": nik("1980-03-17", 9003, region="621305"), "kk": None}
CROWD = [
    {"name": f"WARGA {chr(65 + i)}U", "born": f"19{50 + i}-06-11", "mother": f"IBU {chr(65 + i)}I"}
    for i in range(26)
]
