// CRC-32C (Castagnoli; RFC 3720, appendix B.4): reflected polynomial 0x82F63B78,
// start and final XOR 0xFFFFFFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vaec::base {

// crc32c("123456789") == 0xE3069283; of nothing it is 0.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes);

// The CRC of A followed by `bytes`, where `crc` is the CRC of A.
[[nodiscard]] std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::byte> bytes);

// The same of integers written as little-endian two's complement on any machine: the latent checksum.
[[nodiscard]] std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::int32_t> values);

}  // namespace vaec::base
