// One picture through one codec.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eval/curve.hpp"
#include "eval/image_codec.hpp"

namespace vaec::eval {

// The result of coding a picture.
struct Coded {
  ImageResult result;
  Image image;  // as it was decoded
};

// Encodes and decodes `original`, called `name` in the result. Throws what the codec throws, and Error kWrite
// for an empty file or a picture of another size.
[[nodiscard]] Coded measure(ImageCodec& codec, const Image& original, const std::string& name,
                            double quality);

// A curve of `codec` with a point for each quality and no results yet.
[[nodiscard]] Curve empty_curve(const ImageCodec& codec, const std::vector<double>& qualities);

struct SizedQuality {
  double quality = 0;
  std::size_t bytes = 0;
};

// How far above the bytes that were asked for `quality_for_bytes` may go.
inline constexpr double kBytesTolerance = 0.02;

// The quality whose file of `image` is nearest to `bytes`, and not more than 2% above. If even the smallest
// file is larger: the quality of that one. Encodes about log2(number of qualities) times; takes it that files
// grow with the quality.
[[nodiscard]] SizedQuality quality_for_bytes(ImageCodec& codec, const Image& image, double bytes);

}  // namespace vaec::eval
