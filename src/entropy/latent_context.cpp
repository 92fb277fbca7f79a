#include "entropy/latent_context.hpp"

namespace vaec::entropy {
namespace {

struct Offset {
  int row, column;
};
// The nearest positions that are decoded: by pass.
constexpr Offset kNeighbours[kContextPasses][kContextNeighbours] = {{{-1, -1}, {-1, 1}, {0, -2}, {-2, 0}},
                                                                    {{-1, 0}, {1, 0}, {0, -1}, {0, 1}}};

}  // namespace

LatentContext::LatentContext(const ContextParameters& parameters, int rows, int columns, int channels)
    : parameters_(parameters),
      rows_(rows),
      columns_(columns),
      channels_(static_cast<std::size_t>(channels)),
      shift_(channels_),
      met_(channels_),
      expected_(channels_) {
  const auto values = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) * channels_;
  residuals_.resize(values);
  magnitudes_.resize(values);
  expectations_.resize(values);
}

void LatentContext::begin(std::size_t position) {
  const int row = static_cast<int>(position / static_cast<std::size_t>(columns_)),
            column = static_cast<int>(position % static_cast<std::size_t>(columns_));
  pass_ = (row + column) % 2;
  at_ = position * channels_;
  before_ = {};
  std::fill(shift_.begin(), shift_.end(), 1 << (kWeightShift - 1));
  std::fill(met_.begin(), met_.end(), 0);
  std::fill(expected_.begin(), expected_.end(), 0);
  for (std::size_t n = 0; n < kContextNeighbours; ++n) {
    const auto [down, right] = kNeighbours[pass_][n];
    neighbours_[n] = nullptr;
    if (row + down < 0 || row + down >= rows_ || column + right < 0 || column + right >= columns_) continue;
    const auto from = static_cast<std::size_t>(row + down) * static_cast<std::size_t>(columns_) +
                      static_cast<std::size_t>(column + right);
    const auto* residual = residuals_.data() + from * channels_;
    const auto* magnitude = magnitudes_.data() + from * channels_;
    const auto* expectation = expectations_.data() + from * channels_;
    const auto* weight =
        parameters_.weights.data() + (static_cast<std::size_t>(pass_) * kContextNeighbours + n) * channels_;
    neighbours_[n] = residual;
    auto *shift = shift_.data(), *met = met_.data(), *expected = expected_.data();
    for (std::size_t c = 0; c < channels_; ++c) {
      shift[c] += weight[c] * residual[c];
      met[c] += kMagnitudeUnit / 2 * magnitude[c];
      expected[c] += expectation[c];
    }
  }
  for (auto& shift : shift_) shift >>= kWeightShift;
}

}  // namespace vaec::entropy
