// How finely each part of the LF image is coded. Its values are whole rounding steps, but halves of one where that
// costs next to nothing: on a flat ground, where a rounding error of up to half a step is all that is wrong with the
// picture (docs/format.md, section 8.2).
#pragma once

#include <cstdint>
#include <vector>

#include "entropy/range_coder.hpp"

namespace vaec::entropy {

inline constexpr std::int32_t kLfUnit = 2;  // values are in halves of a rounding step
inline constexpr int kLfTile = 4;           // positions along the side of a tile

// The precision of each tile of a picture, which stands in the stream before the tile's first value. Tiles come in raster
// order: for each encode() or decode(), then step() for its columns, in the rows of the tile.
class LfPrecision {
 public:
  // columns: of the LF image.
  explicit LfPrecision(int columns);

  // Of the next tile.
  void encode(RangeEncoder& coder, bool is_fine);
  void decode(RangeDecoder& coder);

  // What the values of a column are multiples of, in the row of tiles in work: 1 or kLfUnit.
  [[nodiscard]] std::int32_t step(int column) const {
    return is_fine_[static_cast<std::size_t>(column / kLfTile)] ? 1 : kLfUnit;
  }

 private:
  [[nodiscard]] std::uint32_t coarse_share() const;
  void put(bool is_fine);

  std::vector<char> is_fine_;  // of the tiles in work, and behind them those above
  std::size_t next_ = 0;
  bool is_first_row_ = true;
};

// Which tiles of a row of them an encoder should code finely: `lf` [rows][columns][channels] in rounding steps, `above`
// the row above it, or null.
[[nodiscard]] std::vector<char> smooth_tiles(const float* lf, const float* above, int rows, int columns,
                                             int channels);

}  // namespace vaec::entropy
