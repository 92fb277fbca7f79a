// What is tested before anything is allocated.
#pragma once

#include <cstdint>

#include "vaec/codec.hpp"

namespace vaec::codec {

// Throws Error kLimit.
void check_limits(std::uint32_t width, std::uint32_t height, const Limits& limits);

// An image whose members agree. Throws Error kUsage.
void check_image(const Image& image);

// Where the process has a limit of address space (`ulimit -v`): throws Error kLimit unless so many bytes, and
// what `threads` threads and the libraries take beside them, are left. Not every library survives to be told
// later.
void check_address_space(std::uint64_t bytes, int threads);

// Throws Error kUsage.
void check_effort(int effort);

}  // namespace vaec::codec
