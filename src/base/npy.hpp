// NumPy's .npy files, versions 1.0, 2.0 and 3.0: one array behind a header that says what it holds (NEP 1 and
// numpy.lib.format).
//
//   "\x93NUMPY", major and minor version (a byte each), length of the rest of the header (uint16, from version 2.0 on
//   uint32, little-endian), a Python dict literal with the keys 'descr', 'fortran_order' and 'shape', the array
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace vaec::base {

struct NpyArray {
  std::string descr;                             // type and byte order, as "|u1" or "<f4"
  bool is_fortran_order = false;                 // columns first
  std::vector<std::uint64_t> shape;              // no number at all: a single value
  std::span<const std::byte> data;               // points into the bytes that were parsed
  [[nodiscard]] std::string shape_text() const;  // "(60000, 28, 28)"
};

// `bytes`: a whole file. Its literal is read strictly: each key once, a type that is no record, whole numbers.
// Throws Error kUnreadable: no .npy file (of an .npz archive it says so), another version, a header that is damaged,
// truncated or without sense, an array that has not just as many bytes as it says.
[[nodiscard]] NpyArray parse_npy(std::span<const std::byte> bytes);

// A file of version 1.0 that holds float32 [values.size() / columns, columns], rows first, as numpy.save writes it.
// `columns`: at least 1, and whole rows.
[[nodiscard]] std::vector<std::byte> encode_npy(std::span<const float> values, std::size_t columns);

}  // namespace vaec::base
