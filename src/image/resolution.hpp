// Resolutions in the units of the formats.
#pragma once

#include <cmath>
#include <cstdint>

#include "vaec/image.hpp"

namespace vaec::image {

inline constexpr double kCentimetresPerInch = 2.54;

// A unit's length in metres; of a ratio 0.
[[nodiscard]] inline double metres_of(Resolution::Unit unit) {
  switch (unit) {
    case Resolution::Unit::kInch:
      return kCentimetresPerInch / 100;
    case Resolution::Unit::kCentimetre:
      return 0.01;
    case Resolution::Unit::kMetre:
      return 1;
    case Resolution::Unit::kRatio:
      break;
  }
  return 0;
}

// Of pixels in a unit as a format has them. Not known (empty) for values that make no sense or do not fit,
// and for a ratio of 1, which says nothing.
[[nodiscard]] inline Resolution make_resolution(Resolution::Unit unit, double x, double y) {
  constexpr double kLargest = 4e6;
  if (!(x > 0 && y > 0 && x <= kLargest && y <= kLargest)) return {};
  if (unit == Resolution::Unit::kRatio && x == y) return {};
  const Resolution found{unit, static_cast<std::uint32_t>(std::lround(x * 1000)),
                         static_cast<std::uint32_t>(std::lround(y * 1000))};
  return found.x == 0 || found.y == 0 ? Resolution{} : found;
}

// Pixels in a `unit`; of a ratio the numbers as they are, whatever the unit.
[[nodiscard]] inline double in_unit(const Resolution& resolution, std::uint32_t thousandths,
                                    Resolution::Unit unit) {
  const double from = metres_of(resolution.unit), to = metres_of(unit);
  return from == 0 || to == 0 || resolution.unit == unit ? thousandths / 1000.0
                                                         : thousandths / 1000.0 * to / from;
}

[[nodiscard]] inline bool is_ratio(const Resolution& resolution) {
  return resolution.unit == Resolution::Unit::kRatio;
}

}  // namespace vaec::image
