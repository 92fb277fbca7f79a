// The vaec program.
#include "cli/program.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // The networks ask for the same large blocks again and again: keep them, rather than fetch fresh pages each
  // time.
  constexpr int kLargest = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
  return vaec::cli::run_program(argc, argv);
}
