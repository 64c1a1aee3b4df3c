# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
# distutils: language = c++
"""The innermost loops of the matcher, compiled: pairs of blocks, and the screen.

pairs_py.py says the same in numpy and takes over where no compiler built this module; tests/match/block/test_pairs.py
and test_prefilter.py hold the two against each other, bit by bit. Every function lets go of the interpreter while
it works.
"""

import numpy as np

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport abs
from libc.string cimport memcpy
from libcpp.vector cimport vector

from nikdedup.match.kernels.bits cimport fetch, popcount

from nikdedup.match.kernels import prefilter_weights as tables
from nikdedup.match.features import DEFAULT_YEARS

EDITION = 2  # two weights of a name, and partial dates; see kernels.compiled

# Places in a record and what two dates have to do with each other, as in prefilter_weights.py.
cdef enum:
    NAME, MOTHER, FATHER, KK, PLACE, ADDRESS, NIK, BIRTHS
cdef enum:
    PAIRS = 65
cdef enum:
    EQUAL, CROSSED, SLIP, DEFAULT, PARTS, APART, UNKNOWN, KNOWN_PARTS, KNOWN_YEAR
cdef uint32_t NO_DAY = 0x80000000

cdef struct Worth:  # prefilter_weights.WORTH
    float name, mother, father, place, address, birth
    int16_t year
    int8_t month, day, default, sex
    int16_t spare

assert tables.WORTH.itemsize == sizeof(Worth), "the compiled screen knows another table of worth"
assert tables.PAIRS == PAIRS, "the compiled screen knows tables of another size"

cdef struct Screen:
    const uint64_t* records
    const Worth* worth
    const int64_t* nik
    const uint8_t* truncated
    const float* name_log2
    const float* sibling_log2
    const float* birth_log2
    const float* sibling_birth_log2
    const uint8_t* whole
    float prior, siblings, least, kk, sibling_kk, sibling_kk_differs, place_differs, address_differs
    float most_of_birth  # what no birth says more than
    bint together
    int default_years

cdef int AHEAD = 16  # entries, or pairs, by which records are asked for early
cdef enum:
    WAITING = 64  # pairs that have passed the gate and wait for their records


def block_pairs(
    const int32_t[::1] rows, const int64_t[::1] starts, middles, const int64_t[::1] stops, gate, sieve
):
    """Return the pairs inside of blocks that pass the gate and the sieve, as pairs_py.block_pairs does."""
    cdef const int64_t[::1] middle = starts if middles is None else middles
    cdef const uint64_t[::1] signature = np.zeros(1, np.uint64) if gate is None else gate.signature
    cdef const uint8_t[::1] needed = np.zeros(1, np.uint8) if gate is None else gate.need
    cdef const int32_t[::1] source = np.zeros(0, np.int32)
    cdef bint gated = gate is not None, sieved = sieve is not None, across = middles is not None, apart = False
    cdef Screen screen
    cdef vector[int32_t] left, right
    cdef vector[uint64_t] letters
    cdef vector[uint8_t] need
    cdef vector[Py_ssize_t] passed  # entries of the block that one of its entries meets at the gate
    cdef Py_ssize_t total = rows.shape[0], ahead = 0, k, i, j, first, n, met
    cdef int32_t[WAITING] ones, others
    cdef int waiting = 0
    cdef int32_t row, other
    cdef uint64_t one
    cdef int shared, enough
    if sieved:
        screen = _screen(sieve.screen, sieve.least_log2, sieve.together)
        if sieve.source is not None:
            source, apart = sieve.source, True
    with nogil:
        for k in range(starts.shape[0]):
            first = starts[k]
            n = stops[k] - first
            if <Py_ssize_t> letters.size() < n:
                letters.resize(n)
                need.resize(n)
                passed.resize(n)
            ahead = max(ahead, first)
            while ahead < min(first + n + AHEAD, total):
                row = rows[ahead]
                if gated:
                    fetch(&signature[row])
                    fetch(&needed[row])
                ahead += 1
            for i in range(n):
                letters[i] = signature[rows[first + i]] if gated else 0
                need[i] = needed[rows[first + i]] if gated else 0
            for i in range(middle[k] - first, n):
                row, one, enough = rows[first + i], letters[i], need[i]
                met = 0
                # Without a jump: the processor cannot foresee which of the pairs pass.
                for j in range(0 if across else i + 1, middle[k] - first if across else n):
                    shared = popcount(one & letters[j])
                    passed[met] = j
                    met += (shared >= enough) | (shared >= need[j])
                for j in range(met):
                    other = rows[first + passed[j]]
                    if row == other or (apart and source[row] == source[other]):
                        continue
                    if not sieved:
                        left.push_back(row)
                        right.push_back(other)
                        continue
                    fetch(&screen.records[8 * <Py_ssize_t> row])
                    fetch(&screen.worth[row])
                    fetch(&screen.records[8 * <Py_ssize_t> other])
                    fetch(&screen.worth[other])
                    ones[waiting], others[waiting] = row, other
                    waiting += 1
                    if waiting == WAITING:
                        _sift(&screen, ones, others, waiting, left, right)
                        waiting = 0
        if sieved:
            _sift(&screen, ones, others, waiting, left, right)
    return _int32(left), _int32(right)


cdef int _sift(
    const Screen* s, const int32_t* ones, const int32_t* others, int many, vector[int32_t]& left, vector[int32_t]& right
) except -1 nogil:
    """Put behind the pairs those of some more that are worth comparing."""
    cdef int k
    for k in range(many):
        if _keeps(s, ones[k], others[k], NULL, NULL):
            left.push_back(ones[k])
            right.push_back(others[k])
    return 0


def keeps(screen, const int32_t[::1] left, const int32_t[::1] right, float least, name_log2, kin_log2, bint together):
    """Return which pairs are worth comparing, as pairs_py.keeps does."""
    cdef const float[::1] exact = np.empty(0, np.float32) if name_log2 is None else name_log2
    cdef const float[::1] kin = np.empty(0, np.float32) if kin_log2 is None else kin_log2
    cdef bint known = name_log2 is not None and kin_log2 is not None
    cdef Py_ssize_t n = left.shape[0], i
    cdef Screen s = _screen(screen, least, together)
    kept = np.zeros(n, np.bool_)
    cdef uint8_t[::1] into = kept.view(np.uint8)
    with nogil:
        for i in range(n):
            if i + AHEAD < n:
                fetch(&s.records[8 * <Py_ssize_t> left[i + AHEAD]])
                fetch(&s.records[8 * <Py_ssize_t> right[i + AHEAD]])
                fetch(&s.worth[left[i + AHEAD]])
                fetch(&s.worth[right[i + AHEAD]])
            into[i] = _keeps(
                &s, left[i], right[i], &exact[i] if known else NULL, &kin[i] if known else NULL
            )
    return kept


cdef Screen _screen(screen, float least, bint together):
    e, log2 = screen.evidence, screen.weights
    cdef const uint64_t[:, ::1] records = screen.records
    cdef const uint8_t[::1] worth = screen.worth.view(np.uint8)
    cdef const int64_t[::1] nik = e.nik
    cdef const uint8_t[::1] truncated = e.nik_truncated.view(np.uint8), whole = log2.whole.view(np.uint8)
    cdef const float[::1] name = log2.name_log2, sibling = log2.sibling_name_log2
    cdef const float[::1] birth = log2.birth_log2, sibling_birth = log2.sibling_birth_log2
    cdef Screen s
    s.records, s.worth, s.nik, s.truncated = &records[0, 0], <const Worth*> &worth[0], &nik[0], &truncated[0]
    s.name_log2, s.sibling_log2, s.whole = &name[0], &sibling[0], &whole[0]
    s.birth_log2, s.sibling_birth_log2 = &birth[0], &sibling_birth[0]
    s.prior, s.siblings, s.least = screen.prior_log2, screen.siblings_log2, least
    s.kk, s.sibling_kk, s.sibling_kk_differs = screen.kk_log2, log2.sibling_kk_log2, log2.sibling_kk_differs_log2
    s.place_differs, s.address_differs = log2.place_differs_log2, log2.address_differs_log2
    s.together, s.default_years = together, DEFAULT_YEARS
    s.most_of_birth = log2.birth_log2.max()
    return s


cdef inline bint _keeps(
    const Screen* s, int32_t l, int32_t r, const float* exact, const float* kin
) noexcept nogil:
    """Whether a pair is worth comparing. exact, kin: the name's weights where they are known already."""
    cdef const uint64_t* a = s.records + 8 * <Py_ssize_t> l
    cdef const uint64_t* b = s.records + 8 * <Py_ssize_t> r
    cdef const Worth* one = s.worth + l
    cdef const Worth* two = s.worth + r
    cdef float name, weight, siblings
    cdef int cell, other, birth
    if a[NIK] == b[NIK] and a[NIK] != 0:
        if (s.nik[l] >= 0 and s.nik[l] == s.nik[r]) or s.truncated[l] or s.truncated[r]:
            return True
    name = _name(s, a[NAME], b[NAME], one.name, two.name, &cell)
    weight = name if exact == NULL else exact[0]
    weight += s.prior
    weight += _name(s, a[MOTHER], b[MOTHER], one.mother, two.mother, &other)
    weight += _name(s, a[FATHER], b[FATHER], one.father, two.father, &other)
    weight += _says(a[KK], b[KK], s.kk, 0)
    weight += _says(a[PLACE], b[PLACE], one.place, s.place_differs)
    weight += _says(a[ADDRESS], b[ADDRESS], one.address, s.address_differs)
    if s.together:
        return weight + s.birth_log2[EQUAL] >= s.least
    if weight + s.most_of_birth < s.least:
        return False
    birth = _birth(a[BIRTHS], b[BIRTHS], one, two, s.default_years)
    weight += one.birth if birth == EQUAL else s.birth_log2[birth]
    if weight < s.least:
        return False
    siblings = s.siblings + s.sibling_birth_log2[birth]
    siblings += s.sibling_log2[cell] if kin == NULL else kin[0]
    if a[KK] != 0 and b[KK] != 0:
        siblings += s.sibling_kk if a[KK] == b[KK] else s.sibling_kk_differs
    return siblings >= s.least


cdef inline float _name(
    const Screen* s, uint64_t a, uint64_t b, float rarity_a, float rarity_b, int* cell
) noexcept nogil:
    """What the share of letter pairs of two names says, in bits; cell: its place in the tables."""
    cdef int size_a = popcount(a), size_b = popcount(b)
    cdef int at = popcount(a & b) * PAIRS + (size_a if size_a < size_b else size_b)
    cdef float rarer = rarity_a if rarity_a < rarity_b else rarity_b
    cdef float[2] says  # without a jump, which the processor could not foresee
    says[0] = s.name_log2[at]
    says[1] = rarer if rarer > says[0] else says[0]
    cell[0] = at
    return says[s.whole[at]]


cdef inline float _says(uint64_t a, uint64_t b, float bits, float otherwise) noexcept nogil:
    """What two codes say, 0 where one is missing; without a jump."""
    cdef float[3] says
    says[0], says[1], says[2] = 0, otherwise, bits
    return says[((a != 0) & (b != 0)) * (1 + (a == b))]


cdef inline int _birth(
    uint64_t a, uint64_t b, const Worth* one, const Worth* two, int default_years
) noexcept nogil:
    cdef uint32_t birth_l = <uint32_t> (a >> 32), birth_r = <uint32_t> (b >> 32)
    cdef uint32_t nik_l = <uint32_t> a, nik_r = <uint32_t> b
    cdef int years, agree
    cdef bint dated = birth_l != NO_DAY and birth_r != NO_DAY
    cdef bint sex_differs = one.sex > 0 and two.sex > 0 and one.sex != two.sex
    cdef bint slip
    if dated and birth_l == birth_r:
        return EQUAL
    if not sex_differs and (
        (nik_l == birth_r and birth_r != NO_DAY) or (nik_r == birth_l and birth_l != NO_DAY)
    ):
        return CROSSED
    if not dated:
        return _undated(one, two, sex_differs)
    if sex_differs:
        return APART
    years = abs(one.year - two.year)
    slip = _slip(years, one.month, two.month, one.day, two.day, one.year, two.year)
    if one.default or two.default:
        return DEFAULT if years <= default_years or (slip and one.default and two.default) else APART
    if slip:
        return SLIP
    agree = (years == 0) + (one.month == two.month) + (one.day == two.day)
    return PARTS if years == 0 or agree == 2 else APART


cdef inline int _undated(const Worth* one, const Worth* two, bint sex_differs) noexcept nogil:
    """What the parts that are known of two dates, not both of them whole, have to do with each other."""
    cdef int years, agree
    cdef bint year_known = one.year >= 0 and two.year >= 0
    years = abs(one.year - two.year)
    if year_known and not (years <= 3 or years == 10 or _years_exchanged(one.year, two.year)):
        return APART
    if sex_differs or (year_known and years != 0) or _differ(one.month, two.month) or _differ(one.day, two.day):
        return UNKNOWN
    agree = year_known + (one.month >= 0 and one.month == two.month) + (one.day >= 0 and one.day == two.day)
    if agree >= 2:
        return KNOWN_PARTS
    return KNOWN_YEAR if year_known else UNKNOWN


cdef inline bint _differ(int a, int b) noexcept nogil:
    return a >= 0 and b >= 0 and a != b


cdef inline bint _slip(int years, int m1, int m2, int d1, int d2, int y1, int y2) noexcept nogil:
    """Whether two dates differ by a slip, see birth_dates.date_slips and digits_exchanged."""
    cdef int apart = (years != 0) + (m1 != m2) + (d1 != d2)
    if years == 0 and m1 == d2 and d1 == m2:
        return True
    if years == 0 and abs(m1 - m2) == 1 and min(d1, d2) == 1 and max(d1, d2) >= 28:
        return True
    if apart != 1:
        return False
    if years != 0:
        return years <= 3 or years == 10 or _digits_apart(y1, y2, 3) == 1 or _years_exchanged(y1, y2)
    if d1 != d2:
        return abs(d1 - d2) <= 3 or _digits_apart(d1, d2, 2) == 1 or _exchanged(d1, d2, 1)
    return _digits_apart(m1, m2, 2) == 1 or _exchanged(m1, m2, 1)


cdef inline bint _years_exchanged(int a, int b) noexcept nogil:
    return _exchanged(a, b, 1) or _exchanged(a, b, 10)


cdef inline bint _exchanged(int a, int b, int ten) noexcept nogil:
    """Whether the digits at `ten` and left of it stand exchanged, and all others are equal."""
    cdef int low = a // ten % 10, high = a // (10 * ten) % 10
    if a == b or a - b != 9 * ten * (high - low):
        return False
    return low == b // (10 * ten) % 10 and high == b // ten % 10


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
