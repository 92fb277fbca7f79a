#include "codec/masking.hpp"

#include <gtest/gtest.h>

namespace vaec::codec {
namespace {

const std::vector<int> kLf = {0};

float care_of(std::uint8_t index, int quality, std::uint8_t lf_index = 0) {
  const std::uint8_t scales[] = {lf_index, index, index, index};
  return masking_care(scales, kLf, quality);
}

TEST(Masking, ErrorsCountLessWhereThereIsMuch) {
  for (const int quality : {1, 50, 100}) {
    float before = care_of(0, quality);
    EXPECT_LE(before, kMaskingCare * kMaskingRange);
    for (int index = 1; index < 64; ++index) {
      const float care = care_of(static_cast<std::uint8_t>(index), quality);
      EXPECT_LE(care, before) << index;
      before = care;
    }
    EXPECT_FLOAT_EQ(before, kMaskingCare / kMaskingRange);
  }
  EXPECT_GT(care_of(2, 50), 1.5F * care_of(12, 50));
}

// Better qualities have larger indices everywhere: that alone changes nothing.
TEST(Masking, IsRelativeToWhatTheQualityHas) {
  EXPECT_GT(care_of(9, 90), care_of(9, 10));
  EXPECT_NEAR(care_of(9, 47), kMaskingCare, 0.02);
  EXPECT_EQ(care_of(9, 50, 0), care_of(9, 50, 60));  // the LF image is no texture
  const std::uint8_t scale[] = {5};
  EXPECT_EQ(masking_care(scale, kLf, 50), 1);
}

}  // namespace
}  // namespace vaec::codec
