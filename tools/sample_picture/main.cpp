// Draws data/sample.png: an invented landscape with the statistics of a photograph (smooth sky, fine texture,
// reflections, sensor noise), so that examples and tests need no picture of anyone's.
//   sample_picture OUT.png
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "image/write.hpp"
#include "landscape.hpp"
#include "noise.hpp"
#include "plants.hpp"

namespace {

using namespace vaec;
using namespace vaec::sample;

constexpr int kWidth = 768, kHeight = 512;
constexpr int kScale = 2;       // each pixel is the mean of kScale x kScale
constexpr double kNoise = 1.1;  // of the sensor, in code values
constexpr double kExposure = 1.25;

Canvas draw() {
  Canvas canvas(kWidth * kScale, kHeight * kScale);
  const double half = 0.5 * canvas.height;
  for (int row = 0; row < canvas.height; ++row) {
    for (int column = 0; column < canvas.width; ++column) {
      canvas.at(column, row) = landscape((column + 0.5 - 0.5 * canvas.width) / half, 1 - (row + 0.5) / half);
    }
  }
  draw_plants(canvas);
  return canvas;
}

// As a camera's: a filmic shoulder and sRGB's gamma.
double tone(double light) {
  const double exposed = 1 - std::exp(-kExposure * light);
  return exposed <= 0.0031308 ? 12.92 * exposed : 1.055 * std::pow(exposed, 1 / 2.4) - 0.055;
}

// About normal, of unit variance.
double sensor_noise(int column, int row, std::uint32_t channel) {
  double sum = -6;
  for (std::uint32_t i = 0; i < 12; ++i) sum += hash(column, row, 1000 + 16 * channel + i);
  return sum;
}

Image develop(const Canvas& canvas) {
  Image image{kWidth, kHeight, 3, {}};
  for (int row = 0; row < kHeight; ++row) {
    for (int column = 0; column < kWidth; ++column) {
      Vec3 sum;
      for (int i = 0; i < kScale * kScale; ++i) {
        sum = sum + canvas.at(column * kScale + i % kScale, row * kScale + i / kScale);
      }
      const double dx = 2.0 * column / kWidth - 1, dy = 2.0 * row / kHeight - 1;
      const double vignette = 1 - 0.13 * (dx * dx + dy * dy);
      const Vec3 light = sum * (vignette / (kScale * kScale));
      const double grey = sensor_noise(column, row, 0);
      std::uint32_t channel = 1;
      for (const double value : {light.x, light.y, light.z}) {
        const double noise = kNoise * (0.8 * grey + 0.6 * sensor_noise(column, row, channel++));
        image.samples.push_back(
            static_cast<std::uint8_t>(std::clamp(std::lround(255 * tone(value) + noise), 0L, 255L)));
      }
    }
  }
  return image;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: sample_picture OUT.png\n");
    return 2;
  }
  const auto png = image::encode_image(develop(draw()), image::OutputFormat::kPng);
  std::ofstream out(argv[1], std::ios::binary);
  out.write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
  out.close();
  if (!out) {
    std::fprintf(stderr, "sample_picture: %s: cannot be written\n", argv[1]);
    return 6;
  }
  return 0;
}
