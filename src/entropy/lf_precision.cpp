#include "entropy/lf_precision.hpp"

#include <algorithm>
#include <cmath>

namespace vaec::entropy {
namespace {

// Of 2^16, by how many of the tiles to the left and above are fine.
constexpr std::uint32_t kCoarseShares[] = {65024, 32768, 512};

// What halves save, in bits a value: the squared error falls from 1/12 to 1/48 of a step, and where bits are spent
// as theory has it a squared step is worth 1 / (2 ln 2 / 12) = 8.66 of them. Half of that: of what is coded in whole
// steps the tiles around predict worse than `cost` thinks.
constexpr double kSaved = 0.5 * 8.66 * (1.0 / 12 - 1.0 / 48);

// About what a value costs that differs from its neighbours by `error` steps on average.
double cost(double error) { return std::log2(1 + 5.4 * error); }

}  // namespace

LfPrecision::LfPrecision(int columns)
    : is_fine_(static_cast<std::size_t>((columns + kLfTile - 1) / kLfTile)) {}

std::uint32_t LfPrecision::coarse_share() const {
  const bool has_left = next_ > 0;
  const int left = has_left ? is_fine_[next_ - 1] : 0, above = is_first_row_ ? left : is_fine_[next_];
  return kCoarseShares[(has_left ? left : above) + above];
}

void LfPrecision::put(bool is_fine) {
  is_fine_[next_] = is_fine ? 1 : 0;
  if (++next_ < is_fine_.size()) return;
  next_ = 0;
  is_first_row_ = false;
}

void LfPrecision::encode(RangeEncoder& coder, bool is_fine) {
  const auto share = coarse_share();
  is_fine ? coder.encode(share, kFrequencyTotal - share) : coder.encode(0, share);
  put(is_fine);
}

void LfPrecision::decode(RangeDecoder& coder) {
  const auto share = coarse_share();
  const bool is_fine = !coder.consume_first(share);
  if (is_fine) coder.consume(share, kFrequencyTotal - share);
  put(is_fine);
}

std::vector<char> smooth_tiles(const float* lf, const float* above, int rows, int columns, int channels) {
  const auto row_values = static_cast<std::size_t>(columns) * static_cast<std::size_t>(channels);
  std::vector<char> smooth(static_cast<std::size_t>((columns + kLfTile - 1) / kLfTile));
  for (std::size_t tile = 0; tile < smooth.size(); ++tile) {
    const int left = static_cast<int>(tile) * kLfTile, right = std::min(columns, left + kLfTile);
    double lost = 0;
    for (int c = 0; c < channels; ++c) {
      double error = 0;
      for (int row = 0; row < rows; ++row) {
        const float* here = lf + static_cast<std::size_t>(row) * row_values;
        const float* up = row > 0 ? here - row_values : above;
        for (int column = left; column < right; ++column) {
          const auto value = [&](const float* line, int at) {
            return line[static_cast<std::size_t>(at) * static_cast<std::size_t>(channels) +
                        static_cast<std::size_t>(c)];
          };
          if (column > 0) error += std::abs(value(here, column) - value(here, column - 1)) / 2;
          if (up != nullptr) error += std::abs(value(here, column) - value(up, column)) / 2;
        }
      }
      error /= rows * (right - left);
      lost += cost(kLfUnit * error) - cost(error);
    }
    smooth[tile] = lost < kSaved * channels ? 1 : 0;
  }
  return smooth;
}

}  // namespace vaec::entropy
