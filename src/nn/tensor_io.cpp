#include "nn/tensor_io.hpp"

#include <cstring>

#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

using model::DType;

torch::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return torch::kFloat64;
    case DType::kF32:
      return torch::kFloat32;
    case DType::kF16:
      return torch::kHalf;
    case DType::kBF16:
      return torch::kBFloat16;
    case DType::kI64:
      return torch::kInt64;
    case DType::kI32:
      return torch::kInt32;
    case DType::kI16:
      return torch::kInt16;
    case DType::kI8:
      return torch::kInt8;
    case DType::kU8:
      return torch::kUInt8;
    case DType::kU16:
      break;
  }
  throw Error(ErrorCode::kInternal, "no LibTorch type for " + model::to_string(dtype));
}

DType dtype_of(const torch::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case torch::kFloat32:
      return DType::kF32;
    case torch::kHalf:
      return DType::kF16;
    case torch::kInt32:
      return DType::kI32;
    case torch::kInt16:
      return DType::kI16;
    case torch::kInt8:
      return DType::kI8;
    default:
      throw Error(ErrorCode::kInternal, "a tensor of a type that model files do not use");
  }
}

template <typename T>
std::vector<std::byte> bytes_of(const T* values, std::size_t count) {
  std::vector<std::byte> bytes(count * sizeof(T));
  if (count > 0) std::memcpy(bytes.data(), values, bytes.size());
  return bytes;
}

}  // namespace

torch::Tensor read_tensor(const model::SafeTensors& file, const std::string& name, DType dtype,
                          const std::vector<std::int64_t>& shape) {
  const auto& view = file.tensor(name, dtype, shape);
  auto tensor = torch::empty(shape, scalar_type(dtype));
  if (!view.data.empty()) std::memcpy(tensor.data_ptr(), view.data.data(), view.data.size());
  if (tensor.is_floating_point() && !tensor.to(torch::kFloat32).isfinite().all().item<bool>()) {
    throw Error(ErrorCode::kModel, "model: tensor " + name + " holds values that are not finite");
  }
  return tensor;
}

void TensorWriter::put(const std::string& name, const torch::Tensor& tensor) {
  const auto on_cpu = tensor.detach().cpu().contiguous();
  const auto* data = static_cast<const std::byte*>(on_cpu.data_ptr());
  entries_[name] = {dtype_of(on_cpu), on_cpu.sizes().vec(),
                    std::vector<std::byte>(data, data + on_cpu.nbytes())};
}

void TensorWriter::put(const std::string& name, const std::vector<std::int32_t>& values) {
  entries_[name] = {
      DType::kI32, {static_cast<std::int64_t>(values.size())}, bytes_of(values.data(), values.size())};
}

void TensorWriter::put(const std::string& name, const std::vector<std::uint16_t>& values) {
  entries_[name] = {
      DType::kU16, {static_cast<std::int64_t>(values.size())}, bytes_of(values.data(), values.size())};
}

void TensorWriter::write(const std::filesystem::path& file,
                         const std::map<std::string, std::string>& metadata) const {
  std::map<std::string, model::TensorView> views;
  for (const auto& [name, entry] : entries_) views[name] = {entry.dtype, entry.shape, entry.bytes};
  model::write_safetensors(file, views, metadata);
}

}  // namespace vaec::nn
