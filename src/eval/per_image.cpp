#include "eval/per_image.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "eval/bd_rate.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

using CurvesByName = std::map<std::string, std::vector<CurvePoint>>;

// `name_of(place)` of each picture, by its place among its point's.
template <typename NameOf>
CurvesByName curves_by(const Curve& curve, const NameOf& name_of) {
  CurvesByName curves;
  for (const CurvePoint& point : curve.points) {
    for (std::size_t place = 0; place < point.images.size(); ++place) {
      const ImageResult& image = point.images[place];
      CurvePoint own = {point.quality, image.bpp,         image.psnr,
                        image.ms_ssim, image.ssimulacra2, image.butteraugli};
      curves[name_of(point, place)].push_back(own);
    }
  }
  return curves;
}

CurvesByName curves_by_place(const Curve& curve) {
  return curves_by(curve, [](const CurvePoint&, std::size_t place) { return std::to_string(place); });
}

std::string stem_of(const ImageResult& image) { return std::filesystem::path(image.image).stem().string(); }

CurvesByName curves_by_stem(const Curve& curve) {
  for (const CurvePoint& point : curve.points) {
    std::set<std::string> stems;
    for (const ImageResult& image : point.images) {
      if (stems.insert(stem_of(image)).second) continue;
      throw Error(ErrorCode::kUnreadable, "two pictures are called " + stem_of(image) +
                                              ": which is which in another curve is not known");
    }
  }
  return curves_by(curve,
                   [](const CurvePoint& point, std::size_t place) { return stem_of(point.images[place]); });
}

// Whether all points are of the same pictures in the same order.
bool have_the_same_pictures(const Curve& a, const Curve& b) {
  if (a.points.empty() || b.points.empty()) return false;
  const auto& first = a.points.front().images;
  const auto is_first = [&](const CurvePoint& point) {
    return std::equal(point.images.begin(), point.images.end(), first.begin(), first.end(),
                      [](const auto& x, const auto& y) { return x.image == y.image; });
  };
  return std::all_of(a.points.begin(), a.points.end(), is_first) &&
         std::all_of(b.points.begin(), b.points.end(), is_first);
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
  if (have_the_same_pictures(anchor, test))
    return mean_over(curves_by_place(anchor), curves_by_place(test), metric);
  const auto of_anchor = curves_by_stem(anchor), of_test = curves_by_stem(test);
  if (const auto mean = mean_over(of_anchor, of_test, metric)) return mean;
  const auto anchor_numbers = by_number(of_anchor), test_numbers = by_number(of_test);
  if (!anchor_numbers || !test_numbers) return std::nullopt;
  return mean_over(*anchor_numbers, *test_numbers, metric);
}

}  // namespace vaec::eval
