// LibTorch tensors to and from .safetensors files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/safetensors.hpp"
#include "nn/torch.hpp"

namespace vaec::nn {

// A tensor's values in C order. T is the tensor's type.
template <typename T>
std::vector<T> dense_values(const torch::Tensor& tensor) {
  const auto dense = tensor.contiguous();
  return {dense.data_ptr<T>(), dense.data_ptr<T>() + dense.numel()};
}

// A copy of a tensor in the file, on the CPU. Throws Error kModel: missing, another type or shape, values
// that are not finite.
[[nodiscard]] torch::Tensor read_tensor(const model::SafeTensors& file, const std::string& name,
                                        model::DType dtype, const std::vector<std::int64_t>& shape);
// Collects tensors and writes them as one file.
class TensorWriter {
 public:
  void put(const std::string& name, const torch::Tensor& tensor);  // float32, float16, int32, int8
  void put(const std::string& name, const std::vector<std::int32_t>& values);
  void put(const std::string& name, const std::vector<std::uint16_t>& values);
  // Throws Error kWrite.
  void write(const std::filesystem::path& file, const std::map<std::string, std::string>& metadata) const;

 private:
  struct Entry {
    model::DType dtype;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace vaec::nn
