#include "cli/evaluate_compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>

#include "base/interrupt.hpp"
#include "eval/measure.hpp"
#include "image/comparison.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

std::string caption(const std::string& codec, double quality, const eval::ImageResult& result) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "%s %g: %.3f bpp, %.2f dB", codec.c_str(), quality, result.bpp,
                result.psnr);
  if (!std::isfinite(result.ssimulacra2)) return text.data();
  std::array<char, 32> score{};
  std::snprintf(score.data(), score.size(), ", SSIMULACRA2 %.1f", result.ssimulacra2);
  return std::string(text.data()) + score.data();
}

}  // namespace

fs::path picture_named(const std::string& name, const std::vector<fs::path>& files) {
  std::vector<fs::path> found;
  std::copy_if(files.begin(), files.end(), std::back_inserter(found), [&](const fs::path& file) {
    return file.filename().string() == name || file.stem().string() == name;
  });
  if (found.size() == 1) return found.front();
  throw Error(ErrorCode::kUsage,
              "--compare " + name + ": " +
                  (found.empty() ? "no picture has that name" : "more than one picture has that name"));
}

Image compare_at_equal_bytes(const Image& original, eval::ImageCodec& vaec,
                             const std::vector<std::unique_ptr<eval::ImageCodec>>& anchors,
                             const CompareOptions& options) {
  std::vector<image::ComparedImage> images = {{"original", original}};
  const auto add = [&](eval::ImageCodec& codec, double bytes) {
    base::throw_if_interrupted();
    const double quality = eval::quality_for_bytes(codec, original, bytes).quality;
    eval::Coded coded = eval::measure(codec, original, "", quality);
    images.push_back({caption(codec.description().name, quality, coded.result), std::move(coded.image)});
    return static_cast<double>(coded.result.bytes);
  };
  const double pixels = static_cast<double>(original.width) * original.height;
  const double bytes = add(vaec, options.bpp * pixels / 8);
  for (const auto& anchor : anchors) add(*anchor, bytes);
  const image::Rectangle detail = options.crop.size() == 2
                                      ? image::detail_at(original, options.crop[0], options.crop[1])
                                      : image::busiest_detail(original);
  return image::comparison(images, detail);
}

}  // namespace vaec::cli
