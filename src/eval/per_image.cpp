#include "eval/per_image.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "eval/bd_rate.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

using CurvesByName = std::map<std::string, std::vector<CurvePoint>>;

CurvesByName curves_by_stem(const Curve& curve) {
  CurvesByName curves;
  for (const CurvePoint& point : curve.points) {
    for (const ImageResult& image : point.images) {
      CurvePoint own = {point.quality, image.bpp,         image.psnr,
                        image.ms_ssim, image.ssimulacra2, image.butteraugli};
      curves[std::filesystem::path(image.image).stem().string()].push_back(own);
    }
  }
  return curves;
}

// "kodim01" -> "1"; a name without a number at its end stays.
std::string final_number(const std::string& name) {
  auto at = name.find_last_not_of("0123456789");
  at = at == std::string::npos ? 0 : at + 1;
  at = std::min(name.find_first_not_of('0', at), name.size());
  return at < name.size() ? name.substr(at) : name;
}

// Renamed by their final numbers; nothing if two have the same.
std::optional<CurvesByName> by_number(const CurvesByName& curves) {
  CurvesByName renamed;
  for (const auto& [name, points] : curves) renamed[final_number(name)] = points;
  if (renamed.size() != curves.size()) return std::nullopt;
  return renamed;
}

std::optional<PerImage> mean_over(const CurvesByName& anchor, const CurvesByName& test, Metric metric) {
  PerImage mean;
  for (const auto& [name, points] : test) {
    const auto found = anchor.find(name);
    if (found == anchor.end()) continue;
    try {
      mean.percent += bd_rate(found->second, points, metric).percent;
      ++mean.images;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnreadable) throw;
    }
  }
  if (mean.images == 0) return std::nullopt;
  mean.percent /= static_cast<double>(mean.images);
  return mean;
}

}  // namespace

std::optional<PerImage> per_image_bd_rate(const Curve& anchor, const Curve& test, Metric metric) {
  const auto of_anchor = curves_by_stem(anchor), of_test = curves_by_stem(test);
  if (const auto mean = mean_over(of_anchor, of_test, metric)) return mean;
  const auto anchor_numbers = by_number(of_anchor), test_numbers = by_number(of_test);
  if (!anchor_numbers || !test_numbers) return std::nullopt;
  return mean_over(*anchor_numbers, *test_numbers, metric);
}

}  // namespace vaec::eval
