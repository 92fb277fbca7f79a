// A stage of residual blocks of g_a, x + conv(leaky_relu(conv(x))), over rows that stream by.
#pragma once

#include <array>
#include <vector>

#include "infer/buffer.hpp"
#include "infer/conv.hpp"

namespace vaec::infer {

class ResidualStage {
 public:
  // Two 3x3 convolutions a block, all of `channels` channels.
  ResidualStage(std::vector<std::array<ConvWeights, 2>> blocks, int channels, Number number);

  [[nodiscard]] int channels() const { return channels_; }

 private:
  friend class ResidualRows;
  struct Block {
    Conv first, second;
  };
  std::vector<Block> blocks_;
  int channels_;
  Number number_;
};

// One picture's rows in a stage. The blocks work in place: rows end up as the last block leaves them.
class ResidualRows {
 public:
  // The stage must outlive it. `height` x `width`: of the whole picture at this resolution.
  ResidualRows(const ResidualStage& stage, int height, int width);

  // Append the stage's input here, then advance().
  [[nodiscard]] Rows& rows() { return rows_; }
  // Computes what the rows at hand allow. Gives the end of the rows that are finished: the caller may read
  // and drop them.
  int advance();

 private:
  struct State {
    Rows hidden;
    int first_done = 0, done = 0;
  };
  const ResidualStage& stage_;
  int height_, width_;
  Rows rows_;
  std::vector<State> states_;
};

}  // namespace vaec::infer
