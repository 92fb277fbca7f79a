// JSON that comes from a file. nlohmann-json's functions recurse over a value and keep the last of two equal
// keys, so a hostile text is told before any value is made of it.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vaec/error.hpp"

namespace vaec::base {

// Levels of arrays and objects within one another: far more than any file of vaec has.
inline constexpr int kMaxJsonDepth = 16;

// Throws Error `code`, "WHAT ...": a text longer than `most` bytes, one that nests deeper than `depth`, that
// names a member twice, or that is no JSON (with the place). Whatever comes back can be copied, printed and
// destroyed on any stack.
[[nodiscard]] nlohmann::json parse_json(std::string_view text, std::size_t most, ErrorCode code,
                                        const std::string& what, int depth = kMaxJsonDepth);

}  // namespace vaec::base
