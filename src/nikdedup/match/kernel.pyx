# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
# distutils: language = c++
"""The innermost loops of the matcher, compiled: pairs of blocks, and the screen.

plain.py says the same in numpy and takes over where no compiler built this module; tests/match/test_pairing.py
and test_bound.py hold the two against each other, bit by bit. Every function lets go of the interpreter while
it works.
"""

import numpy as np

from nikdedup.match import bound_tables as tables
from nikdedup.match.dates import DEFAULT_YEARS

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport abs
from libc.string cimport memcpy
from libcpp.vector cimport vector

cdef extern from * nogil:
    """
    #include <cstdint>
    #if defined(_MSC_VER) && defined(_M_X64)
    #include <intrin.h>
    static inline int popcount(uint64_t x) { return (int)__popcnt64(x); }
    #elif defined(_MSC_VER)
    static inline int popcount(uint64_t x) { int n = 0; for (; x; x &= x - 1) ++n; return n; }
    #else
    static inline int popcount(uint64_t x) { return __builtin_popcountll(x); }
    #endif
    #if defined(__GNUC__)
    static inline void fetch(const void* p) { __builtin_prefetch(p); }
    #else
    static inline void fetch(const void*) {}
    #endif
    """
    int popcount(uint64_t) nogil
    void fetch(const void*) nogil  # ask for what will be read soon

cdef int AHEAD = 12  # pairs by which the records of a pair are asked for early


def pairs_of(
    const int32_t[::1] rows,
    const uint64_t[::1] letters,
    const uint8_t[::1] need,
    const int64_t[::1] at,
    const int64_t[::1] first,
    const int64_t[::1] stop,
):
    """Return the pairs of entry at[k] with the entries first[k] to stop[k] - 1, as plain.pairs_of does."""
    cdef vector[int32_t] left, right
    cdef Py_ssize_t k, j
    cdef int32_t row
    cdef uint64_t one
    cdef int shared, enough
    with nogil:
        for k in range(at.shape[0]):
            row, one, enough = rows[at[k]], letters[at[k]], need[at[k]]
            for j in range(first[k], stop[k]):
                shared = popcount(one & letters[j])
                if (shared >= enough or shared >= need[j]) and row != rows[j]:
                    left.push_back(row)
                    right.push_back(rows[j])
    return _int32(left), _int32(right)


# Places in a record and what two dates have to do with each other, as in bound_tables.py.
cdef enum:
    NAME, MOTHER, FATHER, KK, PLACE, ADDRESS, NIK, BIRTHS
cdef enum:
    EQUAL, CROSSED, SLIP, DEFAULT, APART, UNKNOWN
cdef uint32_t NO_DAY = 0x80000000

cdef struct Tables:
    const float* name_log2
    const uint8_t* whole

cdef struct Worth:  # bound_tables.WORTH
    float name, mother, father, place, address, birth
    int16_t year
    int8_t month, day
    int32_t default

assert tables.WORTH.itemsize == sizeof(Worth), "the compiled screen knows another table of worth"


def keeps(screen, const int32_t[::1] left, const int32_t[::1] right, float least, name_log2, bint together):
    """Return which pairs are worth comparing, as plain.keeps does."""
    e = screen.evidence
    cdef const uint64_t[:, ::1] records = screen.records
    cdef const uint8_t[::1] bytes_of_worth = screen.worth.view(np.uint8)
    cdef const Worth* worth = <const Worth*> &bytes_of_worth[0]
    cdef const float[::1] exact = np.empty(0, np.float32) if name_log2 is None else name_log2
    cdef const int64_t[::1] nik = e.nik
    cdef const uint8_t[::1] truncated = e.nik_truncated.view(np.uint8)
    cdef const float[::1] name_table = tables.NAME_TABLE, sibling_table = tables.SIBLING_TABLE
    cdef const float[::1] birth_table = tables.BIRTH_LOG2, sibling_birth = tables.SIBLING_LOG2
    cdef const uint8_t[::1] whole = tables.WHOLE.view(np.uint8)
    cdef float prior = screen.prior_log2, siblings = screen.siblings_log2
    cdef float weight, name
    cdef bint known = name_log2 is not None
    cdef int default_years = DEFAULT_YEARS
    cdef Py_ssize_t n = left.shape[0], i
    cdef int32_t l, r
    cdef int cell, other, birth
    cdef const uint64_t* a
    cdef const uint64_t* b
    cdef const Worth* one
    cdef const Worth* two
    cdef Tables by
    kept = np.zeros(n, np.bool_)
    cdef uint8_t[::1] into = kept.view(np.uint8)
    if n == 0:
        return kept
    by.name_log2, by.whole = &name_table[0], &whole[0]
    with nogil:
        for i in range(n):
            if i + AHEAD < n:
                fetch(&records[left[i + AHEAD], 0])
                fetch(&records[right[i + AHEAD], 0])
                fetch(&worth[left[i + AHEAD]])
                fetch(&worth[right[i + AHEAD]])
            l, r = left[i], right[i]
            a, b, one, two = &records[l, 0], &records[r, 0], &worth[l], &worth[r]
            if a[NIK] == b[NIK] and a[NIK] != 0:
                if (nik[l] >= 0 and nik[l] == nik[r]) or truncated[l] or truncated[r]:
                    into[i] = 1
                    continue
            name = _name(&by, a[NAME], b[NAME], one.name, two.name, &cell)
            weight = exact[i] if known else name
            weight += prior
            weight += _name(&by, a[MOTHER], b[MOTHER], one.mother, two.mother, &other)
            weight += _name(&by, a[FATHER], b[FATHER], one.father, two.father, &other)
            if a[KK] == b[KK] and a[KK] != 0:
                weight += 12
            weight += _says(a[PLACE], b[PLACE], one.place, -1)
            weight += _says(a[ADDRESS], b[ADDRESS], one.address, 1)
            if together:
                into[i] = weight + birth_table[EQUAL] >= least
                continue
            birth = _birth(a[BIRTHS], b[BIRTHS], one, two, default_years)
            weight += one.birth if birth == EQUAL else birth_table[birth]
            into[i] = weight >= least and siblings + sibling_birth[birth] + sibling_table[cell] >= least
    return kept


cdef inline float _name(
    const Tables* by, uint64_t a, uint64_t b, float rarity_a, float rarity_b, int* cell
) noexcept nogil:
    """What the share of letter pairs of two names says, in bits; cell: its place in the tables."""
    cdef int size_a = popcount(a), size_b = popcount(b)
    cdef int at = popcount(a & b) * 65 + (size_a if size_a < size_b else size_b)
    cdef float says = by.name_log2[at], rarer
    cell[0] = at
    if by.whole[at]:
        rarer = rarity_a if rarity_a < rarity_b else rarity_b
        if rarer > says:
            says = rarer
    return says


cdef inline float _says(uint64_t a, uint64_t b, float bits, float otherwise) noexcept nogil:
    if a == 0 or b == 0:
        return 0
    return bits if a == b else otherwise


cdef inline int _birth(
    uint64_t a, uint64_t b, const Worth* one, const Worth* two, int default_years
) noexcept nogil:
    cdef uint32_t birth_l = <uint32_t> (a >> 32), birth_r = <uint32_t> (b >> 32)
    cdef uint32_t nik_l = <uint32_t> a, nik_r = <uint32_t> b
    cdef int years
    if birth_l == NO_DAY or birth_r == NO_DAY:
        return UNKNOWN
    if birth_l == birth_r:
        return EQUAL
    if nik_l == birth_r or nik_r == birth_l:
        return CROSSED
    years = abs(one.year - two.year)
    if _slip(years, one.month, two.month, one.day, two.day, one.year, two.year):
        return SLIP
    if years == 0 or ((one.default or two.default) and years <= default_years):
        return DEFAULT
    return APART


cdef inline bint _slip(int years, int m1, int m2, int d1, int d2, int y1, int y2) noexcept nogil:
    """Whether two dates differ by a slip, see dates.date_slips."""
    cdef int apart = (years != 0) + (m1 != m2) + (d1 != d2)
    if years == 0 and m1 == d2 and d1 == m2:
        return True
    if years == 0 and abs(m1 - m2) == 1 and min(d1, d2) == 1 and max(d1, d2) >= 28:
        return True
    if apart != 1:
        return False
    if years != 0:
        return years <= 3 or years == 10 or _digits_apart(y1, y2, 4) == 1
    if d1 != d2:
        return abs(d1 - d2) <= 3 or _digits_apart(d1, d2, 2) == 1
    return _digits_apart(m1, m2, 2) == 1


cdef inline int _digits_apart(int a, int b, int places) noexcept nogil:
    """How many of the last digits of two numbers differ."""
    cdef int place, differ = 0
    for place in range(places):
        differ += a % 10 != b % 10
        a, b = a // 10, b // 10
    return differ


cdef object _int32(vector[int32_t]& values):
    out = np.empty(values.size(), np.int32)
    cdef int32_t[::1] into = out
    if values.size():
        memcpy(&into[0], values.data(), values.size() * sizeof(int32_t))
    return out
