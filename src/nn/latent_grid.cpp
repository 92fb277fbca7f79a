#include "nn/latent_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "entropy/gaussian.hpp"
#include "entropy/range_coder.hpp"
#include "model/tensor_values.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

constexpr const char* kStep = "latent.step";
constexpr const char* kFirst = "latent.table_first";
constexpr const char* kSize = "latent.table_size";
constexpr const char* kFrequencies = "latent.table_frequencies";

template <typename T>
model::TensorView view_of(const std::vector<T>& values, model::DType dtype) {
  return {dtype, {static_cast<std::int64_t>(values.size())}, std::as_bytes(std::span(values))};
}

// The tables one by one; throws Error kModel.
std::vector<entropy::FrequencyTable> make_tables(std::span<const std::int32_t> first,
                                                 std::span<const std::int32_t> size,
                                                 std::span<const std::uint16_t> frequencies) {
  std::vector<entropy::FrequencyTable> tables;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const std::string which =
        "model tensor '" + std::string(kSize) + "': table of quality " + std::to_string(i + 1);
    if (size[i] < 2 || static_cast<std::size_t>(size[i]) > frequencies.size()) {
      throw Error(ErrorCode::kModel, which + " has " + std::to_string(size[i]) + " frequencies, " +
                                         std::to_string(frequencies.size()) + " are left");
    }
    if (std::abs(static_cast<std::int64_t>(first[i])) > entropy::FrequencyTable::kMaxMagnitude) {
      throw Error(ErrorCode::kModel, which + " begins at " + std::to_string(first[i]));
    }
    tables.emplace_back(first[i], frequencies.first(static_cast<std::size_t>(size[i])));
    frequencies = frequencies.subspan(static_cast<std::size_t>(size[i]));
  }
  if (!frequencies.empty()) {
    throw Error(ErrorCode::kModel, std::string("model tensor '") + kFrequencies +
                                       "': " + std::to_string(frequencies.size()) +
                                       " frequencies after the last table");
  }
  return tables;
}

}  // namespace

LatentGrid LatentGrid::make() {
  LatentGrid grid;
  for (int i = 0; i < kQualities; ++i) {
    const double share = static_cast<double>(i) / (kQualities - 1);
    const auto step = static_cast<float>(kCoarsestStep * std::pow(kFinestStep / kCoarsestStep, share));
    const auto table = entropy::gaussian_table(1 / static_cast<double>(step));
    grid.steps_.push_back(step);
    grid.first_.push_back(table.first);
    grid.size_.push_back(static_cast<std::int32_t>(table.frequencies.size()));
    grid.frequencies_.insert(grid.frequencies_.end(), table.frequencies.begin(), table.frequencies.end());
  }
  grid.tables_ = make_tables(grid.first_, grid.size_, grid.frequencies_);
  return grid;
}

LatentGrid LatentGrid::load(const model::SafeTensors& file) {
  constexpr std::array<std::int64_t, 1> kShape{kQualities};
  LatentGrid grid;
  grid.steps_ = model::values_of<float>(file.tensor(kStep, model::DType::kF32, kShape));
  grid.first_ = model::values_of<std::int32_t>(file.tensor(kFirst, model::DType::kI32, kShape));
  grid.size_ = model::values_of<std::int32_t>(file.tensor(kSize, model::DType::kI32, kShape));
  for (const float step : grid.steps_) {
    if (!std::isfinite(step) || step <= 0) {
      throw Error(ErrorCode::kModel, std::string("model tensor '") + kStep + "': a step of " +
                                         std::to_string(step) + ", expected above 0");
    }
  }
  std::int64_t total = 0;
  for (const auto size : grid.size_) total += size;
  const std::array<std::int64_t, 1> shape{total};
  grid.frequencies_ = model::values_of<std::uint16_t>(file.tensor(kFrequencies, model::DType::kU16, shape));
  grid.tables_ = make_tables(grid.first_, grid.size_, grid.frequencies_);
  return grid;
}

std::map<std::string, model::TensorView> LatentGrid::tensors() const {
  return {{kStep, view_of(steps_, model::DType::kF32)},
          {kFirst, view_of(first_, model::DType::kI32)},
          {kSize, view_of(size_, model::DType::kI32)},
          {kFrequencies, view_of(frequencies_, model::DType::kU16)}};
}

float LatentGrid::step(int quality) const { return steps_.at(static_cast<std::size_t>(quality - 1)); }

const entropy::FrequencyTable& LatentGrid::table(int quality) const {
  return tables_.at(static_cast<std::size_t>(quality - 1));
}

std::vector<std::int32_t> LatentGrid::quantize(std::span<const float> mu, int quality) const {
  constexpr auto kMax = static_cast<float>(entropy::FrequencyTable::kMaxMagnitude);
  std::vector<std::int32_t> symbols(mu.size());
  std::transform(mu.begin(), mu.end(), symbols.begin(), [kMax, step = step(quality)](float value) {
    const float scaled = std::nearbyint(value / step);
    return std::isnan(scaled) ? 0 : static_cast<std::int32_t>(std::clamp(scaled, -kMax, kMax));
  });
  return symbols;
}

std::vector<float> LatentGrid::dequantize(std::span<const std::int32_t> symbols, int quality) const {
  std::vector<float> z(symbols.size());
  std::transform(symbols.begin(), symbols.end(), z.begin(),
                 [step = step(quality)](std::int32_t symbol) { return static_cast<float>(symbol) * step; });
  return z;
}

std::vector<std::byte> LatentGrid::encode(std::span<const std::int32_t> symbols, int quality) const {
  const auto& used = table(quality);
  entropy::RangeEncoder coder;
  for (const auto symbol : symbols) used.encode(coder, symbol);
  return coder.finish();
}

std::vector<std::int32_t> LatentGrid::decode(std::span<const std::byte> stream, std::size_t count,
                                             int quality) const {
  const auto& used = table(quality);
  entropy::RangeDecoder coder(stream);
  std::vector<std::int32_t> symbols(count);
  for (auto& symbol : symbols) symbol = used.decode(coder);
  coder.expect_end();
  return symbols;
}

}  // namespace vaec::nn
