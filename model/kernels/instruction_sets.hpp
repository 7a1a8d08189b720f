// Functions compiled for several instruction sets, so that a portable binary is fast.
#pragma once

// Sanitizers instrument the resolvers that target_clones makes, which run before their runtime; HLS tools know
// no instruction sets.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define M3SIM_CLONES __attribute__((target_clones("default", "avx2", "avx512f"), optimize("O3")))
#else
#define M3SIM_CLONES
#endif
