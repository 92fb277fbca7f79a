// The values of a tensor in a model file, copied out: views may be unaligned.
#pragma once

#include <cstring>
#include <vector>

#include "model/safetensors.hpp"

namespace vaec::model {

// T has the size of the tensor's type.
template <typename T>
std::vector<T> values_of(const TensorView& view) {
  std::vector<T> values(view.data.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), view.data.data(), view.data.size());
  return values;
}

}  // namespace vaec::model
