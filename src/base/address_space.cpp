#include "base/address_space.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

#include <string>

#include "vaec/error.hpp"

namespace vaec::base {

void check_address_space(std::uint64_t bytes, int threads) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  constexpr std::uint64_t kOwn = 64 << 20, kThread = 72 << 20;  // a heap and a stack, as glibc reserves them
  bytes += kOwn + static_cast<std::uint64_t>(threads) * kThread;
  void* const tried = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (tried == MAP_FAILED) {
    throw Error(ErrorCode::kLimit, "out of memory: it takes up to " + std::to_string((bytes >> 20) + 1) +
                                       " MiB more, which the process may not have (ulimit -v)");
  }
  munmap(tried, bytes);
}

}  // namespace vaec::base
