// Small pictures of one size, side by side in one picture, with numbers beside them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::cli {

class PictureGrid {
 public:
  // An empty grid of so many places, with a grey line around each; `left` and `top`: room for labels, in pixels. `channels`: 1
  // or 3.
  PictureGrid(Size picture, std::uint32_t channels, int rows, int columns, int left = 0, int top = 0);

  // A picture of that size, with as many channels or one.
  void put(int row, int column, const Image& picture);
  // In the room left of a row, or above a column, at its middle. Digits, '-' and '.' can be written, 4 pixels wide and 5 high.
  void label_row(int row, std::string_view text);
  void label_column(int column, std::string_view text);

  [[nodiscard]] const Image& image() const { return image_; }

 private:
  void write(std::string_view text, int x, int y);
  [[nodiscard]] std::uint8_t* pixel(int x, int y);
  [[nodiscard]] int x_of(int column) const;
  [[nodiscard]] int y_of(int row) const;

  int width_, height_, left_, top_;
  Image image_;
};

inline constexpr int kLabelHeight = 7;     // with a pixel above and below
inline constexpr int kCharacterWidth = 4;  // with a pixel to the right

}  // namespace vaec::cli
