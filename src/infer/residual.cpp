#include "infer/residual.hpp"

namespace vaec::infer {
namespace {

constexpr int kKernel = 3;

}  // namespace

ResidualStage::ResidualStage(std::vector<std::array<ConvWeights, 2>> blocks, int channels, Number number)
    : channels_(channels), number_(number) {
  for (auto& block : blocks) {
    blocks_.push_back({Conv(std::move(block[0]), number, number, After::kLeakyRelu),
                       Conv(std::move(block[1]), number, number, After::kAdd)});
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
  return available;
}

}  // namespace vaec::infer
