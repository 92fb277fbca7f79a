#include "image/libjpeg_decode.hpp"

#include <gtest/gtest.h>

#include "base/interrupt.hpp"
#include "image/make_picture.hpp"
#include "image/write.hpp"
#include "stop_request.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

// A black progressive JPEG of 64x64, grey. Its first scan has the means of the 64 blocks, each of `more`
// scans says that all other coefficients are zero, in one code: a run of 64 blocks. (ITU-T T.81, annexes B
// and G.)
std::vector<std::byte> progressive(int more) {
  auto file = bytes_of("\xff\xd8\xff\xdb\0\x43\0"sv);
  file.insert(file.end(), 64, std::byte{1});                                         // the quantization steps
  append(file, bytes_of("\xff\xc2\0\x0b\x08\0\x40\0\x40\x01\x01\x11\0"sv));          // a progressive frame
  append(file, bytes_of("\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv));  // DC: 0 is "no change"
  append(file, bytes_of("\xff\xc4\0\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x60"sv));  // AC: 0 is EOB6
  append(file, bytes_of("\xff\xda\0\x08\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0"sv));
  for (int i = 0; i < more; ++i) append(file, bytes_of("\xff\xda\0\x08\x01\x01\0\x01\x3f\0\x01"sv));
  append(file, bytes_of("\xff\xd9"sv));
  return file;
}

TEST(DecodeJpeg, RefusesMoreScansThanAnyJpegNeeds) {
  const auto pixels = decode_jpeg(progressive(99));
  EXPECT_EQ(pixels.cols, 64);
  EXPECT_EQ(error_of([] { (void)decode_jpeg(progressive(100)); }), "5 has more scans than any JPEG needs");
  EXPECT_EQ(error_of([] { (void)decode_jpeg(progressive(20000)); }), "5 has more scans than any JPEG needs");
}

TEST(DecodeJpeg, EndsWhenInterrupted) {
  const auto one_scan = encode_image(make_picture(64, 64, 3), OutputFormat::kJpeg);
  base::request_stop();
  EXPECT_EQ(error_of([] { (void)decode_jpeg(progressive(99)); }), "130 interrupted");
  EXPECT_EQ(error_of([&] { (void)decode_jpeg(one_scan); }), "130 interrupted");
  clear_stop_request();
  EXPECT_EQ(decode_jpeg(one_scan).cols, 64);
}

// libjpeg's own words, at each place where it can fail. Its callbacks are noexcept: an exception among its
// frames would end the program.
TEST(DecodeJpeg, EveryDamagedByteGivesAPictureOrAnError) {
  const auto whole = encode_image(make_picture(24, 16, 3), OutputFormat::kJpeg);
  std::size_t errors = 0;
  for (const auto& file : {whole, progressive(2)}) {
    for (std::size_t i = 0; i < file.size(); ++i) {
      for (const auto damage : {std::byte{0x55}, std::byte{0xff}}) {
        auto damaged = file;
        damaged[i] ^= damage;
        if (error_of([&] { (void)decode_jpeg(damaged); }) != "no error") ++errors;
      }
      const std::string error = error_of([&] { (void)decode_jpeg(std::span(file).first(i)); });
      EXPECT_EQ(error.rfind("3 ", 0), 0U) << i << ": " << error;
    }
  }
  EXPECT_GT(errors, whole.size() / 4);
}

}  // namespace
}  // namespace vaec::image
