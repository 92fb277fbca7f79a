#include "infer/last_filter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace vaec::infer {
namespace {

struct Pixels {
  int rows, width;
  std::vector<std::int16_t> samples;
  [[nodiscard]] std::int32_t at(int y, int x, int c) const {
    y = std::clamp(y, 0, rows - 1);
    x = std::clamp(x, 0, width - 1);
    return samples[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                    static_cast<std::size_t>(x)) *
                       3 +
                   static_cast<std::size_t>(c)];
  }
};

// Flat blocks, steep ones, and values at the very ends of 16 bits.
Pixels some_pixels(int rows, int width) {
  std::mt19937 random(7);
  Pixels pixels{rows, width, {}};
  for (int y = 0; y < rows; ++y) {
    for (int i = 0; i < 3 * width; ++i) {
      const int kind = (i / 48 + y / 16) % 4;
      const auto noise = static_cast<int>(random() % 65536) - 32768;
      pixels.samples.push_back(
          static_cast<std::int16_t>(kind == 0 ? 8000 : 8000 + noise / (1 << (4 * (3 - kind)))));
    }
  }
  return pixels;
}

LastFilter some_filter(std::size_t classes, std::size_t colours) {
  std::mt19937 random(3);
  LastFilter filter{classes, colours, {}};
  for (std::size_t i = 0; i < classes * colours * kFilterTaps; ++i) {
    const bool is_idle = classes > 1 && i / (colours * kFilterTaps) == 1;
    filter.weights.push_back(static_cast<std::int8_t>(is_idle ? 0 : static_cast<int>(random() % 255) - 127));
  }
  return filter;
}

// As docs/format.md says it.
std::vector<std::int16_t> filtered_plainly(const Pixels& p, const LastFilter& filter, int end_row,
                                           int end_column) {
  std::vector<std::int16_t> result;
  for (int y = 0; y < p.rows; ++y) {
    for (int x = 0; x < p.width; ++x) {
      const int top = y / 8 * 8, left = x / 8 * 8;
      const auto grey = [&](int row, int column) {
        return p.at(row, column, 0) + p.at(row, column, 1) + p.at(row, column, 2);
      };
      std::int32_t activity = 0;
      for (int i = 0; i < 8; ++i) {
        for (int k = 1; k < 8; ++k) {
          activity += std::abs(grey(top + i, left + k) - grey(top + i, left + k - 1));
          activity += std::abs(grey(top + k, left + i) - grey(top + k - 1, left + i));
        }
      }
      std::size_t k = 0;
      if (filter.classes > 1)
        k = static_cast<std::size_t>((activity >= 32768) + (activity >= 98304) + (activity >= 196608));
      for (int c = 0; c < 3; ++c) {
        if (std::min({x, y, end_column - 1 - x, end_row - 1 - y}) < 2) {
          result.push_back(static_cast<std::int16_t>(p.at(y, x, c)));
          continue;
        }
        std::int32_t sum = 128;
        for (int tap = 0; tap < 12; ++tap) {
          const int dy = tap / 5 - 2, dx = tap % 5 - 2;
          sum += filter.weights[(k * filter.colours + static_cast<std::size_t>(c) % filter.colours) * 12 +
                                static_cast<std::size_t>(tap)] *
                 (p.at(y + dy, x + dx, c) + p.at(y - dy, x - dx, c) - 2 * p.at(y, x, c));
        }
        result.push_back(static_cast<std::int16_t>(std::clamp(p.at(y, x, c) + (sum >> 8), -32768, 32767)));
      }
    }
  }
  return result;
}

TEST(LastFilter, IsWhatTheFormatSays) {
  for (const std::size_t classes : {std::size_t{1}, kFilterClasses}) {
    for (const std::size_t colours : {1U, 3U}) {
      for (const auto& [rows, width] : {std::pair{16, 16}, {48, 80}, {32, 144}}) {
        const Pixels pixels = some_pixels(rows, width);
        const LastFilter filter = some_filter(classes, colours);
        std::vector<std::int16_t> result;
        int next = 0;
        // Amid a cell, or beyond what is there.
        const bool goes_on = rows == 48;
        const int end_row = goes_on ? 1000 : rows - 5, end_column = goes_on ? 1000 : width - 3;
        LastFilterRun run(filter, rows, width, end_row, end_column,
                          [&](int row, std::span<const std::int16_t> rgb) {
                            EXPECT_EQ(row, next++);
                            result.insert(result.end(), rgb.begin(), rgb.end());
                          });
        const auto line = static_cast<std::size_t>(width) * 3;
        for (int row = 0; row < rows; ++row)
          run.push(std::span(pixels.samples).subspan(static_cast<std::size_t>(row) * line, line));
        EXPECT_EQ(next, rows);
        const auto expected = filtered_plainly(pixels, filter, end_row, end_column);
        ASSERT_EQ(result.size(), expected.size());
        // Where the picture goes on beyond what is there, the outermost two pixels are nobody's.
        const int last_row = goes_on ? rows - 2 : rows, last_column = goes_on ? width - 2 : width;
        for (int row = 0; row < last_row; ++row) {
          const auto at = static_cast<std::ptrdiff_t>(row) * width * 3;
          ASSERT_TRUE(
              std::equal(result.begin() + at, result.begin() + at + 3 * last_column, expected.begin() + at))
              << classes << " classes, " << colours << " colours, " << rows << "x" << width << ", row "
              << row;
        }
      }
    }
  }
}

}  // namespace
}  // namespace vaec::infer
