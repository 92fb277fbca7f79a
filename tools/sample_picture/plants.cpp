#include "plants.hpp"

#include <algorithm>
#include <cstdint>

#include "noise.hpp"

namespace vaec::sample {
namespace {

// A stream of random numbers.
class Random {
 public:
  explicit Random(std::uint32_t seed) : seed_(seed) {}
  double in(double low, double high) { return low + (high - low) * hash(next_++, 0, seed_); }

 private:
  std::uint32_t seed_;
  std::int64_t next_ = 0;
};

struct Point {
  double x, y;  // 0..1.5 to the right, 0..1 down
};

// A tapering quadratic curve. Widths in the same units as points.
void stroke(Canvas& canvas, Point from, Point bend, Point to, double width, Vec3 colour) {
  const double scale = canvas.height;
  const double length =
      (std::hypot(bend.x - from.x, bend.y - from.y) + std::hypot(to.x - bend.x, to.y - bend.y)) * scale;
  const int steps = std::max(2, static_cast<int>(length * 1.5));
  for (int i = 0; i <= steps; ++i) {
    const double t = static_cast<double>(i) / steps, u = 1 - t;
    const double x = (u * u * from.x + 2 * u * t * bend.x + t * t * to.x) * scale;
    const double y = (u * u * from.y + 2 * u * t * bend.y + t * t * to.y) * scale;
    const double radius = std::max(0.5, 0.5 * width * scale * (1 - 0.8 * t));
    for (int row = static_cast<int>(y - radius); row <= static_cast<int>(y + radius); ++row) {
      for (int column = static_cast<int>(x - radius); column <= static_cast<int>(x + radius); ++column) {
        if (row < 0 || column < 0 || row >= canvas.height || column >= canvas.width) continue;
        if (std::hypot(column + 0.5 - x, row + 0.5 - y) > radius + 0.3) continue;
        canvas.at(column, row) = colour;
      }
    }
  }
}

void draw_fir(Canvas& canvas, Point foot, double size, std::uint32_t seed) {
  Random random(seed);
  const double top = foot.y - size, lean = random.in(-0.012, 0.012) * size;
  stroke(canvas, foot, {foot.x, foot.y - size / 2}, {foot.x + lean, top}, 0.030 * size, {0.05, 0.036, 0.026});
  for (double down = 0.02; down < 0.93; down += 0.010) {
    const double reach = size * (0.015 + 0.24 * std::pow(down, 0.85)) * random.in(0.6, 1.1);
    for (const double side : {-1.0, 1.0}) {
      const Point start{foot.x + lean * (1 - down), top + down * size};
      const double droop = reach * random.in(0.25, 0.6);
      const Point end{start.x + side * reach * random.in(0.75, 1.0), start.y + droop};
      const int twigs = 6 + static_cast<int>(110 * reach);
      for (int i = 0; i < twigs; ++i) {
        const double t = (i + random.in(0, 1)) / twigs;
        const Point at{start.x + t * (end.x - start.x), start.y + t * (end.y - start.y) * (0.4 + 0.6 * t)};
        const double needle = size * random.in(0.012, 0.030);
        const Point tip{at.x + side * needle * random.in(0.1, 1.0), at.y + needle * random.in(0.1, 0.9)};
        // The sun stands to the left; twigs further in and below are darker.
        const double light =
            std::clamp(0.18 - 0.30 * side * t + random.in(-0.12, 0.35), 0.0, 1.0) * (1 - 0.35 * down);
        stroke(canvas, at, {(at.x + tip.x) / 2, at.y}, tip, 0.006 * size,
               mix({0.010, 0.022, 0.012}, {0.17, 0.20, 0.06}, light));
      }
    }
  }
}

void draw_grass(Canvas& canvas) {
  Random random(77);
  constexpr int kBlades = 9000;
  for (int i = 0; i < kBlades; ++i) {
    const double near = static_cast<double>(i) / kBlades;  // 0: far back
    const double x = random.in(-0.03, 1.53);
    const double edge = 0.905 + 0.05 * std::sin(2.1 * x + 0.6) + 0.02 * noise(5 * x, 0, 700).value;
    const double y = edge + near * (1.06 - edge) + random.in(-0.006, 0.006);
    const double length = random.in(0.020, 0.050) * (0.5 + 1.1 * near);
    const double bend = length * (0.25 + random.in(-0.7, 0.7) + 0.3 * noise(3 * x, 4 * y, 710).value);
    const double light = std::clamp(random.in(0.0, 0.75) + 0.35 * noise(9 * x, 14 * y, 720).value, 0.0, 1.0);
    Vec3 colour = mix({0.022, 0.036, 0.010}, {0.26, 0.28, 0.07}, light);
    if (random.in(0, 1) < 0.10) colour = mix(colour, {0.40, 0.33, 0.15}, 0.7);  // dry
    stroke(canvas, {x, y}, {x + 0.2 * bend, y - 0.7 * length}, {x + bend, y - length}, 0.0038 * (0.5 + near),
           colour);
    if (random.in(0, 1) < 0.012) {
      const Vec3 petals = random.in(0, 1) < 0.6 ? Vec3{0.85, 0.80, 0.72} : Vec3{0.75, 0.42, 0.06};
      stroke(canvas, {x + bend, y - length}, {x + bend, y - length}, {x + bend + 0.002, y - length},
             0.008 * (0.5 + near), petals);
    }
  }
}

}  // namespace

void draw_plants(Canvas& canvas) {
  draw_fir(canvas, {1.395, 0.985}, 0.80, 1);
  draw_fir(canvas, {1.265, 0.965}, 0.50, 2);
  draw_fir(canvas, {1.505, 0.985}, 0.58, 3);
  draw_fir(canvas, {0.045, 0.985}, 0.42, 4);
  draw_grass(canvas);
}

}  // namespace vaec::sample
