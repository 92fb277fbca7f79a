#include "cli/evaluate_print.hpp"

#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <optional>
#include <string>

#include "cli/streams.hpp"
#include "eval/curve_file.hpp"

namespace vaec::cli {
namespace {

__attribute__((format(printf, 1, 2))) std::string format(const char* pattern, ...) {
  std::array<char, 256> text{};
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text.data(), text.size(), pattern, arguments);
  va_end(arguments);
  return text.data();
}

// Right-aligned; a dash for a value that there is none of.
std::string cell(int width, int decimals, double value) {
  return std::isnan(value) ? format("%*s", width, "-") : format("%*.*f", width, decimals, value);
}

void print_rows(const eval::Curve& curve, bool has_butteraugli) {
  for (const eval::CurvePoint& point : curve.points) {
    print_line(format("%-9s %5g", curve.codec.c_str(), point.quality) + cell(9, 4, point.bpp) +
               cell(9, 3, point.psnr) + cell(10, 5, point.ms_ssim) +
               cell(9, 3, eval::value_of(point, eval::Metric::kMsSsim)) + cell(13, 3, point.ssimulacra2) +
               (has_butteraugli ? cell(13, 3, point.butteraugli) : "") +
               cell(9, 2, curve.megapixels / point.encode_seconds) +
               cell(9, 2, curve.megapixels / point.decode_seconds));
  }
}

// PSNR is infinite where a picture came back as it was.
void print_exact(const eval::Curve& curve) {
  for (const eval::CurvePoint& point : curve.points) {
    if (point.exact == 0) continue;
    print_line(format("%s %g: %zu of %zu pictures exact", curve.codec.c_str(), point.quality, point.exact,
                      point.images.size()) +
               (point.exact < point.images.size() ? ", PSNR is that of the others" : ""));
  }
}

std::string describe(eval::Metric metric, const eval::OfMetric& found) {
  const std::string name = eval::name_of(metric), unit = eval::unit_of(metric);
  if (!found.rate) return name + " none (" + found.why_no_rate + ")";
  auto text = name +
              format(" %+.2f%% (%.2f to %.2f", found.rate->percent, found.rate->low, found.rate->high) +
              (unit.empty() ? "" : " " + unit);
  if (found.per_image)
    text += format("; mean of %zu pictures %+.2f%%", found.per_image->images, found.per_image->percent);
  return text + ")";
}

}  // namespace

void print_for_people(const eval::Results& results) {
  const bool has_butteraugli =
      !results.curve.points.empty() && !std::isnan(results.curve.points.front().butteraugli);
  print_line(std::string("codec         q      bpp     PSNR   MS-SSIM       dB  SSIMULACRA2") +
             (has_butteraugli ? "  Butteraugli" : "") + "  encode   decode MP/s");
  print_rows(results.curve, has_butteraugli);
  for (const eval::Curve& anchor : results.anchors) print_rows(anchor, has_butteraugli);
  print_exact(results.curve);
  for (const eval::Curve& anchor : results.anchors) print_exact(anchor);
  for (const eval::Comparison& comparison : results.comparisons) {
    std::string line = "BD-rate against " + comparison.against;
    for (const eval::Metric metric : eval::kMetrics) {
      if (metric == eval::Metric::kButteraugli && !has_butteraugli) continue;
      line += (metric == eval::Metric::kPsnr ? ": " : ", ") + describe(metric, comparison.by(metric));
    }
    print_line(line);
    if (!comparison.why_no_per_image.empty()) {
      print_line("BD-rate against " + comparison.against +
                 ": no mean over pictures: " + comparison.why_no_per_image);
    }
  }
}

void print_json_lines(const eval::Results& results) {
  for (const eval::CurvePoint& point : results.curve.points)
    print_line(eval::to_json_line(point, results.curve));
  for (const eval::Curve& anchor : results.anchors) {
    for (const eval::CurvePoint& point : anchor.points) print_line(eval::to_json_line(point, anchor));
  }
  for (const eval::Comparison& comparison : results.comparisons) print_line(eval::to_json_line(comparison));
}

}  // namespace vaec::cli
