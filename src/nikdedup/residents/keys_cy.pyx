# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Cells into the running hashes of their records, compiled; `keys_py.absorb` says the same in numpy."""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memcpy
from libcpp.vector cimport vector

cdef uint64_t HIGH = 0x9E3779B97F4A7C15
cdef uint64_t LOW = 0xC2B2AE3D27D4EB4F
cdef Py_ssize_t VIEW = 16  # bytes of a view: length, then the letters, or four of them, buffer and place
cdef int32_t INSIDE = 12  # most letters that a view holds itself

EDITION = 2  # which cells are there is read from Arrow's bits; see runtime.kernels.compiled


def absorbed(
    uint64_t[::1] high,
    uint64_t[::1] low,
    const uint8_t[::1] views,
    list buffers,
    const uint8_t[::1] bits,
    Py_ssize_t first,
    uint64_t column,
):
    """Stir one cell of each record into `high` and `low`, in place; of one that is not there, nothing.

    views, buffers: n texts as Arrow's string views have them. bits: from `first` on, a bit for each text, 0 where it is
    not there; empty where all are. column: tells cells of one column from those of another.
    """
    cdef Py_ssize_t i, at, end, size
    cdef bint all_there = not bits.shape[0]
    cdef int32_t length, buffer, place
    cdef int byte
    cdef uint64_t a, b, word
    cdef const uint8_t* letters
    cdef const uint8_t[::1] each
    cdef vector[const uint8_t*] starts
    cdef vector[Py_ssize_t] sizes
    for each in buffers:
        starts.push_back(&each[0] if each.shape[0] else NULL)
        sizes.push_back(each.shape[0])
    with nogil:
        for i in range(high.shape[0]):
            if not (all_there or bits[(first + i) >> 3] >> ((first + i) & 7) & 1):
                continue
            memcpy(&length, &views[VIEW * i], 4)
            if length <= INSIDE:
                letters, size, at = &views[0], views.shape[0], VIEW * i + 4
            else:
                memcpy(&buffer, &views[VIEW * i + 8], 4)
                memcpy(&place, &views[VIEW * i + 12], 4)
                letters, size, at = starts[buffer], sizes[buffer], place
            end = at + length
            word = (column << 40) | <uint64_t> length
            a = (high[i] ^ word) * HIGH
            a ^= a >> 32
            b = (low[i] + word) * LOW
            b ^= b >> 29
            while at < end:
                word = 0
                if at + 8 <= size:
                    for byte in range(8):
                        word |= <uint64_t> letters[at + byte] << (8 * byte)
                    if end - at < 8:  # the letters behind are not of this cell
                        word &= (<uint64_t> 1 << (8 * (end - at))) - 1
                else:
                    for byte in range(<int> (end - at)):
                        word |= <uint64_t> letters[at + byte] << (8 * byte)
                at += 8
                a = (a ^ word) * HIGH
                a ^= a >> 32
                b = (b + word) * LOW
                b ^= b >> 29
            high[i] = a
            low[i] = b
