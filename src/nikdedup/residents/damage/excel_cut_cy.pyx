# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The walk of excel_cut.py along a source, compiled; excel_cut_py.py says the same in Python."""

import numpy as np


def walked(const double[::1] scores, double step):
    """Return by how much the path ending inside a stretch leads the one ending outside, at each row."""
    cdef Py_ssize_t i
    cdef double lead = -step
    leads = np.empty(scores.shape[0])
    cdef double[::1] into = leads
    with nogil:
        for i in range(scores.shape[0]):
            lead = max(-step, min(step, lead)) + scores[i]
            into[i] = lead
    return leads
