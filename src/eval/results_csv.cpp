#include "eval/results_csv.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "eval/csv.hpp"

namespace vaec::eval {
namespace {

std::string number(double value) {
  if (!std::isfinite(value)) return "";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

void add(const Curve& curve, std::string& table) {
  for (const CurvePoint& point : curve.points) {
    for (const ImageResult& image : point.images) {
      table += csv_quoted(curve.codec) + "," + number(point.quality) + "," + csv_quoted(image.image) + "," +
               std::to_string(image.bytes) + "," + number(image.bpp) + "," + number(image.psnr) + "," +
               number(image.ms_ssim) + "," + number(image.ssimulacra2) + "," + number(image.butteraugli) +
               "," + number(image.encode_seconds) + "," + number(image.decode_seconds) + "\n";
    }
  }
}

}  // namespace

std::string to_csv(const Results& results) {
  std::string table =
      "codec,quality,image,bytes,bpp,psnr,msssim,ssimulacra2,butteraugli,encode_seconds,decode_seconds\n";
  add(results.curve, table);
  for (const Curve& anchor : results.anchors) add(anchor, table);
  return table;
}

}  // namespace vaec::eval
