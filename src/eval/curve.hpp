// A rate-distortion curve over a set of pictures: what `vaec evaluate` measures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vaec::eval {

struct ImageResult {
  std::string image;
  double bpp = 0;   // bits of the whole file a pixel
  double psnr = 0;  // dB over all channels, 8 bits
};

struct CurvePoint {
  double quality = 0;
  double bpp = 0;             // mean of the pictures' bpp
  double psnr = 0;            // mean of the pictures' PSNR, as CompressAI reports it
  double encode_seconds = 0;  // all pictures together
  double decode_seconds = 0;
  std::vector<ImageResult> images;
};

struct Curve {
  std::string codec;
  std::string command;
  std::string version;
  std::string quality_is;  // what `quality` means
  double megapixels = 0;   // all pictures together
  std::vector<CurvePoint> points;
};

// The means over `images`, filled in.
void average(CurvePoint& point);

}  // namespace vaec::eval
