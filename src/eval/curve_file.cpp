#include "eval/curve_file.hpp"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

using Json = nlohmann::ordered_json;  // what is written
using Parsed = nlohmann::json;        // what was read

constexpr std::size_t kMaxCurveBytes = std::size_t{64} << 20;  // 400,000 measured pictures

Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// Whole numbers without a decimal point.
Json quality(double value) {
  return value == std::rint(value) ? Json(static_cast<std::int64_t>(value)) : json_number(value);
}

// A missing or null number becomes NaN.
double number_at(const Parsed& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : kNone;
}

CurvePoint parse_point(const Parsed& object) {
  CurvePoint point;
  point.quality = number_at(object, "q");
  point.bpp = number_at(object, "bpp");
  point.psnr = number_at(object, "psnr");
  point.ms_ssim = number_at(object, "msssim");
  point.ssimulacra2 = number_at(object, "ssimulacra2");
  point.butteraugli = number_at(object, "butteraugli");
  point.encode_seconds = number_at(object, "enc_s");
  point.decode_seconds = number_at(object, "dec_s");
  for (const Parsed& image : object.value("per_image", Parsed::array())) {
    ImageResult result{.image = image.value("image", "")};
    result.bytes = image.value("bytes", std::uint64_t{0});
    result.bpp = number_at(image, "bpp");
    result.psnr = number_at(image, "psnr");
    result.ms_ssim = number_at(image, "msssim");
    result.ssimulacra2 = number_at(image, "ssimulacra2");
    result.butteraugli = number_at(image, "butteraugli");
    result.encode_seconds = number_at(image, "enc_s");
    result.decode_seconds = number_at(image, "dec_s");
    point.images.push_back(std::move(result));
  }
  return point;
}

std::vector<CurvePoint> parse_columns(const Parsed& columns) {
  const auto column = [&](const char* key) { return columns.value(key, std::vector<double>()); };
  const auto at = [](const std::vector<double>& values, std::size_t i) {
    return i < values.size() ? values[i] : kNone;
  };
  const auto bpp = columns.at("bpp").get<std::vector<double>>(), psnr = column("psnr"),
             ms_ssim = column("msssim"), ssimulacra2 = column("ssimulacra2");
  std::vector<CurvePoint> points;
  for (std::size_t i = 0; i < bpp.size(); ++i) {
    points.push_back(
        {.bpp = bpp[i], .psnr = at(psnr, i), .ms_ssim = at(ms_ssim, i), .ssimulacra2 = at(ssimulacra2, i)});
  }
  return points;
}

Json image_object(const ImageResult& image) {
  return {{"image", image.image},
          {"bytes", image.bytes},
          {"bpp", json_number(image.bpp)},
          {"psnr", json_number(image.psnr)},
          {"msssim", json_number(image.ms_ssim)},
          {"ssimulacra2", json_number(image.ssimulacra2)},
          {"butteraugli", json_number(image.butteraugli)},
          {"enc_s", json_number(image.encode_seconds)},
          {"dec_s", json_number(image.decode_seconds)}};
}

// A time too short to be measured gives no speed.
Json megapixels_a_second(double megapixels, double seconds) {
  return seconds > 0 ? json_number(megapixels / seconds) : Json(nullptr);
}

Json point_object(const CurvePoint& point, double megapixels) {
  return {{"q", quality(point.quality)},
          {"bpp", json_number(point.bpp)},
          {"psnr", json_number(point.psnr)},
          {"exact", point.exact},
          {"msssim", json_number(point.ms_ssim)},
          {"msssim_db", json_number(value_of(point, Metric::kMsSsim))},
          {"ssimulacra2", json_number(point.ssimulacra2)},
          {"butteraugli", json_number(point.butteraugli)},
          {"enc_s", json_number(point.encode_seconds)},
          {"dec_s", json_number(point.decode_seconds)},
          {"enc_mp_s", megapixels_a_second(megapixels, point.encode_seconds)},
          {"dec_mp_s", megapixels_a_second(megapixels, point.decode_seconds)}};
}

Json curve_object(const Curve& curve) {
  Json root;
  root["codec"] = curve.codec;
  root["command"] = curve.command;
  if (!curve.decode.empty()) root["decode"] = curve.decode;
  root["version"] = curve.version;
  root["q_is"] = curve.quality_is;
  root["images"] = curve.points.empty() ? 0 : curve.points.front().images.size();
  root["megapixels"] = curve.megapixels;
  root["points"] = Json::array();
  for (const CurvePoint& point : curve.points) {
    Json object = point_object(point, curve.megapixels);
    object["per_image"] = Json::array();
    for (const ImageResult& image : point.images) object["per_image"].push_back(image_object(image));
    root["points"].push_back(std::move(object));
  }
  return root;
}

Json bd_rate_object(const std::optional<BdRate>& result) {
  if (!result) return nullptr;
  return {{"percent", json_number(result->percent)}, {"low", result->low}, {"high", result->high}};
}

Json per_image_object(const std::optional<PerImage>& mean) {
  if (!mean) return nullptr;
  return {{"percent", json_number(mean->percent)}, {"images", mean->images}};
}

// What a metric and its BD-rate are called: in results, and in the lines of --json.
struct Keys {
  Metric metric;
  const char *name, *percent, *low, *high, *per_image;
};
constexpr Keys kKeys[] = {{Metric::kPsnr, "psnr", "bd_rate_percent", "psnr_low", "psnr_high", "per_image"},
                          {Metric::kMsSsim, "msssim", "msssim_bd_rate_percent", "msssim_db_low",
                           "msssim_db_high", "msssim_per_image"},
                          {Metric::kSsimulacra2, "ssimulacra2", "ssimulacra2_bd_rate_percent",
                           "ssimulacra2_low", "ssimulacra2_high", "ssimulacra2_per_image"},
                          {Metric::kButteraugli, "butteraugli", "butteraugli_bd_rate_percent",
                           "butteraugli_low", "butteraugli_high", "butteraugli_per_image"}};

Json comparison_object(const Comparison& comparison) {
  Json object = {{"against", comparison.against}};
  for (const Keys& keys : kKeys) {
    const OfMetric& found = comparison.by(keys.metric);
    object[keys.name] = bd_rate_object(found.rate);
    object[std::string("per_image_") + keys.name] = per_image_object(found.per_image);
  }
  return object;
}

// File names need not be UTF-8, JSON must be.
std::string dump(const Json& object, int indentation) {
  return object.dump(indentation, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const Results& results) {
  Json root = curve_object(results.curve);
  root["anchors"] = Json::array();
  for (const Curve& anchor : results.anchors) root["anchors"].push_back(curve_object(anchor));
  root["bd_rates"] = Json::array();
  for (const Comparison& comparison : results.comparisons)
    root["bd_rates"].push_back(comparison_object(comparison));
  return dump(root, 1) + "\n";
}

std::string to_json_line(const CurvePoint& point, const Curve& curve) {
  Json object = {{"codec", curve.codec}};
  object.update(point_object(point, curve.megapixels));
  object["images"] = point.images.size();
  return dump(object, -1);
}

std::string to_json_line(const Comparison& comparison) {
  Json object = {{"curve", comparison.against}};
  for (const Keys& keys : kKeys) {
    const OfMetric& found = comparison.by(keys.metric);
    object[keys.percent] = found.rate ? json_number(found.rate->percent) : Json(nullptr);
    object[keys.low] = found.rate ? json_number(found.rate->low) : Json(nullptr);
    object[keys.high] = found.rate ? json_number(found.rate->high) : Json(nullptr);
    object[keys.per_image] = per_image_object(found.per_image);
  }
  return dump(object, -1);
}

Curve parse_curve(const std::string& text, const std::string& name, const std::string& codec) {
  try {
    const Parsed root = base::parse_json(text, kMaxCurveBytes, ErrorCode::kUnreadable, name + ":");
    Curve curve;
    if (!root.contains("points") && root.contains(codec)) {
      curve.codec = codec;
      curve.points = parse_columns(root.at(codec));
      return curve;
    }
    curve.codec = root.value("codec", "");
    curve.command = root.value("command", "");
    curve.decode = root.value("decode", "");
    curve.version = root.value("version", "");
    curve.quality_is = root.value("q_is", "");
    curve.megapixels = root.value("megapixels", 0.0);
    for (const Parsed& point : root.at("points")) curve.points.push_back(parse_point(point));
    return curve;
  } catch (const Parsed::exception& error) {
    throw Error(ErrorCode::kUnreadable, name + ": is no rate-distortion curve: " + error.what());
  }
}

}  // namespace vaec::eval
