// Pictures of any size: sides of every residue modulo 64, from 1 on, and bands of any number of rows.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/crc32c.hpp"
#include "bitstream/container.hpp"
#include "codec/bands.hpp"
#include "codec/hyper_coder.hpp"
#include "codec/latent_coder.hpp"
#include "codec/lf_coder.hpp"
#include "codec/photo_codec.hpp"
#include "codec/psnr.hpp"
#include "codec/tiny_codec.hpp"
#include "infer/photo_model.hpp"
#include "model_files.hpp"

namespace vaec::codec {
namespace {

const model::SafeTensors& model_file() {
  static const auto file = model::SafeTensors::open(kTinyModel);
  return file;
}

Image waves(std::uint32_t width, std::uint32_t height) {
  Image image{width, height, 3};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < 3; ++c) {
        image.samples.push_back(static_cast<std::uint8_t>(128 + 60 * std::sin(0.05 * x + c) +
                                                          50 * std::cos(0.04 * y - c) + (x * y % 7)));
      }
    }
  }
  return image;
}

struct Size {
  std::uint32_t width, height;
};

// Each side takes every residue, one, two and three hyper-latents long, beside ever other ones.
std::vector<Size> sizes() {
  std::vector<Size> all;
  for (std::uint32_t side = 1; side <= 64; ++side) {
    const auto other = 1 + side * 37 % 64;
    all.push_back({side, other});
    all.push_back({64 + side, 129 - other});
    all.push_back({other, 128 + side});
  }
  return all;
}

std::size_t latent_values(const Size& size) {
  return std::size_t{(size.width + 15) / 16} * ((size.height + 15) / 16) *
         static_cast<std::size_t>(model::PhotoConfig::from_file(model_file()).latent);
}

TEST(Sizes, EveryPictureComesBackWithEveryEffort) {
  for (const auto& size : sizes()) {
    const auto image = waves(size.width, size.height);
    for (const int effort : {1, 2, 3}) {
      const auto file = tiny().compress(image, {.quality = 90, .effort = effort, .guard = false});
      const auto back = tiny().decompress(file);
      ASSERT_EQ(back.width, size.width);
      ASSERT_EQ(back.height, size.height);
      ASSERT_EQ(back.samples.size(), image.samples.size());
      EXPECT_GT(psnr(image, back), 25) << size.width << "x" << size.height << ", effort " << effort;
      EXPECT_EQ(tiny().decode_latent(file).size(), latent_values(size))
          << size.width << "x" << size.height << ", effort " << effort;
    }
  }
}

// The samples of a part of a picture.
std::vector<std::uint8_t> part_of(const Image& image, const View& view) {
  std::vector<std::uint8_t> samples;
  for (auto y = view.y; y < view.y + view.height; ++y) {
    const auto* row = image.samples.data() + (std::size_t{y} * image.width + view.x) * 3;
    samples.insert(samples.end(), row, row + std::size_t{view.width} * 3);
  }
  return samples;
}

TEST(Sizes, ARegionIsThePartOfTheWhole) {
  for (const auto& [w, h] : sizes()) {
    const auto file = tiny().compress(waves(w, h), {.quality = 70, .guard = false});
    const auto whole = tiny().decompress(file), small = tiny().decompress(file, {.view = {.scale = 8}});
    EXPECT_EQ(small.width, (w + 7) / 8);
    EXPECT_EQ(small.height, (h + 7) / 8);
    const View parts[] = {{w - 1, h - 1, 1, 1},
                          {0, 0, 1, h},
                          {w - std::min(w, 5U), 0, std::min(w, 5U), h},
                          {0, h - std::min(h, 5U), w, std::min(h, 5U)},
                          {w / 3, h / 4, w - w / 3 - w / 4, h - h / 4 - h / 5}};
    for (auto view : parts) {
      EXPECT_EQ(tiny().decompress(file, {.view = view}).samples, part_of(whole, view))
          << w << "x" << h << ": " << view.x << "," << view.y << "," << view.width << "," << view.height;
      view.scale = 8;
      const auto first_column = view.x / 8, first_row = view.y / 8;
      EXPECT_EQ(tiny().decompress(file, {.view = view}).samples,
                part_of(small, {first_column, first_row, (view.x + view.width + 7) / 8 - first_column,
                                (view.y + view.height + 7) / 8 - first_row}))
          << w << "x" << h << ": " << view.x << "," << view.y << "," << view.width << "," << view.height;
    }
  }
}

// The encoder makes bands of 32 rows; a decoder takes any.
TEST(Sizes, BandsMayHaveAnyNumberOfRows) {
  constexpr int kBandsQuality = 60;
  const infer::PhotoModel model(model_file());
  const LatentCoder coder(model);
  std::mt19937 random(4);
  for (const auto& [width, height] : {Size{70, 200}, {130, 121}, {3, 180}, {80, 7}}) {
    bitstream::Container container;
    auto& header = container.header;
    header = {bitstream::Profile::kHyperprior, tiny().id(), width, height, 3, 8, kBandsQuality};
    const Grid grid(header);
    const auto row_values = static_cast<std::size_t>(grid.columns) * model.config().latent;
    std::vector<float> y(static_cast<std::size_t>(grid.rows) * row_values);
    for (auto& value : y) value = static_cast<float>(random() % 1000) / 100 - 5;
    HyperEncoder z(model, kBandsQuality, grid.hyper_rows, grid.hyper_columns, false);
    std::vector<float> z_row(static_cast<std::size_t>(grid.hyper_columns) * model.config().hyper);
    for (int row = 0; row < grid.hyper_rows; ++row) {
      for (auto& value : z_row) value = static_cast<float>(random() % 21) - 10;
      z.push(z_row.data());
    }
    LfEncoder lf(model, grid.rows, grid.columns, false);
    for (int row = 0; row < grid.rows; ++row) lf.push(y.data() + static_cast<std::size_t>(row) * row_values);
    const auto lf_stream = lf.finish(), hyper = z.finish();
    container.lf = lf_stream;
    container.hyper = hyper;
    for (const int band_rows : {1, 2, 3, 5, 6, 64}) {
      container.band_rows = static_cast<std::uint32_t>(band_rows);
      std::vector<std::int32_t> latent(y.size());
      std::vector<std::vector<std::byte>> bands;
      for (int top = 0; top < grid.rows; top += band_rows) {
        const auto at = static_cast<std::size_t>(top) * row_values;
        bands.push_back(coder.encode_band(z.values(), lf.image(), kBandsQuality,
                                          {top, std::min(grid.rows, top + band_rows), grid.columns},
                                          y.data() + at, true, latent.data() + at));
      }
      container.bands.assign(bands.begin(), bands.end());
      container.latent_crc = base::crc32c_extend(0, std::span<const std::int32_t>(latent));
      const auto file = bitstream::write(container);
      EXPECT_EQ(tiny().decode_latent(file), latent) << width << "x" << height << ", " << band_rows;
      const View view{width / 2, height / 2, width - width / 2, height - height / 2};
      EXPECT_EQ(tiny().decompress(file, {.view = view}).samples, part_of(tiny().decompress(file), view))
          << width << "x" << height << ", " << band_rows;
    }
  }
}

}  // namespace
}  // namespace vaec::codec
