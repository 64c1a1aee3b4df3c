# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
# distutils: language = c++
"""Grouping, compiled. grouping_py.py says the same in numpy; tests/columnar/test_grouping.py holds the two against each other."""

import numpy as np

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy
from libcpp.algorithm cimport sort
from libcpp.pair cimport pair
from libcpp.vector cimport vector

ctypedef pair[uint64_t, int32_t] Entry  # stirred key, row

EDITION = 2  # may_be_among and listed are new; see runtime.kernels.compiled

cdef uint64_t SPREAD = 0x9E3779B97F4A7C15
cdef Py_ssize_t BLOCK = 1 << 12  # codes mixed at a time, in the cache of a core
cdef int PARTITION = 1 << 13  # rows of a partition: its table stays in the cache of a core
cdef int SEEN_BITS = 15  # counters of a partition, a byte each: most keys that stand alone have one to themselves


cdef struct Column:
    const char* values
    Py_ssize_t width  # bytes of a value


def mixed(*codes):
    """Return one code of 63 bits for several, -1 where any is negative, as plain.mixed does."""
    cdef Py_ssize_t n = len(codes[0]), i, begin, end
    cdef vector[Column] columns
    cdef Column column
    cdef const uint8_t[::1] values
    cdef int64_t value
    kept = [np.ascontiguousarray(code) for code in codes]
    for code in kept:
        if code.dtype.kind != "i" or len(code) != n:
            raise TypeError("codes are arrays of signed integers of one length")
        if n:
            values = code.view(np.uint8)
            column.values, column.width = <const char*> &values[0], code.itemsize
            columns.push_back(column)
    out = np.zeros(n, np.int64)
    cdef int64_t[::1] into = out
    cdef vector[uint8_t] missing
    cdef uint64_t stirred
    with nogil:
        missing.resize(BLOCK)
        begin = 0
        while begin < n:
            end = min(begin + BLOCK, n)
            for i in range(end - begin):
                missing[i] = 0
            for column in columns:
                for i in range(begin, end):
                    value = _value(column, i)
                    missing[i - begin] |= value < 0
                    stirred = (<uint64_t> into[i] ^ <uint64_t> value) * SPREAD
                    into[i] = <int64_t> (stirred ^ (stirred >> 29))
            for i in range(begin, end):
                into[i] = -1 if missing[i - begin] else <int64_t> (<uint64_t> into[i] >> 1)
            begin = end
    return out


cdef inline int64_t _value(const Column& column, Py_ssize_t i) noexcept nogil:
    if column.width == 8:
        return (<const int64_t*> column.values)[i]
    if column.width == 4:
        return (<const int32_t*> column.values)[i]
    if column.width == 2:
        return (<const int16_t*> column.values)[i]
    return (<const int8_t*> column.values)[i]


def grouped(const int64_t[::1] key):
    """Return rows with equal keys side by side, and where each block of two or more begins and how long it is.

    key: n x int64; rows with a negative key belong to no block. Returns int32, int64 and int64 arrays, as
    plain.grouped does; blocks stand in the order of a hash of their key, rows inside them in their own.
    """
    cdef Py_ssize_t n = key.shape[0]
    members, room = np.empty(n, np.int32), np.empty(n, np.uint64)
    cdef int32_t[::1] into = members
    cdef uint64_t[::1] parted = room
    cdef vector[int64_t] starts, sizes
    cdef Py_ssize_t filled
    with nogil:
        filled = _group(key, parted, into, starts, sizes)
    return members[:filled].copy(), _int64(starts), _int64(sizes)


cdef Py_ssize_t _group(
    const int64_t[::1] key,
    uint64_t[::1] parted,
    int32_t[::1] into,
    vector[int64_t]& starts,
    vector[int64_t]& sizes,
) except -1 nogil:
    """parted: room for a number of each key, which has 32 bits of its hash above its row."""
    cdef Py_ssize_t n = key.shape[0], i, k, filled = 0
    cdef int bits = 0
    cdef uint64_t stirred
    while (n >> bits) > PARTITION:
        bits += 1
    cdef vector[Py_ssize_t] edge
    edge.resize((1 << bits) + 1)
    for i in range(n):
        if key[i] >= 0:
            edge[_top(<uint64_t> key[i] * SPREAD, bits) + 1] += 1
    for k in range(1 << bits):
        edge[k + 1] += edge[k]
    cdef vector[Py_ssize_t] at = edge
    for i in range(n):
        if key[i] >= 0:
            stirred = <uint64_t> key[i] * SPREAD
            k = _top(stirred, bits)
            parted[at[k]] = (stirred << bits) >> 32 << 32 | <uint64_t> i
            at[k] += 1
    cdef vector[Entry] entries, slotted
    cdef vector[int32_t] slot_edge
    cdef vector[uint8_t] seen
    for k in range(1 << bits):
        i = _not_alone(key, parted, edge[k], edge[k + 1], seen, entries)
        filled = _group_partition(
            entries.data(), i, bits, slotted, slot_edge, into, filled, starts, sizes
        )
    return filled


cdef inline Py_ssize_t _top(uint64_t stirred, int bits) noexcept nogil:
    return 0 if bits == 0 else <Py_ssize_t> (stirred >> (64 - bits))


cdef Py_ssize_t _not_alone(
    const int64_t[::1] key,
    uint64_t[::1] parted,
    Py_ssize_t begin,
    Py_ssize_t end,
    vector[uint8_t]& seen,
    vector[Entry]& entries,
) except -1 nogil:
    """Make entries of the keys of one partition, in their order, but for most that stand alone; return how many.

    Without a jump: the processor cannot foresee which of them do.
    """
    cdef Py_ssize_t i, kept = begin
    cdef int shift = 64 - SEEN_BITS
    cdef uint8_t* count
    cdef int32_t row
    seen.assign(1 << SEEN_BITS, 0)
    count = seen.data()
    for i in range(begin, end):
        count[parted[i] >> shift] += count[parted[i] >> shift] < 2
    for i in range(begin, end):
        parted[kept] = parted[i]
        kept += count[parted[i] >> shift] >> 1
    if <Py_ssize_t> entries.size() < kept - begin:
        entries.resize(kept - begin)
    for i in range(begin, kept):
        row = <int32_t> <uint32_t> parted[i]
        entries[i - begin] = Entry(<uint64_t> key[row] * SPREAD, row)
    return kept - begin


cdef Py_ssize_t _group_partition(
    Entry* entries,
    Py_ssize_t n,
    int above,
    vector[Entry]& slotted,
    vector[int32_t]& edge,
    int32_t[::1] into,
    Py_ssize_t filled,
    vector[int64_t]& starts,
    vector[int64_t]& sizes,
) except -1 nogil:
    """Put the entries of one partition in slots by the next bits of their hash, and equal keys of a slot in a row."""
    cdef int bits = 1
    while (1 << bits) < n:
        bits += 1
    cdef Py_ssize_t slots = 1 << bits, i, k, begin, end, run
    cdef int shift = 64 - bits
    edge.assign(slots + 1, 0)
    for i in range(n):
        edge[(entries[i].first << above) >> shift] += 1
    cdef int32_t total = 0, count
    for k in range(slots):
        count = edge[k]
        edge[k] = total
        total += count
    if <Py_ssize_t> slotted.size() < n:
        slotted.resize(n)
    for i in range(n):
        k = (entries[i].first << above) >> shift
        slotted[edge[k]] = entries[i]
        edge[k] += 1
    begin = 0
    for k in range(slots):
        end = edge[k]
        if end - begin >= 2:
            if not _all_equal(slotted.data() + begin, end - begin):
                sort(slotted.begin() + begin, slotted.begin() + end)
            while begin < end:
                run = begin + 1
                while run < end and slotted[run].first == slotted[begin].first:
                    run += 1
                if run - begin >= 2:
                    starts.push_back(filled)
                    sizes.push_back(run - begin)
                    for i in range(begin, run):
                        into[filled] = slotted[i].second
                        filled += 1
                begin = run
        begin = end
    return filled


cdef inline bint _all_equal(Entry* entries, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(1, n):
        if entries[i].first != entries[0].first:
            return False
    return True


def numbered(const uint64_t[::1] code):
    """Return for each code the place of its first row among all first rows, and those rows, as plain.numbered does."""
    cdef Py_ssize_t n = code.shape[0], i, slot
    cdef int bits = 10
    cdef uint64_t mask
    cdef uint32_t found = 0, held
    cdef vector[uint32_t] table  # number + 1 of the code in each slot, 0: free
    cdef vector[int64_t] first
    cdef vector[uint64_t] known
    number = np.empty(n, np.uint32)
    cdef uint32_t[::1] into = number
    with nogil:
        table.resize(1 << bits)
        mask = (1 << bits) - 1
        for i in range(n):
            slot = (code[i] * SPREAD) >> (64 - bits)
            while True:
                held = table[slot]
                if held == 0:
                    known.push_back(code[i])
                    first.push_back(i)
                    found += 1
                    table[slot] = found
                    into[i] = found - 1
                    if 2 * <Py_ssize_t> found > <Py_ssize_t> mask:
                        bits += 2
                        mask = ((<uint64_t> 1) << bits) - 1
                        _refill(table, known, bits)
                    break
                if known[held - 1] == code[i]:
                    into[i] = held - 1
                    break
                slot = (slot + 1) & mask
    return number, _int64(first)


cdef int _refill(vector[uint32_t]& table, vector[uint64_t]& known, int bits) except -1 nogil:
    """Put all known codes into a larger table."""
    cdef Py_ssize_t i, slot, mask = ((<Py_ssize_t> 1) << bits) - 1
    table.assign((<size_t> 1) << bits, 0)
    for i in range(<Py_ssize_t> known.size()):
        slot = (known[i] * SPREAD) >> (64 - bits)
        while table[slot] != 0:
            slot = (slot + 1) & mask
        table[slot] = <uint32_t> (i + 1)
    return 0


def may_be_among(const int64_t[::1] key, const int64_t[::1] others):
    """Return which keys may be among others, as plain.may_be_among does, from a bit for each place instead of a byte."""
    cdef Py_ssize_t n = key.shape[0], many = others.shape[0], i
    cdef int bits = max(int(many).bit_length() + 3, 10)
    cdef uint64_t mask = (<uint64_t> 1 << bits) - 1, place
    cdef vector[uint64_t] there
    may = np.empty(n, np.bool_)
    cdef uint8_t[::1] into = may.view(np.uint8)
    with nogil:
        there.resize((mask >> 6) + 1)
        for i in range(many):
            if others[i] >= 0:
                place = <uint64_t> others[i] & mask
                there[place >> 6] |= <uint64_t> 1 << (place & 63)
        for i in range(n):
            place = <uint64_t> key[i] & mask
            into[i] = (key[i] >= 0) & (there[place >> 6] >> (place & 63) & 1)
    return may


def listed(const uint32_t[::1] lists, const int64_t[::1] bounds, const int64_t[::1] values):
    """Return the values in the list of each row, and the row of each, as plain.listed does."""
    cdef Py_ssize_t n = lists.shape[0], i, total = 0, filled = 0
    cdef int64_t at
    with nogil:
        for i in range(n):
            total += bounds[lists[i] + 1] - bounds[lists[i]]
    held, rows = np.empty(total, np.int64), np.empty(total, np.int32)
    cdef int64_t[::1] into = held
    cdef int32_t[::1] row = rows
    with nogil:
        for i in range(n):
            for at in range(bounds[lists[i]], bounds[lists[i] + 1]):
                into[filled], row[filled] = values[at], <int32_t> i
                filled += 1
    return held, rows


cdef object _int64(vector[int64_t]& values):
    out = np.empty(values.size(), np.int64)
    cdef int64_t[::1] into = out
    if values.size():
        memcpy(&into[0], values.data(), values.size() * sizeof(int64_t))
    return out
