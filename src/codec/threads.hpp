// OpenMP's number of threads, and a host's own.
#pragma once

#include <omp.h>

#include "base/cpu_count.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {

// OpenMP's number of threads in this thread, set for as long as this lives: each public function has one, so
// that its caller's own loops go on with what they had.
class OpenMpThreads {
 public:
  // 0: as many as there are processors that the process may use. Throws Error kUsage if it is negative.
  explicit OpenMpThreads(int threads) : before_(omp_get_max_threads()) {
    if (threads < 0) throw Error(ErrorCode::kUsage, "a number of threads must not be negative");
    omp_set_num_threads(threads > 0 ? threads : base::available_cpus());
  }
  OpenMpThreads(const OpenMpThreads&) = delete;
  OpenMpThreads& operator=(const OpenMpThreads&) = delete;
  ~OpenMpThreads() { omp_set_num_threads(before_); }

 private:
  int before_;
};

}  // namespace vaec::codec
