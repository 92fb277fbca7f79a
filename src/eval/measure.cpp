#include "eval/measure.hpp"

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "eval/ms_ssim.hpp"
#include "eval/psnr.hpp"
#include "eval/ssimulacra2.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {

namespace {

// What a codec gives back must be a picture of the original's size before it can count as measured.
void check_is_of(const Image& original, const Encoded& encoded, const Image& decoded,
                 const ImageCodec& codec) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorCode::kWrite, codec.description().name + " gave " + what);
  };
  if (encoded.file.empty()) fail("an empty file");
  const auto size_text = [](const Image& image) {
    return std::to_string(image.width) + "x" + std::to_string(image.height) + " with " +
           std::to_string(image.channels) + " channel(s) of " + std::to_string(image.bit_depth) + " bits";
  };
  if (size_text(decoded) != size_text(original) || decoded.samples.size() != original.samples.size())
    fail("a picture of " + size_text(decoded) + " back, the original has " + size_text(original));
}

}  // namespace

Coded measure(ImageCodec& codec, const Image& original, const std::string& name, double quality) {
  const Encoded encoded = codec.encode(original, quality);
  Decoded decoded = codec.decode(encoded.file, original.channels);
  check_is_of(original, encoded, decoded.image, codec);
  const double pixels = static_cast<double>(original.width) * original.height;
  ImageResult result{.image = name};
  result.bytes = encoded.file.size();
  result.bpp = 8 * static_cast<double>(encoded.file.size()) / pixels;
  result.psnr = psnr(original, decoded.image);
  result.ms_ssim = ms_ssim(original, decoded.image).value_or(kNone);
  result.ssimulacra2 = ssimulacra2(original, decoded.image).value_or(kNone);
  result.encode_seconds = encoded.seconds;
  result.decode_seconds = decoded.seconds;
  return {std::move(result), std::move(decoded.image)};
}

Curve empty_curve(const ImageCodec& codec, const std::vector<double>& qualities) {
  const CodecDescription about = codec.description();
  Curve curve{about.name, about.command, about.decode, about.version, about.quality_is};
  for (const double quality : qualities) curve.points.push_back({.quality = quality});
  return curve;
}

SizedQuality quality_for_bytes(ImageCodec& codec, const Image& image, double bytes) {
  const std::vector<double> qualities = codec.all_qualities();
  const double most = bytes * (1 + kBytesTolerance);
  std::map<std::size_t, std::size_t> sizes;  // by place in `qualities`; nothing is encoded twice
  const auto size_at = [&](std::size_t i) {
    if (!sizes.contains(i)) sizes[i] = codec.encode(image, qualities[i]).file.size();
    return static_cast<double>(sizes[i]);
  };
  // Bisection: what stands before `first` is known to fit, what stands from `last` on is not.
  std::size_t first = 0, last = qualities.size();
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    if (size_at(middle) <= most) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  std::size_t best = first == 0 ? 0 : first - 1;
  // The largest that fits may be above `bytes`, and one before it nearer.
  while (best > 0 && std::abs(size_at(best - 1) - bytes) < std::abs(size_at(best) - bytes)) --best;
  return {qualities[best], static_cast<std::size_t>(size_at(best))};
}

}  // namespace vaec::eval
