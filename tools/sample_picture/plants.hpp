// What stands before the landscape, drawn stroke by stroke: firs and grass.
#pragma once

#include <vector>

#include "vec3.hpp"

namespace vaec::sample {

// Linear RGB, rows from top to bottom.
struct Canvas {
  Canvas(int w, int h)
      : width(w), height(h), pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {}
  Vec3& at(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  const Vec3& at(int x, int y) const { return const_cast<Canvas*>(this)->at(x, y); }

  int width, height;
  std::vector<Vec3> pixels;
};

void draw_plants(Canvas& canvas);

}  // namespace vaec::sample
