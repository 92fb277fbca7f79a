// A rate-distortion curve over a set of pictures: what `vaec evaluate` measures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace vaec::eval {

// Stands for a value that there is none of.
inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct ImageResult {
  std::string image;
  std::uint64_t bytes = 0;     // of the whole file
  double bpp = 0;              // bits of the whole file a pixel
  double psnr = 0;             // dB over all channels, 8 bits
  double ms_ssim = kNone;      // kNone: the picture is too small
  double ssimulacra2 = kNone;  // likewise
  double butteraugli = kNone;  // kNone: not measured
  double encode_seconds = 0;
  double decode_seconds = 0;
};

struct CurvePoint {
  double quality = 0;
  double bpp = 0;              // mean of the pictures' bpp
  double psnr = 0;             // mean of the pictures' PSNR, as CompressAI reports it, but of exact ones
  double ms_ssim = kNone;      // mean of the pictures' MS-SSIM; kNone if one of them has none
  double ssimulacra2 = kNone;  // likewise
  double butteraugli = kNone;  // of the largest distances; kNone: not measured
  double encode_seconds = 0;   // all pictures together
  double decode_seconds = 0;
  std::size_t exact = 0;  // pictures that came back as they were, whose PSNR is infinite
  std::vector<ImageResult> images = {};
};

struct Curve {
  std::string codec;
  std::string command;  // that encodes, every setting in it
  std::string decode;   // that decodes; may be empty
  std::string version;
  std::string quality_is;  // what `quality` means
  double megapixels = 0;   // all pictures together
  std::vector<CurvePoint> points = {};
};

enum class Metric { kPsnr, kMsSsim, kSsimulacra2, kButteraugli };
inline constexpr std::array kMetrics = {Metric::kPsnr, Metric::kMsSsim, Metric::kSsimulacra2,
                                        Metric::kButteraugli};

// "PSNR", "MS-SSIM", "SSIMULACRA2", "Butteraugli"
[[nodiscard]] const char* name_of(Metric metric);

// What curves are drawn and compared over: PSNR in dB, MS-SSIM as -10 log10(1 - MS-SSIM), SSIMULACRA2's score, Butteraugli's
// distance less than zero. Rises with quality. kNone if it is not known.
[[nodiscard]] double value_of(const CurvePoint& point, Metric metric);
// "dB", or "" for a score.
[[nodiscard]] const char* unit_of(Metric metric);

// The means and sums over `images`, filled in. PSNR is the mean of those that are not exact; infinite if all are.
void average(CurvePoint& point);

}  // namespace vaec::eval
