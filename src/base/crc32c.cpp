#include "base/crc32c.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vaec::base {

namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;

// Slicing by 8 (Kounavis, Berry 2005): tables[k][b] is the CRC of byte b followed by k zero bytes.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = crc >> 8 ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint32_t word_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
  return word;
}

// `crc` inverted, before and after.
std::uint32_t extend_by_tables(std::uint32_t crc, std::span<const std::byte> bytes) {
  std::size_t at = 0;
  for (; bytes.size() - at >= 8; at += 8) {
    const std::uint32_t a = word_at(bytes, at) ^ crc;
    const std::uint32_t b = word_at(bytes, at + 4);
    crc = kTables[7][a & 0xFF] ^ kTables[6][a >> 8 & 0xFF] ^ kTables[5][a >> 16 & 0xFF] ^
          kTables[4][a >> 24] ^ kTables[3][b & 0xFF] ^ kTables[2][b >> 8 & 0xFF] ^
          kTables[1][b >> 16 & 0xFF] ^ kTables[0][b >> 24];
  }
  for (; at < bytes.size(); ++at) {
    crc = crc >> 8 ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(bytes[at])) & 0xFF];
  }
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t extend_by_instructions(std::uint32_t crc,
                                                                       std::span<const std::byte> bytes) {
  std::uint64_t state = crc;
  std::size_t at = 0;
  for (; bytes.size() - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    state = _mm_crc32_u64(state, word);
  }
  crc = static_cast<std::uint32_t>(state);
  for (; at < bytes.size(); ++at) crc = _mm_crc32_u8(crc, std::to_integer<std::uint8_t>(bytes[at]));
  return crc;
}
#endif

}  // namespace

std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::byte> bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~extend_by_instructions(~crc, bytes);
#endif
  return ~extend_by_tables(~crc, bytes);
}

std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::int32_t> values) {
  if constexpr (std::endian::native == std::endian::little) return crc32c_extend(crc, std::as_bytes(values));
  std::array<std::byte, 1024> block;
  while (!values.empty()) {
    const auto part = values.first(std::min(values.size(), block.size() / 4));
    std::size_t size = 0;
    for (const std::int32_t value : part) {
      for (int shift = 0; shift < 32; shift += 8) {
        block[size++] = static_cast<std::byte>(static_cast<std::uint32_t>(value) >> shift);
      }
    }
    crc = crc32c_extend(crc, std::span<const std::byte>(block).first(size));
    values = values.subspan(part.size());
  }
  return crc;
}

std::uint32_t crc32c(std::span<const std::byte> bytes) { return crc32c_extend(0, bytes); }

}  // namespace vaec::base
