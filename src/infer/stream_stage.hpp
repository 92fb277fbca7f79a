// A stage of residual blocks of the integer g_s, x + conv(leaky_relu(conv(x))), over rows that stream by.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "infer/synthesis_conv.hpp"
#include "infer/wide_conv.hpp"

namespace vaec::infer {

class StreamStage {
 public:
  // Two 3x3 convolutions a block, all of `channels` channels.
  StreamStage(const std::vector<std::array<model::SynthesisLayer, 2>>& blocks, std::size_t channels);

  [[nodiscard]] std::size_t channels() const { return channels_; }  // as they lie in memory

 private:
  friend class StreamRows;
  struct Block {
    SynthesisConv first, second;
  };
  std::vector<Block> blocks_;
  std::size_t channels_;
};

// One picture's rows in a stage. The blocks work in place: rows end up as the last block leaves them.
class StreamRows {
 public:
  // `stage` and `next`, the convolution that sees what it gives (a wide one sees it after a LeakyReLU), must outlive it.
  // `height` x `width`: of the whole picture at this resolution.
  StreamRows(const StreamStage& stage, const SynthesisConv& next, int height, int width);
  StreamRows(const StreamStage& stage, const WideConv& next, int height, int width);

  // Room for `count` rows of the stage's input below: [count][width][channels] to be filled, then advance().
  std::int16_t* append(int count);
  // Computes what the rows at hand allow: outputs are then in bytes(), or in values() if `next` is wide.
  void advance();

  [[nodiscard]] int end() const { return rows_.end(); }
  [[nodiscard]] PaddedRows<std::uint8_t>& bytes() { return *bytes_; }
  [[nodiscard]] PaddedRows<std::int16_t>& values() { return *values_; }

 private:
  StreamRows(const StreamStage& stage, int height, int width);
  struct State {
    PaddedRows<std::uint8_t> in, hidden;
  };
  // What a block (or what comes behind the last one) sees: room for its rows up to `end`, gives the first of them; rows of it.
  int make_room(std::size_t block, int end);
  void show(std::size_t block, int first, int end);

  const StreamStage& stage_;
  const SynthesisConv* next_ = nullptr;
  int width_;
  Rows rows_;  // int16
  std::vector<State> states_;
  std::optional<PaddedRows<std::uint8_t>> bytes_;
  std::optional<PaddedRows<std::int16_t>> values_;
};

}  // namespace vaec::infer
