// Vectors of floats that fill a register, and whether there are kernels for what an x86 processor has of them.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define ONECYCLE_X86
#include <immintrin.h>
#endif

typedef float Floats4 __attribute__((vector_size(16)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef float Floats16 __attribute__((vector_size(64)));
