"""The walk of excel_cut.py along a source in plain Python: what excel_cut_cy.pyx computes, where it is not compiled."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import numpy.typing as npt


def walked(scores: npt.NDArray[np.float64], step: float) -> npt.NDArray[np.float64]:
    """Return by how much the path ending inside a stretch leads the one ending outside, at each row."""

    def onward(lead: float, score: float) -> float:
        return max(-step, min(step, lead)) + score

    return np.array(list(accumulate(scores.tolist(), onward, initial=-step))[1:])
