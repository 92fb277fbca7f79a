// What the process may have of address space.
#pragma once

#include <cstdint>

namespace vaec::base {

// Where the process has a limit of address space (`ulimit -v`): throws Error kLimit unless so many bytes, and
// what `threads` threads and the libraries take beside them, are left.
// Not every library survives to be told later.
void check_address_space(std::uint64_t bytes, int threads);

}  // namespace vaec::base
