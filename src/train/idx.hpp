// IDX files, the format of MNIST: big-endian magic 0x00000803 (uint8, 3 dimensions), count, rows, columns,
// bytes; of labels 0x00000801, count, bytes. (LeCun, Cortes, Burges: the MNIST database)
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace vaec::train {

struct IdxImages {
  std::uint32_t count = 0, rows = 0, columns = 0;
  std::vector<std::uint8_t> pixels;  // count * rows * columns, row-major
};

// Throws Error kUnreadable: not an IDX3 file of bytes, truncated, longer than its header says, or of more
// than 2^31 pixels.
[[nodiscard]] IdxImages parse_idx(std::span<const std::byte> bytes);
// Reads a file, gzip-compressed or plain.
[[nodiscard]] IdxImages read_idx(const std::filesystem::path& file);
// An IDX1 file of bytes: a label each.
[[nodiscard]] std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& file);

}  // namespace vaec::train
