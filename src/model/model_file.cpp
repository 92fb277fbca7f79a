#include "model/model_file.hpp"

#include <algorithm>
#include <cstring>

#include "base/sha256.hpp"
#include "vaec/error.hpp"
#include "vaec/models.hpp"

namespace vaec::model {

std::array<std::uint8_t, 8> model_id(const SafeTensors& file) {
  constexpr std::string_view kZero("\0", 1);
  base::Sha256 hash;
  for (const auto& [name, view] : file.tensors()) {  // std::map: in byte order of the names
    hash.update(name);
    hash.update(kZero);
    hash.update(to_string(view.dtype));
    hash.update(kZero);
    for (const auto dimension : view.shape) {
      std::array<std::byte, 8> bytes;
      for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(dimension >> (8 * i));
      hash.update(bytes);
    }
    hash.update(view.data);
  }
  const auto digest = hash.finish();
  std::array<std::uint8_t, 8> id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

std::string architecture(const SafeTensors& file) {
  const auto& metadata = file.metadata();
  const auto format = metadata.find(kFormatKey);
  const auto found = metadata.find(kArchitectureKey);
  if (format == metadata.end() || format->second != kFormatName || found == metadata.end()) {
    throw Error(ErrorCode::kModel,
                "a safetensors file, but not a vaec model: its metadata name no vaec architecture");
  }
  return found->second;
}

}  // namespace vaec::model

namespace vaec {

std::string to_hex(const ModelId& id) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : id) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

}  // namespace vaec
