// Any bytes as frequencies and as a range-coded stream: a stream that is accepted is the very one that the
// encoder writes for the decoded symbols, and all else is Error kCorrupt (stream) or kModel (table).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "entropy/gaussian.hpp"
#include "vaec/error.hpp"

namespace {

using vaec::Error;
using vaec::ErrorCode;
using vaec::entropy::FrequencyTable;

void require(bool holds) {
  if (!holds) std::abort();
}

// Takes bytes from the front of the input; zeros when there are none left.
class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t u8() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(u8() | u8() << 8); }
  [[nodiscard]] std::span<const std::byte> rest() const { return std::as_bytes(bytes_); }

 private:
  std::span<const std::uint8_t> bytes_;
};

// A table as a model file might hold it: mostly refused.
std::optional<FrequencyTable> raw_table(Input& input) {
  const auto first = static_cast<std::int32_t>(std::uint32_t{input.u16()} << 16 | input.u16());
  std::vector<std::uint16_t> frequencies(input.u8() % 8);
  for (auto& frequency : frequencies) frequency = input.u16();
  try {
    return FrequencyTable(first, frequencies);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kModel);
    return std::nullopt;
  }
}

// A valid table of any shape.
FrequencyTable rounded_table(Input& input) {
  std::vector<double> probabilities(2 + input.u8() % 40);
  for (double& p : probabilities) p = 1e-9 + input.u16() * (input.u8() % 16 == 0 ? 1000.0 : 1.0);
  const auto first = static_cast<std::int32_t>(input.u8()) - 128;
  return {first, vaec::entropy::quantize_probabilities(probabilities)};
}

void check_stream(const std::vector<FrequencyTable>& tables, std::size_t count,
                  std::span<const std::byte> stream) {
  std::vector<std::int32_t> values;
  bool accepted = false;
  try {
    vaec::entropy::RangeDecoder decoder(stream);
    for (std::size_t i = 0; i < count; ++i) values.push_back(tables[i % tables.size()].decode(decoder));
    decoder.expect_end();
    accepted = true;
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kCorrupt);
  }
  // What was decoded, up to the error if there was one, can be encoded; if there was none, to the same bytes.
  vaec::entropy::RangeEncoder encoder;
  for (std::size_t i = 0; i < values.size(); ++i) tables[i % tables.size()].encode(encoder, values[i]);
  const std::vector<std::byte> written = encoder.finish();
  if (accepted) require(std::ranges::equal(written, stream));
  vaec::entropy::RangeDecoder decoder(written);
  for (std::size_t i = 0; i < values.size(); ++i) {
    require(tables[i % tables.size()].decode(decoder) == values[i]);
  }
  decoder.expect_end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  std::vector<FrequencyTable> tables;
  if (auto table = raw_table(input)) tables.push_back(std::move(*table));
  tables.push_back(rounded_table(input));
  static const auto gaussian = vaec::entropy::gaussian_table(2.5);
  tables.emplace_back(gaussian.first, gaussian.frequencies);
  const std::size_t count = input.u16() % 2000;
  check_stream(tables, count, input.rest());
  return 0;
}
