#include "eval/measure.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

// Keeps the upper bits of a picture: a file of `quality` * 10 bytes, plus 5.
class Toy : public ImageCodec {
 public:
  int encoded = 0;

  [[nodiscard]] CodecDescription description() const override { return {"toy", "toy <q>", "", "1", "bits"}; }
  [[nodiscard]] std::vector<double> curve_qualities() const override { return {1, 2}; }
  [[nodiscard]] std::vector<double> all_qualities() const override {
    std::vector<double> all;
    for (int q = 1; q <= 100; ++q) all.push_back(q);
    return all;
  }
  [[nodiscard]] Encoded encode(const Image& image, double quality) override {
    ++encoded;
    image_ = image;
    for (auto& sample : image_.samples) sample ^= 1;
    return {std::vector<std::byte>(static_cast<std::size_t>(10 * quality) + 5), 0.5};
  }
  [[nodiscard]] Decoded decode(std::span<const std::byte>, std::uint32_t) override { return {image_, 0.25}; }

 private:
  Image image_;
};

const Image kImage{20, 10, 1, std::vector<std::uint8_t>(200, 77)};

TEST(Measure, TakesDownEverything) {
  Toy toy;
  const Coded coded = measure(toy, kImage, "a.png", 2);
  EXPECT_EQ(coded.result.image, "a.png");
  EXPECT_EQ(coded.result.bytes, 25U);
  EXPECT_DOUBLE_EQ(coded.result.bpp, 1);
  EXPECT_NEAR(coded.result.psnr, 48.1308, 1e-4);  // 20 log10(255)
  EXPECT_TRUE(std::isnan(coded.result.ms_ssim));
  EXPECT_DOUBLE_EQ(coded.result.encode_seconds, 0.5);
  EXPECT_DOUBLE_EQ(coded.result.decode_seconds, 0.25);
  EXPECT_EQ(coded.image.samples[0], 76);
}

// Gives what it is told to.
class Faulty : public Toy {
 public:
  std::size_t bytes = 1;
  Image back = kImage;
  [[nodiscard]] Encoded encode(const Image&, double) override { return {std::vector<std::byte>(bytes), 1}; }
  [[nodiscard]] Decoded decode(std::span<const std::byte>, std::uint32_t) override { return {back, 1}; }
};

TEST(Measure, OnlyAWholePictureOfTheSameSizeCounts) {
  Faulty codec;
  EXPECT_NO_THROW((void)measure(codec, kImage, "a", 1));
  codec.bytes = 0;
  EXPECT_THROW((void)measure(codec, kImage, "a", 1), Error);
  codec.bytes = 1;
  for (const Image& wrong :
       {Image{10, 20, 1, kImage.samples}, Image{20, 10, 3, std::vector<std::uint8_t>(600)},
        Image{20, 10, 1, std::vector<std::uint8_t>(199)}}) {
    codec.back = wrong;
    try {
      (void)measure(codec, kImage, "a", 1);
      ADD_FAILURE() << "measured";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kWrite);
    }
  }
}

TEST(Measure, ACurveSaysWhatItIsOf) {
  const Toy toy;
  const Curve curve = empty_curve(toy, toy.curve_qualities());
  EXPECT_EQ(curve.codec, "toy");
  EXPECT_EQ(curve.command, "toy <q>");
  ASSERT_EQ(curve.points.size(), 2U);
  EXPECT_EQ(curve.points[1].quality, 2);
}

TEST(QualityForBytes, IsTheNearestThatIsNotTooLarge) {
  Toy toy;
  EXPECT_EQ(quality_for_bytes(toy, kImage, 505).quality, 50);
  EXPECT_EQ(quality_for_bytes(toy, kImage, 500).quality, 50);  // 505 is 1% above
  EXPECT_EQ(quality_for_bytes(toy, kImage, 304).quality, 30);  // 305: nearer than 295, within 2%
  EXPECT_EQ(quality_for_bytes(toy, kImage, 111).quality, 10);  // 115 would be nearer, but is 3.6% above
  EXPECT_EQ(quality_for_bytes(toy, kImage, 989).quality,
            98);  // 985: nearer than 995 and 1005, which fit as well
  EXPECT_EQ(quality_for_bytes(toy, kImage, 1e9).quality, 100);
}

TEST(QualityForBytes, IsTheSmallestIfNoneFits) {
  Toy toy;
  const SizedQuality found = quality_for_bytes(toy, kImage, 3);
  EXPECT_EQ(found.quality, 1);
  EXPECT_EQ(found.bytes, 15U);
}

TEST(QualityForBytes, TriesFew) {
  Toy toy;
  (void)quality_for_bytes(toy, kImage, 333);
  EXPECT_LE(toy.encoded, 10);
}

}  // namespace
}  // namespace vaec::eval
