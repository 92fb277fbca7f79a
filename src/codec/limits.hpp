// What is tested before anything is allocated.
#pragma once

#include <cstdint>

#include "vaec/codec.hpp"

namespace vaec::codec {

// Throws Error kLimit.
void check_limits(std::uint32_t width, std::uint32_t height, const Limits& limits);

// An image whose members agree. Throws Error kUsage.
void check_image(const Image& image);

// Throws Error kUsage.
void check_effort(int effort);

}  // namespace vaec::codec
