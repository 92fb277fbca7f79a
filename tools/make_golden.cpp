// Makes a tiny photo model and golden .vaec files with it (tests/golden), those that are not there. What it
// made is committed and, once a version was released with it, never made again: later decoders must read it.
//
//   make_golden FOLDER MODELS      # tests/golden models
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "codec/lossless_codec.hpp"
#include "codec/photo_codec.hpp"
#include "codec/torch/mnist_codec.hpp"
#include "golden_hash.hpp"
#include "nn/photo_file.hpp"
#include "nn/torch.hpp"
#include "tiny_vae.hpp"

namespace {

vaec::Image picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  vaec::Image image{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const double wave =
            std::sin(x * 0.08 + c) + std::cos(y * 0.06 - c) + ((x / 16 + y / 16) % 2 != 0 ? 0.7 : -0.7);
        image.samples.push_back(static_cast<std::uint8_t>(128 + 40 * wave));
      }
    }
  }
  return image;
}

// Of 16 bits, with alpha of every kind of pixel and metadata.
vaec::Image everything(std::uint32_t width, std::uint32_t height) {
  vaec::Image image = picture(width, height, 3);
  for (const auto sample : image.samples) image.samples16.push_back(static_cast<std::uint16_t>(sample * 251));
  image.samples.clear();
  image.bit_depth = 16;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t ramp = x * 1999 + y * 77, noise = (x * 7919 + y * 104729) * 2654435761U >> 16;
      const std::uint32_t kinds[] = {0, 65535, ramp, noise, 300};
      image.alpha16.push_back(static_cast<std::uint16_t>(kinds[(x / 8 + y / 40) % 5]));
    }
  }
  for (const char c : std::string("a profile")) image.metadata.icc.push_back(static_cast<std::byte>(c));
  for (const char c : std::string("a packet")) image.metadata.xmp.push_back(static_cast<std::byte>(c));
  return image;
}

// A drawing in the middle of it: blocks that are kept exactly.
vaec::Image half_drawn(std::uint32_t width, std::uint32_t height) {
  vaec::Image image = picture(width, height, 3);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 40; x < 110; ++x) {
      const bool is_black = (x * 7 % 5 == 0 && y % 11 < 8) || (y % 11 == 3 && x % 13 < 9);
      for (std::uint32_t c = 0; c < 3; ++c) image.samples[(y * width + x) * 3 + c] = is_black ? 0 : 255;
    }
  }
  return image;
}

void make(const vaec::codec::LatentCodec& codec, const std::filesystem::path& file, const vaec::Image& image,
          int quality, bool guard = false) {
  if (std::filesystem::exists(file)) return;
  const auto bytes = codec.compress(image, {.quality = quality, .guard = guard});
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto latent = codec.decode_latent(bytes);
  std::printf("{\"%s\", %zu, 0x%016llx, 0x%016llx},\n", file.filename().c_str(), latent.size(),
              static_cast<unsigned long long>(vaec::hash_of(latent)),
              static_cast<unsigned long long>(vaec::hash_of(codec.decompress(bytes))));
}

// With a model that comes with vaec, of that name.
void make_shipped(const std::filesystem::path& file, const vaec::codec::LatentCodec& codec,
                  const std::string& model, const vaec::Image& image, int quality) {
  if (std::filesystem::exists(file)) return;
  const auto bytes = codec.compress(image, {.quality = quality});
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto hash = [&](std::uint32_t scale) {
    return static_cast<unsigned long long>(
        vaec::hash_of(codec.decompress(bytes, {.view = {.scale = scale}})));
  };
  std::printf("{\"%s\", \"%s\", 0x%016llx, 0x%016llx, 0x%016llx, 0x%016llx},\n", file.filename().c_str(),
              model.c_str(), static_cast<unsigned long long>(vaec::hash_of(codec.decode_latent(bytes))),
              hash(1), hash(2), hash(8));
}

// A ring on black, 28x28.
vaec::Image digit() {
  vaec::Image image{28, 28, 1, {}};
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      const double off = std::abs(std::hypot(x - 13.5, 0.8 * (y - 13.5)) - 6);
      image.samples.push_back(static_cast<std::uint8_t>(255 * std::max(0.0, 1 - off / 2.5)));
    }
  }
  return image;
}

void make_lossless(const std::filesystem::path& file, const vaec::Image& image) {
  if (std::filesystem::exists(file)) return;
  const auto bytes = vaec::codec::make_lossless_codec()->compress(image);
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  std::printf("{\"%s\", 0x%016llx},\n", file.filename().c_str(),
              static_cast<unsigned long long>(vaec::hash_of(image)));
}

// Few colours, or few levels a channel.
vaec::Image drawing(std::uint32_t width, std::uint32_t height, std::uint32_t step) {
  vaec::Image image = picture(width, height, 3);
  for (auto& sample : image.samples) sample = static_cast<std::uint8_t>(sample / step * step);
  return image;
}

// So many colours in strokes and spots, with alpha that has two values if it is asked for.
vaec::Image strokes(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint32_t colours,
                    bool has_alpha) {
  vaec::Image image{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const bool is_stroke = (x * 7 + y * 3) % 23 < 4 || (x / 11 + y / 5) % 7 == 0;
      const std::uint32_t spot = (x / 13) * 31 + (y / 9) * 17, colour = is_stroke ? spot % colours : 0;
      for (std::uint32_t c = 0; c < channels; ++c) {
        image.samples.push_back(static_cast<std::uint8_t>((colour * (67 + 40 * c) + 13 * c) % 256));
      }
      if (has_alpha) image.alpha.push_back(is_stroke ? 255 : 40);
    }
  }
  return image;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_golden FOLDER MODELS\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1], models = argv[2];
  const auto model = folder / "tiny-photo.safetensors";
  if (!std::filesystem::exists(model)) {
    auto vae = vaec::nn::tiny_vae();
    const auto statistics = vaec::nn::tiny_statistics(vae);
    vaec::nn::save_photo(vae, model, R"({"data":"made pictures, not trained"})", &statistics);
  }
  const auto codec = vaec::codec::make_photo_codec(vaec::model::SafeTensors::open(model));
  make(*codec, folder / "photo-v1-q10.vaec", picture(150, 100, 3), 10);
  make(*codec, folder / "photo-v1-q60.vaec", picture(150, 700, 3), 60);  // two bands
  make(*codec, folder / "photo-v1-q90.vaec", picture(150, 700, 3), 90);
  make(*codec, folder / "photo-v1-grey.vaec", picture(37, 53, 1), 50);
  make(*codec, folder / "photo-v1-rgba16.vaec", everything(20, 560), 50);  // two bands of alpha
  make(*codec, folder / "photo-v1-exact.vaec", half_drawn(150, 100), 50, true);
  make_lossless(folder / "lossless-v1-rgb.vaec", picture(150, 100, 3));
  make_lossless(folder / "lossless-v1-grey.vaec", picture(37, 53, 1));
  make_lossless(folder / "lossless-v1-rgba16.vaec", everything(20, 560));
  make_lossless(folder / "lossless-v1-repeats.vaec", drawing(90, 60, 100));
  make_lossless(folder / "lossless-v1-palette2.vaec", strokes(150, 100, 3, 2, false));
  make_lossless(folder / "lossless-v1-palette9.vaec", strokes(150, 100, 3, 9, false));
  make_lossless(folder / "lossless-v1-palette90.vaec", strokes(300, 200, 3, 90, false));
  make_lossless(folder / "lossless-v1-greyalpha.vaec", strokes(90, 60, 1, 200, true));
  make_lossless(folder / "lossless-v1-rgba.vaec", strokes(150, 100, 3, 256, true));
  make_lossless(folder / "lossless-v1-bands.vaec", strokes(1500, 900, 1, 2, false));
  make_lossless(folder / "lossless-v1-levels.vaec", drawing(150, 100, 12));
  for (const std::string name : {"photo-1", "photo-psnr-1"}) {
    const auto shipped =
        vaec::codec::make_photo_codec(vaec::model::SafeTensors::open(models / (name + ".safetensors")));
    for (const int quality : {20, 80})
      make_shipped(folder / (name + "-q" + std::to_string(quality) + ".vaec"), *shipped,
                   name + ".safetensors", picture(200, 131, 3), quality);
    make_shipped(folder / (name + "-exact.vaec"), *shipped, name + ".safetensors", half_drawn(150, 100), 50);
  }
  const auto digits =
      vaec::codec::make_mnist_codec(vaec::model::SafeTensors::open(models / "mnist-1.safetensors"));
  make(*digits, folder / "mnist-1.vaec", digit(), 75);
  return 0;
}
