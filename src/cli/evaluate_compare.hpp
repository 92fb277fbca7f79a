// `vaec evaluate --compare`: one picture through several codecs at equal bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "eval/image_codec.hpp"
#include "vaec/image.hpp"

namespace vaec::cli {

struct CompareOptions {
  std::vector<std::string> names;  // of pictures, with or without extension
  double bpp = 0.3;
  std::vector<std::uint32_t> crop;  // x, y of the detail's corner; empty: where the picture varies most
};

// That one of `files` whose name is `name`. Throws Error kUsage if there is none, or more than one.
[[nodiscard]] std::filesystem::path picture_named(const std::string& name,
                                                  const std::vector<std::filesystem::path>& files);

// Original, vaec and every anchor side by side, a detail of each below. vaec's quality is the one nearest to
// `options.bpp`; the anchors' are those whose files are nearest to vaec's, at most 2% larger.
[[nodiscard]] Image compare_at_equal_bytes(const Image& original, eval::ImageCodec& vaec,
                                           const std::vector<std::unique_ptr<eval::ImageCodec>>& anchors,
                                           const CompareOptions& options);

}  // namespace vaec::cli
