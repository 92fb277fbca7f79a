// Whether an output that is there is whole: vaec writes it as a whole or not at all, but whoever copied it may have
// been interrupted, or the disk was full.
#pragma once

#include <filesystem>

#include "vaec/options.hpp"

namespace vaec::cli {

// Looks at structure and checksum of a .vaec file, and whether a picture's end is there, without decoding it. What is
// neither is somebody's own and left alone, unless it is empty or begins with zeros, as after a power cut.
// Throws Error kInterrupted.
[[nodiscard]] bool is_whole_output(const std::filesystem::path& file, const Limits& limits);

}  // namespace vaec::cli
