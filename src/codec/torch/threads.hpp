// LibTorch's threads.
#pragma once

#include <ATen/Parallel.h>
#include <omp.h>

namespace vaec::codec {

// For a program that has no other user of LibTorch in it. To be called before anything else of LibTorch.
inline void use_threads(int threads) { at::set_num_threads(threads); }

// For a library: LibTorch computes with the number of threads that OpenMP has in the calling thread
// (codec/threads.hpp), and its own setting, which a host may have made, stays. A thread's first use of
// LibTorch would set OpenMP's number by that (one, with Debian's build), also for this program's loops.
inline void keep_callers_threads() {
  const int threads = omp_get_max_threads();
  (void)at::get_num_threads();
  omp_set_num_threads(threads);
}

}  // namespace vaec::codec
