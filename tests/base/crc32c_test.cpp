#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace vaec::base {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

// The vectors of RFC 3720, appendix B.4, and the catalogue's check value.
TEST(Crc32c, PublishedVectors) {
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283u);
  EXPECT_EQ(crc32c({}), 0u);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0})), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8AB43u);
  std::vector<std::byte> ascending;
  for (int i = 0; i < 32; ++i) ascending.push_back(static_cast<std::byte>(i));
  EXPECT_EQ(crc32c(ascending), 0x46DD794Eu);
}

TEST(Crc32c, InParts) {
  const std::string_view text = "The quick brown fox jumps over the lazy dog";
  const std::uint32_t whole = crc32c(bytes_of(text));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c_extend(crc32c(bytes_of(text.substr(0, cut))), bytes_of(text.substr(cut))), whole) << cut;
  }
}

TEST(Crc32c, IntegersAreLittleEndian) {
  std::vector<std::int32_t> values;
  std::vector<std::byte> bytes;
  for (int i = 0; i < 1000; ++i) {
    values.push_back(i % 2 == 0 ? i * 1234567 : -i);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::byte>(static_cast<std::uint32_t>(values.back()) >> shift));
    }
  }
  EXPECT_EQ(crc32c_extend(0, std::span<const std::int32_t>(values)), crc32c(bytes));
  EXPECT_EQ(crc32c_extend(7, std::span<const std::int32_t>()), 7u);
}

}  // namespace
}  // namespace vaec::base
