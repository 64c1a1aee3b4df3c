"""What the compiled loops ask of the processor itself: set bits counted, memory asked for early."""

from libc.stdint cimport uint64_t

cdef extern from * nogil:
    """
    #ifndef NIKDEDUP_BITS
    #define NIKDEDUP_BITS
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
    #endif
    """
    int popcount(uint64_t) nogil
    void fetch(const void*) nogil  # ask for what will be read soon
