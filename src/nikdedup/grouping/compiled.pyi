"""Types of compiled.pyx; plain.py says what each function returns."""

import numpy as np
from numpy.typing import NDArray

from nikdedup.grouping.plain import Places, Rows

def grouped(key: NDArray[np.int64]) -> tuple[Rows, Places, Places]: ...
def numbered(code: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], Places]: ...
