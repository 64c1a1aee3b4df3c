# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
# distutils: language = c++
"""The comparison of names word by word, compiled.

names_py.py says the same in numpy and takes over where no compiler built this module;
tests/match/compare/test_names_compared.py holds the two against each other, bit by bit.
"""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy
from libcpp.vector cimport vector

from nikdedup.match.kernels.bits cimport fetch, popcount

from nikdedup.match.features import MOST_WORDS
from nikdedup.match.levels import NameLevel

cdef enum:
    ROOM = 6  # words of a name
    MOST_KIN = 2  # mother and father

assert MOST_WORDS == ROOM, "the compiled comparison has room for another number of words"

cdef uint8_t MISSING = NameLevel.MISSING, DIFFERENT = NameLevel.DIFFERENT, ONE_WORD = NameLevel.ONE_WORD
cdef uint8_t SIMILAR = NameLevel.SIMILAR, CLOSE = NameLevel.CLOSE
cdef uint8_t SAME_SOUND = NameLevel.SAME_SOUND, EQUAL = NameLevel.EQUAL

cdef struct Vocabulary:
    int64_t size
    const int32_t* sound
    const float* surprise
    const uint64_t* signature
    const uint32_t* alphabet
    const int32_t* consonants
    const int32_t* letters
    const uint8_t* initial
    const uint64_t* code

cdef struct Names:
    const uint32_t* name
    const int32_t* ids
    const int64_t* offsets
    const uint64_t* code

cdef struct Side:
    int64_t begin
    int count
    const int32_t* word  # ids of up to ROOM words
    bint heard[ROOM]  # whether the other name has a word of that sound

cdef enum:
    BATCH = 32  # pairs whose words are asked for together: one wait for memory instead of many

cdef struct Batch:
    Side left[BATCH]
    Side right[BATCH]


def likely_words(words, const int32_t[::1] left, const int32_t[::1] right):
    """Return the pairs of words worth comparing by letter, as names_py.likely_words does."""
    cdef Names names = _names(words)
    cdef Vocabulary v = _vocabulary(words.vocabulary)
    cdef vector[int64_t] codes
    cdef Batch batch
    cdef Side* a
    cdef Side* b
    cdef Py_ssize_t n = left.shape[0], begin, k
    cdef int i, j
    cdef int32_t lower, upper
    with nogil:
        begin = 0
        while begin < n:
            _look_up(&names, &left[begin], &right[begin], n - begin, &batch)
            for k in range(min(BATCH, n - begin)):
                a, b = &batch.left[k], &batch.right[k]
                _listen(&v, a, b)
                for i in range(a.count):
                    for j in range(b.count):
                        if not a.heard[i] and not b.heard[j] and _likely(&v, a.word[i], b.word[j]):
                            lower, upper = min(a.word[i], b.word[j]), max(a.word[i], b.word[j])
                            codes.push_back(lower * v.size + upper)
            begin += BATCH
    out = np.empty(codes.size(), np.int64)
    cdef int64_t[::1] into = out
    if codes.size():
        memcpy(&into[0], codes.data(), codes.size() * sizeof(int64_t))
    return out


def agreement(
    words,
    const int32_t[::1] left,
    const int32_t[::1] right,
    parents,
    const float[::1] bits_log2,
    const uint8_t[::1] firm,
):
    """Return level, shared and inherited bits of each pair of names, as names_py.agreement does."""
    cdef Names names = _names(words)
    cdef Vocabulary v = _vocabulary(words.vocabulary)
    cdef Names[MOST_KIN] kin
    cdef Batch[MOST_KIN + 1] batch
    cdef int families = len(parents)
    cdef Py_ssize_t n = left.shape[0], begin, k, at = 0
    cdef Side* a
    cdef Side* b
    cdef float[ROOM] slip_a, slip_b
    cdef bint[ROOM] sure_a, sure_b
    cdef float shared, own
    cdef int i, j
    assert families <= MOST_KIN
    for i in range(families):
        kin[i] = _names(parents[i])
    level = np.empty(n, np.uint8)
    shared_log2, inherited_log2 = np.zeros(n, np.float32), np.zeros(n, np.float32)
    cdef uint8_t[::1] levels = level
    cdef float[::1] share = shared_log2, inherit = inherited_log2
    with nogil:
        begin = 0
        while begin < n:
            for i in range(families):
                _look_up(&kin[i], &left[begin], &right[begin], n - begin, &batch[i])
            _look_up(&names, &left[begin], &right[begin], n - begin, &batch[MOST_KIN])
            for k in range(min(BATCH, n - begin)):
                a, b = &batch[MOST_KIN].left[k], &batch[MOST_KIN].right[k]
                _listen(&v, a, b)
                for i in range(ROOM):
                    slip_a[i] = slip_b[i] = 0
                    sure_a[i] = sure_b[i] = False
                for i in range(a.count):
                    for j in range(b.count):
                        if not a.heard[i] and not b.heard[j] and _likely(&v, a.word[i], b.word[j]):
                            slip_a[i], slip_b[j] = max(slip_a[i], bits_log2[at]), max(slip_b[j], bits_log2[at])
                            if firm[at]:
                                sure_a[i] = sure_b[j] = True
                            at += 1
                levels[begin + k] = _level(a, b, slip_a, slip_b, sure_a, sure_b)
                shared = min(_worth(&v, a, slip_a, NULL, NULL, 0, 0), _worth(&v, b, slip_b, NULL, NULL, 0, 0))
                own = shared
                if families and shared > 0:
                    own = min(
                        _worth(&v, a, slip_a, kin, batch, families, k),
                        _worth(&v, b, slip_b, kin, batch, families, k),
                    )
                share[begin + k], inherit[begin + k] = shared, shared - own
            begin += BATCH
    return level, shared_log2, inherited_log2


cdef inline void _look_up(
    const Names* names, const int32_t* left, const int32_t* right, Py_ssize_t many, Batch* batch
) noexcept nogil:
    """Find the words of up to BATCH pairs, step by step for all of them, each step's memory asked for in the last."""
    cdef Py_ssize_t k, n = min(many, BATCH)
    for k in range(n):
        fetch(&names.name[left[k]])
        fetch(&names.name[right[k]])
    for k in range(n):
        batch.left[k].begin, batch.right[k].begin = names.name[left[k]], names.name[right[k]]
        fetch(&names.offsets[batch.left[k].begin])
        fetch(&names.offsets[batch.right[k].begin])
    for k in range(n):
        _find(names, &batch.left[k])
        _find(names, &batch.right[k])


cdef inline void _find(const Names* names, Side* side) noexcept nogil:
    """Turn the number of a name into its words."""
    cdef int64_t begin = names.offsets[side.begin], count = names.offsets[side.begin + 1] - begin
    side.word = names.ids + begin
    side.count = <int> min(count, ROOM)
    fetch(side.word)


cdef inline void _listen(const Vocabulary* v, Side* a, Side* b) noexcept nogil:
    """Note which words of two names the other has by sound."""
    cdef int i, j
    for j in range(b.count):
        b.heard[j] = False
    for i in range(a.count):
        a.heard[i] = False
        for j in range(b.count):
            if v.sound[a.word[i]] == v.sound[b.word[j]]:
                a.heard[i] = b.heard[j] = True


cdef inline bint _likely(const Vocabulary* v, int32_t one, int32_t other) noexcept nogil:
    """Whether two words can be one misspelt or abbreviated, see names_py.common_letters."""
    cdef uint64_t first, second
    if min(v.letters[one], v.letters[other]) == 1:
        return v.initial[one] == v.initial[other]
    if popcount(v.alphabet[one] ^ v.alphabet[other]) <= 2:
        return True
    if v.consonants[one] == v.consonants[other] and v.consonants[one] >= 0:
        return True
    first, second = v.signature[one], v.signature[other]
    return popcount(first & second) * 3 >= min(popcount(first), popcount(second))


cdef inline uint8_t _level(
    const Side* a, const Side* b, const float* slip_a, const float* slip_b, const bint* sure_a, const bint* sure_b
) noexcept nogil:
    """Say how well two names agree, NameLevel, before they are read without blanks."""
    cdef int sounded_a = 0, sounded_b = 0, slipped_a = 0, slipped_b = 0, sounded, slipped, least, i
    cdef bint shorter_full, both_full, rough = False, mostly, alike = a.count == b.count
    if a.count == 0 or b.count == 0:
        return MISSING
    for i in range(a.count):
        sounded_a += a.heard[i]
        slipped_a += slip_a[i] > 0
        rough = rough or (slip_a[i] > 0 and not sure_a[i])
    for i in range(b.count):
        sounded_b += b.heard[i]
        slipped_b += slip_b[i] > 0
        rough = rough or (slip_b[i] > 0 and not sure_b[i])
    if alike:
        for i in range(a.count):
            alike = alike and a.word[i] == b.word[i]
    if alike:
        return EQUAL
    sounded, slipped, least = min(sounded_a, sounded_b), min(slipped_a, slipped_b), min(a.count, b.count)
    shorter_full = a.count == sounded_a + slipped_a or b.count == sounded_b + slipped_b
    both_full = a.count == sounded_a + slipped_a and b.count == sounded_b + slipped_b
    if both_full and slipped == 0 and sounded > 0 and a.count == b.count:
        return SAME_SOUND
    if sounded + slipped == 0:
        return DIFFERENT
    if shorter_full and (sounded > 0 or both_full) and not rough:
        return CLOSE
    mostly = (sounded + slipped) * 2 > least
    return SIMILAR if shorter_full or (mostly and least >= 2) else ONE_WORD


cdef inline float _worth(
    const Vocabulary* v, const Side* side, const float* slip, const Names* kin, const Batch* batch, int families,
    Py_ssize_t k
) noexcept nogil:
    """Sum up the bits of a name's words that agree; with kin, of those that no parent of either record has."""
    cdef float total = 0, surprise, word
    cdef int i, family
    cdef uint64_t code
    for i in range(side.count):
        surprise = v.surprise[side.word[i]]
        word = (surprise if side.heard[i] else 0) + min(surprise, slip[i])
        if families and word != 0:
            code = v.code[side.word[i]]
            for family in range(families):
                if _holds(&kin[family], &batch[family].left[k], code) or _holds(
                    &kin[family], &batch[family].right[k], code
                ):
                    word = 0
        total += word
    return total


cdef inline bint _holds(const Names* names, const Side* side, uint64_t code) noexcept nogil:
    """Whether a name has a word of this sound."""
    cdef int i
    for i in range(side.count):
        if names.code[side.word[i]] == code:
            return True
    return False


cdef Names _names(words):
    cdef const uint32_t[::1] name = words.name
    cdef const int32_t[::1] ids = words.ids
    cdef const int64_t[::1] offsets = words.offsets
    cdef const uint64_t[::1] code = words.vocabulary.sound_code
    cdef Names names
    names.name, names.ids, names.offsets, names.code = &name[0], &ids[0], &offsets[0], &code[0]
    return names


cdef Vocabulary _vocabulary(vocabulary):
    cdef const int32_t[::1] sound = vocabulary.skeleton, consonants = vocabulary.consonants
    cdef const int32_t[::1] letters = vocabulary.letters
    cdef const float[::1] surprise = vocabulary.surprise_log2
    cdef const uint64_t[::1] signature = vocabulary.signature, code = vocabulary.sound_code
    cdef const uint32_t[::1] alphabet = vocabulary.alphabet
    cdef const uint8_t[::1] initial = vocabulary.initial
    cdef Vocabulary v
    v.size = sound.shape[0]
    v.sound, v.consonants, v.letters, v.surprise = &sound[0], &consonants[0], &letters[0], &surprise[0]
    v.signature, v.alphabet, v.initial, v.code = &signature[0], &alphabet[0], &initial[0], &code[0]
    return v
