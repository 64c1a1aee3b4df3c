"""Which nodes of a graph hang together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Nodes = NDArray[np.int64]


def components(nodes: int, left: NDArray[np.integer], right: NDArray[np.integer]) -> Nodes:
    """Return for each of the nodes 0..nodes-1 the smallest node that the edges (left[k], right[k]) tie it to.

    Every round, each node looks up to the smallest node it has heard of, and that one's own; the rounds grow
    with the logarithm of the longest chain.

    >>> components(5, np.array([3, 4]), np.array([1, 3])).tolist()
    [0, 1, 2, 1, 1]
    """
    least = np.arange(nodes)
    while True:
        one, other = least[left], least[right]
        apart = one != other
        if not apart.any():
            return least
        np.minimum.at(least, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
        while (least[least] != least).any():
            least = least[least]
