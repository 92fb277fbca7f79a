// Whether an output that is there is whole: vaec writes it as a whole or not at all, but whoever copied it may have
// been interrupted, or the disk was full.
#pragma once

#include <filesystem>

#include "vaec/options.hpp"

namespace vaec::cli {

enum class OutputState {
  kWhole,
  kBroken,   // begins as an output does and ends too early; or it is empty, or zeros, as after a power cut
  kForeign,  // somebody's own, or a later version's
};

// Looks at structure and checksum of a .vaec file, and whether a picture's end is there, without decoding it.
// Throws Error kInterrupted.
[[nodiscard]] OutputState look_at_output(const std::filesystem::path& file, const Limits& limits);

}  // namespace vaec::cli
