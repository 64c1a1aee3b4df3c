"""Types of excel_cut_cy.pyx; excel_cut_py.py says what the function returns."""

import numpy as np
from numpy.typing import NDArray

def walked(scores: NDArray[np.float64], step: float) -> NDArray[np.float64]: ...
