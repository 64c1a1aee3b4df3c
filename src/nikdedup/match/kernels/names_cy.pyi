"""Types of names_cy.pyx; names_py.py says what each function does."""

import numpy as np
from numpy.typing import NDArray

from nikdedup.match.features.name_index import Words

def likely_words(words: Words, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int64]: ...
def agreement(
    words: Words,
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    parents: tuple[Words, ...],
    bits_log2: NDArray[np.float32],
    firm: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]: ...
