#include "image/libpng_decode.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "base/interrupt.hpp"
#include "image/make_picture.hpp"
#include "image/write.hpp"
#include "stop_request.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

// The checksum of the IDAT chunk made right.
std::vector<std::byte> with_right_checksum(std::vector<std::byte> png) {
  const auto type = bytes_of("IDAT"sv);
  const auto at = std::search(png.begin(), png.end(), type.begin(), type.end());
  std::uint32_t size = 0;
  for (auto byte = at - 4; byte != at; ++byte) size = size << 8 | static_cast<std::uint32_t>(*byte);
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(&*at), size + 4);
  std::vector<std::byte> checksum;
  append_big_endian(checksum, static_cast<std::uint32_t>(crc), 4);
  std::copy(checksum.begin(), checksum.end(), at + 4 + size);
  return png;
}

// What libpng says of pixels that its checksums find right. Its callbacks are noexcept: an exception among
// its frames would end the program.
TEST(DecodePng, DamagedPixelsAreAnError) {
  const auto whole = encode_image(make_picture(24, 16, 3), OutputFormat::kPng);
  ASSERT_EQ(with_right_checksum(whole), whole);
  ASSERT_EQ(decode_png(whole).cols, 24);
  const std::size_t first = 41, end = whole.size() - 16;  // the data of IDAT; after them a checksum and IEND
  std::size_t errors = 0;
  for (std::size_t i = first; i < end; ++i) {
    auto damaged = whole;
    damaged[i] ^= std::byte{0x10};
    const std::string error = error_of([&] { (void)decode_png(with_right_checksum(damaged)); });
    if (error == "no error")
      continue;  // other pixels: zlib's own checksum is no reason for libpng to give up
    EXPECT_EQ(error.rfind("3 cannot be decoded: ", 0), 0U) << i << ": " << error;
    ++errors;
  }
  EXPECT_GT(errors, (end - first) / 4);
}

TEST(DecodePng, EveryTruncationIsAnError) {
  const auto whole = encode_image(make_picture(24, 16, 3), OutputFormat::kPng);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string error = error_of([&] { (void)decode_png(std::span(whole).first(size)); });
    EXPECT_EQ(error.rfind("3 cannot be decoded: ", 0), 0U) << size << ": " << error;
  }
}

TEST(DecodePng, EndsWhenInterrupted) {
  const auto file = encode_image(make_picture(24, 16, 3), OutputFormat::kPng);
  base::request_stop();
  EXPECT_EQ(error_of([&] { (void)decode_png(file); }), "130 interrupted");
  clear_stop_request();
  EXPECT_EQ(decode_png(file).cols, 24);
}

}  // namespace
}  // namespace vaec::image
