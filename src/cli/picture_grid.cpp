#include "cli/picture_grid.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace vaec::cli {
namespace {

constexpr int kBorder = 2;
constexpr std::uint8_t kBorderGrey = 96, kLabelGrey = 255;
constexpr int kGlyphRows = 5, kGlyphColumns = 3;

// Rows from the top, three bits each, the leftmost the highest.
constexpr std::string_view kCharacters = "0123456789-.";
constexpr std::array<std::array<std::uint8_t, kGlyphRows>, 12> kGlyphs{{{7, 5, 5, 5, 7},
                                                                        {2, 6, 2, 2, 7},
                                                                        {7, 1, 7, 4, 7},
                                                                        {7, 1, 7, 1, 7},
                                                                        {5, 5, 7, 1, 1},
                                                                        {7, 4, 7, 1, 7},
                                                                        {7, 4, 7, 5, 7},
                                                                        {7, 1, 1, 2, 2},
                                                                        {7, 5, 7, 5, 7},
                                                                        {7, 5, 7, 1, 7},
                                                                        {0, 0, 7, 0, 0},
                                                                        {0, 0, 0, 0, 2}}};

}  // namespace

PictureGrid::PictureGrid(Size picture, std::uint32_t channels, int rows, int columns, int left, int top)
    : width_(static_cast<int>(picture.width)),
      height_(static_cast<int>(picture.height)),
      left_(left),
      top_(top),
      image_{static_cast<std::uint32_t>(left + kBorder + columns * (width_ + kBorder)),
             static_cast<std::uint32_t>(top + kBorder + rows * (height_ + kBorder)),
             channels,
             {}} {
  image_.samples.assign(std::size_t{image_.width} * image_.height * channels, kBorderGrey);
}

std::uint8_t* PictureGrid::pixel(int x, int y) {
  const auto place = static_cast<std::size_t>(y) * image_.width + static_cast<std::size_t>(x);
  return image_.samples.data() + place * image_.channels;
}

int PictureGrid::x_of(int column) const { return left_ + kBorder + column * (width_ + kBorder); }
int PictureGrid::y_of(int row) const { return top_ + kBorder + row * (height_ + kBorder); }

void PictureGrid::put(int row, int column, const Image& picture) {
  const std::uint8_t* from = picture.samples.data();
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x, from += picture.channels) {
      std::uint8_t* to = pixel(x_of(column) + x, y_of(row) + y);
      for (std::uint32_t c = 0; c < image_.channels; ++c) to[c] = from[picture.channels == 1 ? 0 : c];
    }
  }
}

void PictureGrid::label_row(int row, std::string_view text) {
  write(text, left_ - static_cast<int>(text.size()) * kCharacterWidth,
        y_of(row) + (height_ - kGlyphRows) / 2);
}

void PictureGrid::label_column(int column, std::string_view text) {
  write(text, x_of(column) + (width_ - static_cast<int>(text.size()) * kCharacterWidth + 1) / 2,
        top_ - kLabelHeight + 2);
}

void PictureGrid::write(std::string_view text, int x, int y) {
  for (const char c : text) {
    const auto& glyph = kGlyphs.at(kCharacters.find(c));
    for (int row = 0; row < kGlyphRows; ++row) {
      for (int column = 0; column < kGlyphColumns; ++column) {
        if ((glyph[static_cast<std::size_t>(row)] >> (kGlyphColumns - 1 - column) & 1) == 0) continue;
        const int px = x + column, py = y + row;
        if (px < 0 || py < 0 || px >= static_cast<int>(image_.width) || py >= static_cast<int>(image_.height))
          continue;
        std::fill_n(pixel(px, py), image_.channels, kLabelGrey);
      }
    }
    x += kCharacterWidth;
  }
}

}  // namespace vaec::cli
