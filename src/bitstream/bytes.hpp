// Every multi-byte field of a .vaec file is read and written here. Fixed sizes are little-endian. A varint is
// unsigned LEB128: groups of 7 bits, the lowest first, bit 7 set in every byte but the last; the shortest
// form only, so at most 5 bytes for 32 bits and 10 for 64.
//
// The reader never leaves its span: what is missing is an Error kCorrupt that names the field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vaec/error.hpp"

namespace vaec::bitstream {

// "0x1F"
[[nodiscard]] inline std::string hex_byte(std::uint8_t value) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%02X", value);
  return text;
}

// "0x0123ABCD"
[[nodiscard]] inline std::string hex_word(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08X", static_cast<unsigned>(value));
  return text;
}

// Throws kCorrupt: "`field` at byte `offset`: found `found`, expected `expected`".
[[noreturn]] inline void throw_field(const std::string& field, std::size_t offset, const std::string& found,
                                     const std::string& expected) {
  throw Error(ErrorCode::kCorrupt,
              field + " at byte " + std::to_string(offset) + ": found " + found + ", expected " + expected);
}

// The file ends too early. A class of its own, since `parse` tells it from other damage.
class TruncatedError : public Error {
 public:
  TruncatedError(const std::string& field, std::uint64_t found, std::uint64_t expected)
      : Error(ErrorCode::kCorrupt, "truncated: " + field + " ends after " + std::to_string(found) + " of " +
                                       std::to_string(expected) + " bytes") {}
};

class ByteReader {
 public:
  // `offset`: where `bytes` begin in the file, for the messages.
  explicit ByteReader(std::span<const std::byte> bytes, std::size_t offset = 0)
      : bytes_(bytes), base_(offset) {}

  // The place in the file of the next byte.
  [[nodiscard]] std::size_t offset() const { return base_ + position_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }

  // The next `count` bytes; `field` is what a message calls them.
  std::span<const std::byte> bytes(std::uint64_t count, const std::string& field) {
    if (count > remaining()) throw TruncatedError(field, remaining(), count);
    const auto result = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += result.size();
    return result;
  }

  std::uint8_t u8(const std::string& field) { return std::to_integer<std::uint8_t>(bytes(1, field)[0]); }

  std::uint32_t u32(const std::string& field) {
    std::uint32_t value = 0;
    int shift = 0;
    for (const std::byte byte : bytes(4, field)) {
      value |= std::to_integer<std::uint32_t>(byte) << shift;
      shift += 8;
    }
    return value;
  }

  std::uint64_t varint(const std::string& field) {
    const std::size_t start = offset();
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      if (remaining() == 0) throw TruncatedError(field, offset() - start, offset() - start + 1);
      const std::uint8_t byte = u8(field);
      if (shift == 63 && byte > 1)
        throw_field(field, start, "a varint of more than 64 bits", "at most 64 bits");
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0)
          throw_field(field, start, "a varint with needless bytes", "its shortest form");
        return value;
      }
    }
  }

  // A varint within [min, max].
  std::uint64_t varint(const std::string& field, std::uint64_t min, std::uint64_t max) {
    const std::size_t start = offset();
    const std::uint64_t value = varint(field);
    if (value < min || value > max) {
      throw_field(field, start, std::to_string(value), std::to_string(min) + " to " + std::to_string(max));
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t base_ = 0;
  std::size_t position_ = 0;
};

class ByteWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(static_cast<std::byte>(value)); }

  void u32(std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) u8(static_cast<std::uint8_t>(value >> shift));
  }

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) u8(static_cast<std::uint8_t>(value | 0x80));
    u8(static_cast<std::uint8_t>(value));
  }

  void bytes(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  [[nodiscard]] const std::vector<std::byte>& written() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

// Bytes that a varint of `value` takes.
[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

}  // namespace vaec::bitstream
