// Any bytes as a range-coded stream of predicted integers, an LF image or a hyper-latent: a stream that is accepted
// is the very one that the encoder writes for the decoded values, and all else is Error kCorrupt.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "entropy/hyper_predictor.hpp"
#include "entropy/lf_predictor.hpp"
#include "entropy/predicted_table.hpp"
#include "vaec/error.hpp"

namespace {

using namespace vaec::entropy;

void require(bool holds) {
  if (!holds) std::abort();
}

const std::vector<FrequencyTable>& tables() {
  static const auto made = [] {
    std::vector<FrequencyTable> tables;
    for (const auto& data : PredictedCounts().tables()) tables.emplace_back(data.first, data.frequencies);
    return tables;
  }();
  return made;
}

// `make` gives a new predictor, next(predictor, i) what it says of value i; no value is larger than `largest`.
template <typename Make, typename Next>
void check_stream(std::span<const std::byte> stream, std::size_t count, std::int32_t largest,
                  const Make& make, const Next& next) {
  std::vector<std::int32_t> values;
  bool accepted = false;
  try {
    RangeDecoder coder(stream);
    auto predictor = make();
    while (values.size() < count) {
      const auto predicted = next(predictor, values.size());
      require(predicted.table >= 0 && predicted.table < kPredictedTables);
      const auto value =
          predicted.value_of(tables()[static_cast<std::size_t>(predicted.table)].decode(coder));
      if (std::abs(value) > largest) return;
      values.push_back(value);
      predictor.put(value);
    }
    coder.expect_end();
    accepted = true;
  } catch (const vaec::Error& error) {
    require(error.code() == vaec::ErrorCode::kCorrupt);
  }
  RangeEncoder encoder;
  auto predictor = make();
  std::size_t at = 0;
  for (const auto value : values) {
    const auto predicted = next(predictor, at++);
    tables()[static_cast<std::size_t>(predicted.table)].encode(encoder, predicted.symbol_of(value));
    predictor.put(value);
  }
  const auto written = encoder.finish();
  if (accepted) require(std::ranges::equal(written, stream));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const auto at = [&](std::size_t i) { return i < size ? bytes[i] : std::uint8_t{0}; };
  const int columns = 1 + at(0) % 16, channels = 1 + at(1) % 8;
  const std::size_t count = static_cast<std::size_t>(columns * channels) * (1 + at(2) % 16);
  if ((at(3) & 1) == 0) {
    const auto coarse = static_cast<std::size_t>(at(3) / 2 % 17 * channels);  // values of a row
    check_stream(
        std::as_bytes(bytes.subspan(std::min<std::size_t>(size, 4))), count, kLfMaximum,
        [&] { return LfPredictor(columns, channels); },
        [&](LfPredictor& predictor, std::size_t i) {
          return predictor.next(i % static_cast<std::size_t>(columns * channels) < coarse ? kLfUnit : 1);
        });
    return 0;
  }
  // A model of any numbers that a file may hold.
  std::vector<std::int32_t> means, expected;
  std::vector<std::int8_t> weights;
  std::size_t next = 4;
  for (int c = 0; c < channels; ++c) {
    means.push_back((at(next) | at(next + 1) << 8) % 4065 - 2032);
    expected.push_back(1 + (at(next + 2) | at(next + 3) << 8) % kHyperExpectedMaximum);
    next += 4;
  }
  for (int i = 0; i < kHyperNeighbours * channels; ++i)
    weights.push_back(static_cast<std::int8_t>(at(next++)));
  check_stream(
      std::as_bytes(bytes.subspan(std::min(size, next))), count, kHyperMaximum,
      [&] {
        return HyperPredictor({means, expected, weights}, columns);
      },
      [](HyperPredictor& predictor, std::size_t) { return predictor.next(); });
  return 0;
}
