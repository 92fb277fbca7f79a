#include "codec/packed_metadata.hpp"

#include <gtest/gtest.h>

#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using Bytes = std::vector<std::byte>;

ErrorCode code_of(const Bytes& stream, std::uint64_t limit) {
  try {
    (void)unpack_metadata(stream, "XMP", limit);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;  // none
}

TEST(PackedMetadata, ComesBack) {
  Bytes content(100000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::byte>(i * i >> 5);
  const Bytes stream = pack_metadata(content, "XMP", content.size());
  EXPECT_EQ(unpack_metadata(stream, "XMP", content.size()), content);
  EXPECT_EQ(code_of(stream, content.size() - 1), ErrorCode::kLimit);
}

TEST(PackedMetadata, NothingIsNothing) {
  EXPECT_TRUE(pack_metadata({}, "XMP", 10).empty());
  EXPECT_TRUE(unpack_metadata({}, "XMP", 10).empty());
  const Bytes some(9, std::byte{7});
  EXPECT_TRUE(pack_metadata(some, "XMP", 0).empty());  // left out
  EXPECT_TRUE(unpack_metadata(some, "XMP", 0).empty());
}

TEST(PackedMetadata, WhatIsNoStreamIsCorrupt) {
  const Bytes content(500, std::byte{7});
  const Bytes stream = pack_metadata(content, "XMP", 1000);
  for (std::size_t size = 1; size < stream.size(); ++size) {
    EXPECT_EQ(code_of(Bytes(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size)), 1000),
              ErrorCode::kCorrupt);
  }
  Bytes longer = stream;
  longer.push_back(std::byte{0});
  EXPECT_EQ(code_of(longer, 1000), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace vaec::codec
