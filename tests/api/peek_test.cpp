#include "vaec/peek.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "bitstream/container.hpp"
#include "vaec/error.hpp"
#include "vaec/version.hpp"

namespace vaec {
namespace {

std::vector<std::byte> read(const char* name) {
  std::ifstream in(std::string(VAEC_SOURCE_DIR "/tests/golden/") + name, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(Peek, TellsWhatTheHeaderSays) {
  const auto file = read("photo-v1-rgba16.vaec");
  const auto info = peek(file);
  EXPECT_EQ(info.profile, Profile::kHyperprior);
  EXPECT_EQ(info.width, 20U);
  EXPECT_EQ(info.height, 560U);
  EXPECT_EQ(info.channels, 3U);
  EXPECT_TRUE(info.has_alpha);
  EXPECT_EQ(info.bit_depth, 16U);
  EXPECT_EQ(info.quality, 50);
  EXPECT_EQ(info.bytes_per_pixel(), 8U);
  const auto container = bitstream::parse(file);
  EXPECT_EQ(info.model_id, container.header.model_id);
  ASSERT_TRUE(info.metadata);
  EXPECT_EQ(info.metadata->icc, container.icc.size());
  EXPECT_GT(info.metadata->icc, 0U);
  EXPECT_EQ(info.metadata->exif, 0U);
  EXPECT_GT(info.metadata->xmp, 0U);

  const auto grey = peek(read("photo-v1-grey.vaec"));
  EXPECT_EQ(grey.channels, 1U);
  EXPECT_FALSE(grey.has_alpha);
  EXPECT_EQ(grey.bit_depth, 8U);
  EXPECT_EQ(grey.bytes_per_pixel(), 1U);
}

TEST(Peek, OfASmallImage) {
  bitstream::Container container;
  container.header.profile = bitstream::Profile::kSmallImage;
  container.header.model_id = {1, 2, 3, 4};
  container.header.width = container.header.height = 28;
  container.header.channels = 1;
  container.header.quality = 7;
  const std::vector<std::byte> stream(9);
  container.bands = {stream};
  const auto info = peek(bitstream::write(container));
  EXPECT_EQ(info.profile, Profile::kSmallImage);
  EXPECT_EQ(info.model_id, (ModelId{1, 2, 3, 4, 0, 0, 0, 0}));
  EXPECT_EQ(info.quality, 7);
}

// The largest header there is.
TEST(Peek, NeedsNoMoreThanItSays) {
  bitstream::Container container;
  container.header.width = container.header.height = bitstream::kMaxSide;
  container.header.channels = 4;
  container.header.bit_depth = 16;
  container.header.quality = 100;
  container.alpha.rows = bitstream::kMaxBandRows;
  container.band_rows = bitstream::kMaxLatentBandRows;
  const std::vector<std::byte> stream(100);
  container.bands.resize(
      bitstream::band_count(bitstream::latent_cells(bitstream::kMaxSide), bitstream::kMaxLatentBandRows));
  container.alpha.streams = {stream};
  const auto file = bitstream::write(container);
  const auto info = peek(std::span(file).first(kPeekBytes));
  EXPECT_EQ(info.width, bitstream::kMaxSide);
  EXPECT_EQ(info.quality, 100);
  EXPECT_FALSE(info.metadata);
}

TEST(Peek, OfEveryBeginning) {
  const auto file = read("photo-v1-rgba16.vaec");
  std::size_t known = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    try {
      const auto info = peek(std::span(file).first(size));
      ++known;
      EXPECT_EQ(info.height, 560U) << size;
      EXPECT_EQ(info.quality, 50) << size;
      EXPECT_FALSE(info.metadata) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt) << error.what();
      EXPECT_LT(size, kPeekBytes) << error.what();
    }
  }
  EXPECT_GE(known, file.size() - kPeekBytes);
}

// Refused, or looks like one that was cut off: never taken for whole.
TEST(Peek, OfADamagedFile) {
  const auto file = read("photo-v1-grey.vaec");
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    auto damaged = file;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    try {
      EXPECT_FALSE(peek(damaged).metadata) << bit;
    } catch (const Error& error) {
      // In a byte that says which version it is a damage looks like a newer one.
      EXPECT_EQ(error.code(), bit / 8 == 4 && bit % 8 > 0 ? ErrorCode::kUnsupported : ErrorCode::kCorrupt)
          << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 8 * file.size() * 9 / 10);
}

TEST(Version, OfTheLibraryIsThatOfItsHeaders) {
  EXPECT_STREQ(version(), VAEC_VERSION);
  EXPECT_EQ(version_number(), VAEC_VERSION_NUMBER);
  EXPECT_EQ(std::string(version()), std::to_string(version_number() / 10000) + "." +
                                        std::to_string(version_number() / 100 % 100) + "." +
                                        std::to_string(version_number() % 100));
}

}  // namespace
}  // namespace vaec
