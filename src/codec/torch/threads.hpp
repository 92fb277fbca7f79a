// LibTorch's threads as those of the calling thread (vaec::set_threads).
#pragma once

#include <ATen/Parallel.h>
#include <omp.h>

namespace vaec::codec {

// LibTorch chooses a number of its own for each thread that first uses it, unless it is told.
inline void use_callers_threads() { at::set_num_threads(omp_get_max_threads()); }

}  // namespace vaec::codec
