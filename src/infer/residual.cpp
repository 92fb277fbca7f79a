#include "infer/residual.hpp"

#include "model/photo_config.hpp"

namespace vaec::infer {
namespace {

constexpr int kKernel = 3;

void leaky_relu(float* values, std::size_t count) {
  constexpr auto kSlope = static_cast<float>(model::kLeakySlope);
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < 0 ? values[i] * kSlope : values[i];
}

void leaky_relu(BFloat16* values, std::size_t count) {
  constexpr auto kSlope = static_cast<float>(model::kLeakySlope);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = std::bit_cast<float>(std::uint32_t{values[i].bits} << 16);
    if (value < 0) values[i] = to_bf16(value * kSlope);
  }
}

}  // namespace

ResidualStage::ResidualStage(std::vector<std::array<ConvWeights, 2>> blocks, int channels, Number number,
                             bool activated)
    : channels_(channels), number_(number), activated_(activated) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const bool last = activated && i + 1 == blocks.size();
    blocks_.push_back(
        {Conv(std::move(blocks[i][0]), number, number, After::kLeakyRelu),
         Conv(std::move(blocks[i][1]), number, number, last ? After::kAddLeakyRelu : After::kAdd)});
  }
}

ResidualRows::ResidualRows(const ResidualStage& stage, int height, int width)
    : stage_(stage),
      height_(height),
      width_(width),
      rows_(size_of(stage.number_) * static_cast<std::size_t>(stage.channels_) * width) {
  const auto row_bytes = size_of(stage.number_) * static_cast<std::size_t>(stage.channels_) * width;
  for (std::size_t i = 0; i < stage.blocks_.size(); ++i) states_.push_back({Rows(row_bytes), 0, 0});
}

int ResidualRows::advance() {
  int available = rows_.end();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto& block = stage_.blocks_[i];
    auto& state = states_[i];
    // A row of the input is overwritten only when no row of the hidden layer needs it any more.
    if (const auto p = plan_strip(kKernel, 1, state.first_done, available, height_); !p.empty()) {
      block.first.run({p.source_end - p.source_first, width_, p.zeros_above, p.zeros_below},
                      rows_.row(p.source_first), state.hidden.append(p.end - p.first));
      state.first_done = p.end;
    }
    if (const auto p = plan_strip(kKernel, 1, state.done, state.first_done, height_); !p.empty()) {
      block.second.run({p.source_end - p.source_first, width_, p.zeros_above, p.zeros_below},
                       state.hidden.row(p.source_first), rows_.row(p.first));
      state.done = p.end;
      state.hidden.drop_before(p.end - 1);
    }
    available = state.done;
  }
  if (states_.empty() && stage_.activated_ && activated_ < available) {
    const auto count = static_cast<std::size_t>(available - activated_) * width_ * stage_.channels_;
    if (stage_.number_ == Number::kF32) {
      leaky_relu(rows_.row_as<float>(activated_), count);
    } else {
      leaky_relu(rows_.row_as<BFloat16>(activated_), count);
    }
    activated_ = available;
  }
  return available;
}

}  // namespace vaec::infer
