#include "entropy/range_coder.hpp"

#include <string>
#include <utility>

#include "vaec/error.hpp"

namespace vaec::entropy {

namespace {

[[noreturn]] void throw_wrong_end(std::size_t size, const std::string& reason) {
  throw Error(ErrorCode::kCorrupt, "range-coded stream of " + std::to_string(size) +
                                       " bytes does not end with its last symbol: " + reason);
}

}  // namespace

void RangeEncoder::carry() {
  for (std::size_t i = bytes_.size(); i > 0; --i) {
    const auto sum = static_cast<std::uint8_t>(std::to_integer<unsigned>(bytes_[i - 1]) + 1);
    bytes_[i - 1] = static_cast<std::byte>(sum);
    if (sum != 0) return;
  }
}

std::vector<std::byte> RangeEncoder::finish() {
  // range >= 2^24, so [low, low + range) holds a multiple of 2^24: one byte is always enough. It holds at
  // most one multiple of 2^32 (0 or 2^32, a carry), which needs no byte at all.
  if (low_ != 0) {
    if (low_ > kRangeStart - range_ + 1) {
      carry();
    } else {
      bytes_.push_back(static_cast<std::byte>((low_ + kRangeMin - 1) >> 24));
    }
  }
  while (!bytes_.empty() && bytes_.back() == std::byte{0}) bytes_.pop_back();
  low_ = 0;
  range_ = kRangeStart;
  return std::exchange(bytes_, {});
}

RangeDecoder::RangeDecoder(std::span<const std::byte> stream) : stream_(stream) {
  for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next_byte();
  if (code_ >= range_) {
    throw Error(ErrorCode::kCorrupt, "range-coded stream begins with FF FF FF FF, which no encoder writes");
  }
}

void RangeDecoder::expect_end() const {
  // The encoder had shifted out (position_ + missing_ - 4) bytes before finish() wrote one more, or none.
  const std::size_t size = stream_.size();
  if (position_ < size) {
    throw_wrong_end(size, "found " + std::to_string(size - position_) + " unread bytes, expected none");
  }
  if (size == 0) return;
  if (missing_ < 3) {
    throw_wrong_end(size, "found " + std::to_string(3 - missing_) + " bytes too many");
  }
  if (stream_.back() == std::byte{0})
    throw_wrong_end(size, "found a zero as the last byte, which is never written");
  if (missing_ == 3) {
    // finish() wrote the last byte: the smallest multiple of 2^24 in the interval,
    // which holds no multiple of 2^32.
    const std::uint32_t value = std::to_integer<std::uint32_t>(stream_.back()) << 24;
    const bool smallest = code_ < kRangeMin;
    if (!smallest || std::uint64_t{value} - code_ + range_ > std::uint64_t{1} << 32) {
      throw_wrong_end(size, "found another last byte than the encoder writes");
    }
  }
}

}  // namespace vaec::entropy
