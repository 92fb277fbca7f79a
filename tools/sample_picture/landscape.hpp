// A mountain lake, seen from its shore.
#pragma once

#include "vec3.hpp"

namespace vaec::sample {

// Linear RGB of what is seen from the shore through the point (x, y) of the picture: x from -1.5 to 1.5, y
// from -1 (bottom) to 1.
[[nodiscard]] Vec3 landscape(double x, double y);

}  // namespace vaec::sample
