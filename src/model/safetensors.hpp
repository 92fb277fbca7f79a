// The .safetensors file: 8 bytes little-endian header length, a JSON header, raw tensors. No LibTorch here.
// https://huggingface.co/docs/safetensors (format description)
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace vaec::model {

enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU16, kU8 };

[[nodiscard]] std::size_t size_of(DType dtype);
[[nodiscard]] std::string to_string(DType dtype);  // the format's own name, "F32"

struct TensorView {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;  // C order, little-endian; as long as dtype and shape say
};

inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;

// A checked, memory-mapped (or in-memory) file. Views live as long as this object or a copy of it. Views of
// files that others wrote may be unaligned: copy out of them.
class SafeTensors {
 public:
  // Throws Error kModel: cannot be read, header too long (> 16 MiB) or not JSON, unknown dtype, offsets that
  // overlap, leave gaps, run out of the file or do not fit the shape.
  // Nothing is allocated from a size in the file unchecked.
  [[nodiscard]] static SafeTensors open(const std::filesystem::path& file);
  [[nodiscard]] static SafeTensors parse(std::vector<std::byte> bytes);

  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
  [[nodiscard]] const std::map<std::string, TensorView>& tensors() const { return tensors_; }

  // Throws Error kModel that names the tensor, what was expected and what was found.
  [[nodiscard]] const TensorView& tensor(const std::string& name, DType dtype,
                                         std::span<const std::int64_t> shape) const;

 private:
  SafeTensors(std::shared_ptr<const void> storage, std::span<const std::byte> bytes);

  std::shared_ptr<const void> storage_;  // the mapping or the vector that the views point into
  std::map<std::string, std::string> metadata_;
  std::map<std::string, TensorView> tensors_;
};

// Writes through a temporary file beside the target and a rename. The data start at a multiple of 8 and hold
// the tensors by falling size of their dtype, then by name: without gaps, which the format forbids, each is
// aligned to its dtype. The same content gives the same bytes. Throws Error kWrite; kInternal for a view
// whose data do not fit its shape.
void write_safetensors(const std::filesystem::path& file, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace vaec::model
