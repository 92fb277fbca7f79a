#include "eval/curve_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// Whole numbers without a decimal point.
Json quality(double value) {
  return value == std::rint(value) ? Json(static_cast<std::int64_t>(value)) : number(value);
}

// A missing or null number is not a number.
double number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

CurvePoint parse_point(const Json& object) {
  CurvePoint point;
  point.quality = number_at(object, "q");
  point.bpp = number_at(object, "bpp");
  point.psnr = number_at(object, "psnr");
  point.encode_seconds = number_at(object, "enc_s");
  point.decode_seconds = number_at(object, "dec_s");
  for (const Json& image : object.value("per_image", Json::array())) {
    point.images.push_back({image.value("image", ""), number_at(image, "bpp"), number_at(image, "psnr")});
  }
  return point;
}

std::vector<CurvePoint> parse_columns(const Json& columns) {
  const auto bpp = columns.at("bpp").get<std::vector<double>>();
  const auto psnr = columns.at("psnr").get<std::vector<double>>();
  std::vector<CurvePoint> points;
  for (std::size_t i = 0; i < std::min(bpp.size(), psnr.size()); ++i)
    points.push_back({0, bpp[i], psnr[i], 0, 0, {}});
  return points;
}

}  // namespace

std::string to_json(const Curve& curve) {
  Json root;
  root["codec"] = curve.codec;
  root["command"] = curve.command;
  root["version"] = curve.version;
  root["q_is"] = curve.quality_is;
  root["images"] = curve.points.empty() ? 0 : curve.points.front().images.size();
  root["megapixels"] = curve.megapixels;
  root["points"] = Json::array();
  for (const CurvePoint& point : curve.points) {
    Json images = Json::array();
    for (const ImageResult& image : point.images) {
      images.push_back({{"image", image.image}, {"bpp", number(image.bpp)}, {"psnr", number(image.psnr)}});
    }
    root["points"].push_back({{"q", quality(point.quality)},
                              {"bpp", number(point.bpp)},
                              {"psnr", number(point.psnr)},
                              {"enc_s", number(point.encode_seconds)},
                              {"dec_s", number(point.decode_seconds)},
                              {"per_image", std::move(images)}});
  }
  return root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Curve parse_curve(const std::string& text, const std::string& name, const std::string& codec) {
  try {
    const Json root = Json::parse(text);
    Curve curve;
    if (!root.contains("points") && root.contains(codec)) {
      curve.codec = codec;
      curve.points = parse_columns(root.at(codec));
      return curve;
    }
    curve.codec = root.value("codec", "");
    curve.command = root.value("command", "");
    curve.version = root.value("version", "");
    curve.quality_is = root.value("q_is", "");
    curve.megapixels = root.value("megapixels", 0.0);
    for (const Json& point : root.at("points")) curve.points.push_back(parse_point(point));
    return curve;
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::kUnreadable, name + ": is no rate-distortion curve: " + error.what());
  }
}

}  // namespace vaec::eval
