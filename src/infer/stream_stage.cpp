#include "infer/stream_stage.hpp"

#include "infer/parallel_rows.hpp"

namespace vaec::infer {
namespace {

constexpr int kShownRows = 8;  // a thread at a time

}  // namespace

StreamStage::StreamStage(const std::vector<std::array<model::SynthesisLayer, 2>>& blocks,
                         std::size_t channels)
    : channels_(channels) {
  for (const auto& block : blocks) blocks_.push_back({SynthesisConv(block[0]), SynthesisConv(block[1])});
}

StreamRows::StreamRows(const StreamStage& stage, int height, int width)
    : stage_(stage),
      width_(width),
      rows_(sizeof(std::int16_t) * stage.channels_ * static_cast<std::size_t>(width)) {
  for (const auto& block : stage.blocks_) {
    states_.push_back({block.first.make_rows(height, width), block.second.make_rows(height, width)});
  }
}

StreamRows::StreamRows(const StreamStage& stage, const SynthesisConv& next, int height, int width)
    : StreamRows(stage, height, width) {
  next_ = &next;
  bytes_ = next.make_rows(height, width);
}

StreamRows::StreamRows(const StreamStage& stage, const WideConv& next, int height, int width)
    : StreamRows(stage, height, width) {
  values_ = next.make_rows(height, width);
}

std::int16_t* StreamRows::append(int count) { return reinterpret_cast<std::int16_t*>(rows_.append(count)); }

// What the block (or what comes behind the last one) sees of the rows first..end - 1.
void StreamRows::show(std::size_t block, int first, int end) {
  const auto positions = static_cast<std::size_t>(width_);
  for (int row = first; row < end; ++row) {
    const auto* from = rows_.row_as<std::int16_t>(row);
    if (block < states_.size()) {
      stage_.blocks_[block].first.quantize(from, positions, states_[block].in.row(row));
    } else if (values_) {
      activate(from, positions * stage_.channels_, values_->row(row));
    } else {
      next_->quantize(from, positions, bytes_->row(row));
    }
  }
}

int StreamRows::make_room(std::size_t block, int end) {
  const auto append_to = [end](auto& rows) {
    const int first = rows.end();
    rows.append(end - first);
    return first;
  };
  if (block < states_.size()) return append_to(states_[block].in);
  return values_ ? append_to(*values_) : append_to(*bytes_);
}

void StreamRows::advance() {
  const int first_new = make_room(0, rows_.end());
  for_row_pieces(first_new, rows_.end(), kShownRows,
                 [&](int first, int count) { show(0, first, first + count); });
  for (std::size_t i = 0; i < states_.size(); ++i) {
    auto &in = states_[i].in, &hidden = states_[i].hidden;
    const auto &first_conv = stage_.blocks_[i].first, &second_conv = stage_.blocks_[i].second;
    const auto positions = static_cast<std::size_t>(width_);
    const int hidden_begin = hidden.end(), hidden_end = in.computable();
    hidden.append(hidden_end - hidden_begin);
    for_row_pieces(hidden_begin, hidden_end, first_conv.piece_height(width_), [&](int first, int count) {
      const auto* sums = first_conv.sums(count, width_, in.window(first));
      for (int row = first; row < first + count; ++row, sums += positions * first_conv.out()) {
        first_conv.hidden(sums, positions, hidden.row(row));
      }
    });
    in.drop_before(hidden_end);
    const int end = hidden.computable(), begin = make_room(i + 1, end);
    for_row_pieces(begin, end, second_conv.piece_height(width_), [&](int first, int count) {
      const auto* sums = second_conv.sums(count, width_, hidden.window(first));
      second_conv.add(sums, static_cast<std::size_t>(count) * positions, rows_.row_as<std::int16_t>(first));
      show(i + 1, first, first + count);
    });
    hidden.drop_before(end);
  }
  rows_.drop_before(values_ ? values_->end() : bytes_->end());
}

}  // namespace vaec::infer
