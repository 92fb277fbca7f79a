// decompress --region and --scale.
#include "run_program.hpp"

namespace vaec::cli {
namespace {

using View = CodingTest;

// The samples of a PPM file of the given size.
std::string samples(const std::string& ppm, std::size_t width, std::size_t height) {
  const std::string header = "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
  EXPECT_EQ(ppm.substr(0, header.size()), header);
  EXPECT_EQ(ppm.size(), header.size() + 3 * width * height);
  return ppm.substr(std::min(ppm.size(), header.size()));
}

TEST_F(View, ARegionIsAPartOfTheWhole) {
  write_picture("a.ppm", 200, 1100);
  ASSERT_EQ(compress("a.ppm").status, 0);
  ASSERT_EQ(decompress("a.vaec -o whole.ppm").status, 0);
  const auto whole = samples(read("whole.ppm"), 200, 1100);
  struct Part {
    std::size_t x, y, width, height;
  };
  for (const auto& [x, y, width, height] :
       {Part{0, 0, 200, 1100}, {17, 500, 50, 90}, {199, 1099, 1, 1}, {3, 600, 64, 64}}) {
    const std::string region = std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(width) +
                               "," + std::to_string(height);
    ASSERT_EQ(decompress("a.vaec -f -o part.ppm --region " + region).status, 0) << region;
    const auto part = samples(read("part.ppm"), width, height);
    for (std::size_t row = 0; row < height; ++row) {
      ASSERT_EQ(part.substr(3 * row * width, 3 * width), whole.substr(3 * ((y + row) * 200 + x), 3 * width))
          << region << " row " << row;
    }
  }
}

TEST_F(View, AScaledPictureHoldsTheMeansOfTheWhole) {
  write_picture("a.ppm", 150, 101);
  ASSERT_EQ(compress("a.ppm -q 80").status, 0);
  ASSERT_EQ(decompress("a.vaec -o whole.ppm").status, 0);
  const auto whole = samples(read("whole.ppm"), 150, 101);
  for (const std::size_t scale : {2, 4, 8, 16}) {
    const std::size_t width = (150 + scale - 1) / scale, height = (101 + scale - 1) / scale;
    ASSERT_EQ(decompress("a.vaec -f -o small.ppm --scale 1/" + std::to_string(scale)).status, 0);
    const auto small = samples(read("small.ppm"), width, height);
    double squares = 0;
    int largest = 0;
    for (std::size_t y = 0; y < height; ++y) {
      for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) {
          std::size_t sum = 0, count = 0;
          for (std::size_t i = y * scale; i < std::min<std::size_t>(101, (y + 1) * scale); ++i) {
            for (std::size_t j = x * scale; j < std::min<std::size_t>(150, (x + 1) * scale); ++j, ++count) {
              sum += static_cast<unsigned char>(whole[(i * 150 + j) * 3 + c]);
            }
          }
          const int mean = static_cast<int>((sum + count / 2) / count);
          const int difference = mean - static_cast<unsigned char>(small[(y * width + x) * 3 + c]);
          squares += difference * difference;
          largest = std::max(largest, std::abs(difference));
        }
      }
    }
    if (scale < 8) {
      EXPECT_EQ(largest, 0) << scale;
    } else {
      EXPECT_LT(squares / static_cast<double>(3 * width * height), 60) << scale;  // 30 dB: a preview
    }
  }
}

// A preview of a part shows what a preview of the whole does there.
TEST_F(View, ScaleAndRegionGoTogether) {
  write_picture("a.ppm", 200, 300);
  ASSERT_EQ(compress("a.ppm").status, 0);
  ASSERT_EQ(decompress("a.vaec -o whole.ppm --scale 1/8").status, 0);
  ASSERT_EQ(decompress("a.vaec -o part.ppm --scale 1/8 --region 43,70,30,20").status, 0);
  const auto whole = samples(read("whole.ppm"), 25, 38), part = samples(read("part.ppm"), 5, 4);
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(part.substr(row * 15, 15), whole.substr(((8 + row) * 25 + 5) * 3, 15)) << row;
  }
}

TEST_F(View, RefusesWhatIsNotInThePicture) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm").status, 0);
  for (const std::string bad :
       {"0,0,21,10", "20,0,1,1", "0,0,0,5", "1,2,3", "-1,0,5,5", "0,0,5,5x", "4294967295,0,5,5",
        "4294967296,0,5,5", "0,4294967296,5,5", "0,0,4294967301,5", "0,0,5,18446744073709551621", "0,0,5,5,",
        ",0,5,5", "0x1,0,5,5", "+1,0,5,5", "' 1,0,5,5'", "1.0,0,5,5", "''"}) {
    const auto refused = decompress("a.vaec -o b.ppm --region " + bad);
    EXPECT_EQ(refused.status, 2) << bad << ": " << refused.err;
    EXPECT_NE(refused.err.find("region"), std::string::npos) << refused.err;
  }
  EXPECT_EQ(decompress("a.vaec -o b.ppm --scale 1/3").status, 2);
  EXPECT_FALSE(exists("b.ppm"));
}

}  // namespace
}  // namespace vaec::cli
