"""Types of keys_cy.pyx; keys.absorbed_in_numpy says what the function does."""

import numpy as np
from numpy.typing import NDArray

def absorbed(
    high: NDArray[np.uint64],
    low: NDArray[np.uint64],
    views: NDArray[np.uint8],
    buffers: list[NDArray[np.uint8]],
    bits: NDArray[np.uint8],
    first: int,
    column: int,
) -> None: ...
