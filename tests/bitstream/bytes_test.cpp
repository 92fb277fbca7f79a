#include "bitstream/bytes.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "bytes_of.hpp"

namespace vaec::bitstream {
namespace {

void expect_unreadable(const std::function<void()>& read, const std::string& message) {
  try {
    read();
    ADD_FAILURE() << "no error, expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
    EXPECT_EQ(error.what(), message);
  }
}

TEST(Bytes, GoldenVarints) {
  const auto written = [](std::uint64_t value) {
    ByteWriter writer;
    writer.varint(value);
    return writer.take();
  };
  EXPECT_EQ(written(0), bytes_of({0}));
  EXPECT_EQ(written(127), bytes_of({0x7F}));
  EXPECT_EQ(written(128), bytes_of({0x80, 0x01}));
  EXPECT_EQ(written(200), bytes_of({0xC8, 0x01}));
  EXPECT_EQ(written(16383), bytes_of({0xFF, 0x7F}));
  EXPECT_EQ(written(16384), bytes_of({0x80, 0x80, 0x01}));
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()),
            bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}));
}

TEST(Bytes, VarintsRoundTripAroundPowersOfTwo) {
  ByteWriter writer;
  std::vector<std::uint64_t> values;
  std::size_t size = 0;
  for (int bit = 0; bit < 64; ++bit) {
    for (const int near : {-1, 0, 1})
      values.push_back((std::uint64_t{1} << bit) + static_cast<std::uint64_t>(near));
  }
  for (const std::uint64_t value : values) {
    writer.varint(value);
    size += varint_size(value);
  }
  EXPECT_EQ(writer.written().size(), size);
  ByteReader reader(writer.written());
  for (const std::uint64_t value : values) EXPECT_EQ(reader.varint("value"), value);
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(Bytes, RefusesVarintsOfOtherForms) {
  const auto read = [](const std::vector<std::byte>& bytes) {
    return [bytes] { (void)ByteReader(bytes, 7).varint("width"); };
  };
  expect_unreadable(read(bytes_of({0x80, 0x00})),
                    "width at byte 7: found a varint with needless bytes, expected its shortest form");
  expect_unreadable(read(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02})),
                    "width at byte 7: found a varint of more than 64 bits, expected at most 64 bits");
  expect_unreadable(read(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0x01})),
                    "width at byte 7: found a varint of more than 64 bits, expected at most 64 bits");
  expect_unreadable(read({}), "truncated: width ends after 0 of 1 bytes");
  expect_unreadable(read(bytes_of({0x80, 0x80})), "truncated: width ends after 2 of 3 bytes");
}

TEST(Bytes, FixedSizesAreLittleEndian) {
  ByteWriter writer;
  writer.u32(0x01020304);
  writer.u8(0xFE);
  EXPECT_EQ(writer.written(), bytes_of({4, 3, 2, 1, 0xFE}));
  ByteReader reader(writer.written(), 100);
  EXPECT_EQ(reader.u32("a"), 0x01020304u);
  EXPECT_EQ(reader.offset(), 104u);
  EXPECT_EQ(reader.u8("b"), 0xFE);
  expect_unreadable([&] { reader.u8("c"); }, "truncated: c ends after 0 of 1 bytes");
}

TEST(Bytes, ReaderStaysInsideItsSpan) {
  const auto bytes = bytes_of({1, 2, 3});
  ByteReader reader(bytes);
  expect_unreadable([&] { reader.bytes(std::numeric_limits<std::uint64_t>::max(), "chunk"); },
                    "truncated: chunk ends after 3 of 18446744073709551615 bytes");
  EXPECT_EQ(reader.bytes(3, "chunk").size(), 3u);
  EXPECT_EQ(reader.bytes(0, "nothing").size(), 0u);
}

TEST(Bytes, VarintRange) {
  const auto bytes = bytes_of({5, 5, 5});
  ByteReader reader(bytes);
  EXPECT_EQ(reader.varint("quality", 1, 5), 5u);
  expect_unreadable([&] { reader.varint("quality", 6, 9); }, "quality at byte 1: found 5, expected 6 to 9");
  expect_unreadable([&] { reader.varint("quality", 1, 4); }, "quality at byte 2: found 5, expected 1 to 4");
}

}  // namespace
}  // namespace vaec::bitstream
