// Golden files: made once by tools/make_golden; they decode to the same latent and the same pixels for ever.
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>

#include "codec/photo_codec.hpp"
#include "codec/torch/mnist_codec.hpp"
#include "golden_hash.hpp"
#include "model/safetensors.hpp"
#include "temporary_folder.hpp"

namespace vaec::codec {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = VAEC_SOURCE_DIR "/tests/golden", kModels = VAEC_SOURCE_DIR "/models";

TEST(Golden, PhotoFilesDecodeToTheSameLatentAndPixels) {
  const auto codec = make_photo_codec(model::SafeTensors::open(kFolder / "tiny-photo.safetensors"));
  struct Case {
    const char* name;
    std::size_t size;
    std::uint64_t hash;    // FNV-1a of the latent's int32 values, little-endian
    std::uint64_t pixels;  // of colours and alpha, a sample at a time
  };
  constexpr Case kCases[] = {
      {"photo-v1-q10.vaec", 840, 0xb4b7835e85189c78, 0x7f30114ee2835145},
      {"photo-v1-q60.vaec", 5280, 0xc91e0a2625a328a5, 0x870d073e991afc03},
      {"photo-v1-q90.vaec", 5280, 0x085ac1a01acc9958, 0x3a15c6a341e888aa},
      {"photo-v1-grey.vaec", 144, 0x77061f956b9510c6, 0xa2909fa29183cab4},
      {"photo-v1-rgba16.vaec", 840, 0xbb7802867ee03182, 0x5ede67e4545b2abb},
      {"photo-v1-exact.vaec", 840, 0xccc1e91affc15143, 0x19ee33cdf2ecc12e},
  };
  for (const auto& known : kCases) {
    const std::string text = contents(kFolder / known.name);
    ASSERT_FALSE(text.empty()) << known.name;
    const auto latent = codec->decode_latent(std::as_bytes(std::span(text)));
    EXPECT_EQ(latent.size(), known.size) << known.name;
    EXPECT_EQ(hash_of(latent), known.hash) << known.name;
    for (const int threads : {1, 3}) {
      const Image image = codec->decompress(std::as_bytes(std::span(text)), {.threads = threads});
      EXPECT_EQ(hash_of(image), known.pixels) << known.name << ", " << threads << " threads";
    }
  }
}

TEST(Golden, AlphaAndMetadataComeBackTheSame) {
  const std::string text = contents(kFolder / "photo-v1-rgba16.vaec");
  const Image image =
      Codec::load(kFolder / "tiny-photo.safetensors")->decompress(std::as_bytes(std::span(text)));
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto sample : image.alpha16) {
    for (int shift = 0; shift < 16; shift += 8) hash = (hash ^ (sample >> shift & 0xFF)) * 0x100000001b3;
  }
  EXPECT_EQ(image.alpha16.size(), 20U * 560);
  EXPECT_EQ(hash, 0xe0c0b321351ffa69ULL);
  const auto is = [](const std::vector<std::byte>& bytes, const std::string& expected) {
    return std::ranges::equal(bytes, std::as_bytes(std::span(expected)));
  };
  EXPECT_TRUE(is(image.metadata.icc, "a profile"));
  EXPECT_TRUE(is(image.metadata.xmp, "a packet"));
}

// Of the models that come with vaec: the file's picture, and what its halves and its eighths show.
TEST(Golden, FilesOfTheShippedModelsDecodeToTheSame) {
  struct Case {
    const char *name, *model;
    std::uint64_t hash, pixels, half,
        eighth;  // of the latent; of the picture as it is, at scale 2 and at scale 8
  };
  constexpr Case kCases[] = {
      {"photo-1-q20.vaec", "photo-1.safetensors", 0x3a4e8dc0a1f1c026, 0x04a0807f70c62232, 0x88ee6ddd99595bdc,
       0xbda0de5b09df40d1},
      {"photo-1-q80.vaec", "photo-1.safetensors", 0x4caac2e63ba87b53, 0xd2cdcf4f57511257, 0x6ef6619e9cc38e74,
       0x0e805b465cf62660},
      {"photo-1-exact.vaec", "photo-1.safetensors", 0xed42cebed950188e, 0x61827ab8968374bd,
       0x2adcd2cc70687df1, 0xf3d431a9011b6850},
      {"photo-psnr-1-q20.vaec", "photo-psnr-1.safetensors", 0xca5b7226cd2f984d, 0x29caf4791f65d343,
       0x7047ce1aa7bd68a8, 0xae09f2ffd4b0b09d},
      {"photo-psnr-1-q80.vaec", "photo-psnr-1.safetensors", 0xd220de2a38146a09, 0x6d2e8810907f0c63,
       0x3281f418ad8f9930, 0x01baf1aac49112c6},
      {"photo-psnr-1-exact.vaec", "photo-psnr-1.safetensors", 0x527677c9f1bb770b, 0xb5df948f005a732d,
       0x77d6a7df7e0b385c, 0x2e5884d6b7f51062},
  };
  for (const auto& known : kCases) {
    const auto codec = make_photo_codec(model::SafeTensors::open(kModels / known.model));
    const std::string text = contents(kFolder / known.name);
    ASSERT_FALSE(text.empty()) << known.name;
    const auto file = std::as_bytes(std::span(text));
    EXPECT_EQ(hash_of(codec->decode_latent(file)), known.hash) << known.name;
    EXPECT_EQ(hash_of(codec->decompress(file)), known.pixels) << known.name;
    EXPECT_EQ(hash_of(codec->decompress(file, {.view = {.scale = 2}})), known.half) << known.name;
    EXPECT_EQ(hash_of(codec->decompress(file, {.view = {.scale = 8}})), known.eighth) << known.name;
  }
}

// Their pixels come of floating point, and may differ by rounding.
TEST(Golden, DigitsDecodeToTheSameLatent) {
  const auto codec = make_mnist_codec(model::SafeTensors::open(kModels / "mnist-1.safetensors"));
  const std::string text = contents(kFolder / "mnist-1.vaec");
  EXPECT_EQ(hash_of(codec->decode_latent(std::as_bytes(std::span(text)))), 0xd8c487374d847a06ULL);
}

}  // namespace
}  // namespace vaec::codec
