// Rows shared out among the calling thread's OpenMP threads, a few at a time.
#pragma once

#include <algorithm>
#include <exception>

namespace vaec::infer {

// Calls use(first, count) for pieces of the rows first..end - 1, of `height` rows but for the last, on several threads at
// the same time. The first exception is thrown again when all have ended.
template <typename Use>
void for_row_pieces(int first, int end, int height, const Use& use) {
  const int pieces = (end - first + height - 1) / height;
  std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic) if (pieces > 1)
  for (int piece = 0; piece < pieces; ++piece) {
    try {
      const int begin = first + piece * height;
      use(begin, std::min(height, end - begin));
    } catch (...) {
#pragma omp critical(vaec_row_pieces)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace vaec::infer
