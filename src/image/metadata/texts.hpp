// What files say of their pictures in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/format.hpp"
#include "image/metadata/xmp.hpp"

namespace vaec::image {

// Has XMP say what it has a place for and does not say yet, as long as its packet stays within so many bytes.
// Gives the keywords of the others.
[[nodiscard]] std::vector<std::string> tell_texts(Xmp& xmp, const std::vector<Text>& texts,
                                                  std::uint64_t most);

// "a, b, c and 5 more": fit to be printed.
[[nodiscard]] std::string list(const std::vector<std::string>& names);

}  // namespace vaec::image
