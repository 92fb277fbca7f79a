// Any bytes as a model file, and the tiny model with some of its bytes changed: a model, or Error kModel.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "infer/photo_model.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"
#include "vaec/error.hpp"

namespace {

using namespace vaec;

void check(std::vector<std::byte> bytes) {
  try {
    const auto file = model::SafeTensors::parse(std::move(bytes));
    (void)model::model_id(file);
    (void)model::architecture(file);
    const infer::PhotoModel photo(file);
    (void)photo.analysis();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kModel) std::abort();
  }
}

const std::vector<std::byte>& tiny_model() {
  static const auto bytes = [] {
    std::ifstream in(VAEC_SOURCE_DIR "/tests/golden/tiny-photo.safetensors", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto span = std::as_bytes(std::span(text));
    return std::vector<std::byte>(span.begin(), span.end());
  }();
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check({bytes.begin(), bytes.end()});

  // Three bytes a change: where (in the header, or anywhere), and what it becomes.
  auto changed = tiny_model();
  const std::size_t header = std::min<std::size_t>(changed.size(), 8 + 65536);
  for (std::size_t i = 0; i + 2 < size && i < 60; i += 3) {
    const auto where = std::size_t{data[i]} << 8 | data[i + 1];
    changed[i % 2 == 0 ? where % header : where * 31 % changed.size()] = static_cast<std::byte>(data[i + 2]);
  }
  check(std::move(changed));
  return 0;
}
