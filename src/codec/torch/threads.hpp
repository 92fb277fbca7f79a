// LibTorch's threads as those of the calling thread (vaec::set_threads).
#pragma once

#include <ATen/Parallel.h>
#include <omp.h>

namespace vaec::codec {

// To be called before anything else of LibTorch: a thread's first use of it sets that thread's number (one,
// with Debian's build), for OpenMP in this program too, unless it has been told.
inline void use_threads(int threads) { at::set_num_threads(threads); }
inline void use_callers_threads() { use_threads(omp_get_max_threads()); }

}  // namespace vaec::codec
