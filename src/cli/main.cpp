// The vaec program.
#include "cli/program.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // Buffers of a strip of rows are kept and used again; those of whole pictures go back to the system.
  constexpr int kLargestKept = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, 4 * kLargestKept);
#endif
  return vaec::cli::run_program(argc, argv);
}
