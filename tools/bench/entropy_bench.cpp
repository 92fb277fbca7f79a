// Symbols a second of the range coder with the Gaussian tables, one core. The latents are drawn so that they
// look like a photograph's: table indices of mostly small scales, about four symbols of five zero.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "entropy/gaussian.hpp"
#include "entropy/lf_predictor.hpp"
#include "entropy/predicted_table.hpp"

namespace {

using vaec::entropy::FrequencyTable;
using vaec::entropy::kScaleCount;
using vaec::entropy::RangeDecoder;
using vaec::entropy::RangeEncoder;

struct Latent {
  std::vector<std::uint8_t> scales;
  std::vector<std::int32_t> symbols;
  double zeros = 0;  // the share of them
  double bits = 0;   // ideal, a symbol
};

const std::vector<FrequencyTable>& tables() {
  static const std::vector<FrequencyTable> all = [] {
    std::vector<FrequencyTable> made;
    for (int i = 0; i < kScaleCount; ++i) {
      const auto data = vaec::entropy::gaussian_table(vaec::entropy::scale_at(i));
      made.emplace_back(data.first, data.frequencies);
    }
    return made;
  }();
  return all;
}

// `mean_index`: of the exponentially distributed table indices.
Latent make_latent(double mean_index) {
  constexpr std::size_t kCount = std::size_t{1} << 20;
  std::mt19937 random(1);
  std::exponential_distribution<double> index(1 / mean_index);
  std::normal_distribution<double> normal;
  Latent latent;
  for (std::size_t i = 0; i < kCount; ++i) {
    const int scale = std::min(kScaleCount - 1, static_cast<int>(index(random)));
    const auto symbol =
        static_cast<std::int32_t>(std::lround(vaec::entropy::scale_at(scale) * normal(random)));
    latent.scales.push_back(static_cast<std::uint8_t>(scale));
    latent.symbols.push_back(symbol);
    latent.zeros += symbol == 0 ? 1.0 / kCount : 0;
    latent.bits += tables()[latent.scales.back()].bits(symbol) / kCount;
  }
  return latent;
}

std::vector<std::byte> encode(const Latent& latent) {
  RangeEncoder encoder;
  for (std::size_t i = 0; i < latent.symbols.size(); ++i) {
    tables()[latent.scales[i]].encode(encoder, latent.symbols[i]);
  }
  return encoder.finish();
}

void report(benchmark::State& state, const Latent& latent, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(latent.symbols.size()));
  state.counters["zeros"] = latent.zeros;
  state.counters["bits/symbol"] = latent.bits;
  state.counters["excess"] =
      8.0 * static_cast<double>(bytes) / (latent.bits * static_cast<double>(latent.symbols.size())) - 1;
}

void BM_Encode(benchmark::State& state) {
  const Latent latent = make_latent(static_cast<double>(state.range(0)));
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto stream = encode(latent);
    bytes = stream.size();
    benchmark::DoNotOptimize(stream.data());
  }
  report(state, latent, bytes);
}

void BM_Decode(benchmark::State& state) {
  const Latent latent = make_latent(static_cast<double>(state.range(0)));
  const auto stream = encode(latent);
  const FrequencyTable* table = tables().data();
  std::vector<std::int32_t> symbols(latent.symbols.size());
  for (auto _ : state) {
    RangeDecoder decoder(stream);
    for (std::size_t i = 0; i < symbols.size(); ++i) symbols[i] = table[latent.scales[i]].decode(decoder);
    decoder.expect_end();
    benchmark::DoNotOptimize(symbols.data());
  }
  if (symbols != latent.symbols) state.SkipWithError("the decoded symbols differ");
  report(state, latent, stream.size());
}

// An LF image of 12 MP: slow waves and noise of some steps, three channels.
struct LfPicture {
  static constexpr int kRows = 188, kColumns = 250, kChannels = 3;
  std::vector<std::int32_t> values;
  std::vector<FrequencyTable> tables;
};

const LfPicture& lf_picture() {
  static const LfPicture picture = [] {
    LfPicture made;
    for (const auto& data : vaec::entropy::PredictedCounts().tables()) {
      made.tables.emplace_back(data.first, data.frequencies);
    }
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, 2);
    for (int row = 0; row < LfPicture::kRows; ++row) {
      for (int column = 0; column < LfPicture::kColumns; ++column) {
        for (int c = 0; c < LfPicture::kChannels; ++c) {
          const double wave = 40 * std::sin(row * 0.1 + c) + 30 * std::cos(column * 0.07);
          made.values.push_back(vaec::entropy::kLfUnit *
                                static_cast<std::int32_t>(std::lround(wave + noise(random))));
        }
      }
    }
    return made;
  }();
  return picture;
}

std::vector<std::byte> encoded_lf(const LfPicture& picture) {
  vaec::entropy::LfPredictor predictor(LfPicture::kColumns, LfPicture::kChannels);
  RangeEncoder coder;
  for (const auto value : picture.values) {
    const auto predicted = predictor.next(vaec::entropy::kLfUnit);
    picture.tables[static_cast<std::size_t>(predicted.table)].encode(coder, predicted.symbol_of(value));
    predictor.put(value);
  }
  return coder.finish();
}

void BM_EncodeLf(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(encoded_lf(lf_picture()).data());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lf_picture().values.size()));
}

void BM_DecodeLf(benchmark::State& state) {
  const auto stream = encoded_lf(lf_picture());
  for (auto _ : state) {
    vaec::entropy::LfPredictor predictor(LfPicture::kColumns, LfPicture::kChannels);
    RangeDecoder coder(stream);
    for (const auto expected : lf_picture().values) {
      const auto predicted = predictor.next(vaec::entropy::kLfUnit);
      const auto value =
          predicted.value_of(lf_picture().tables[static_cast<std::size_t>(predicted.table)].decode(coder));
      if (value != expected) state.SkipWithError("the decoded values differ");
      predictor.put(value);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lf_picture().values.size()));
}
BENCHMARK(BM_EncodeLf)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_DecodeLf)->Unit(benchmark::kMillisecond);

// A low, a middle and a high rate: see the counters.
BENCHMARK(BM_Encode)->ArgName("mean_index")->Arg(4)->Arg(10)->Arg(25)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Decode)->ArgName("mean_index")->Arg(4)->Arg(10)->Arg(25)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
