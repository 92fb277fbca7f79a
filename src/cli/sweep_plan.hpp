// What vaec sweep varies, and the trainings that come of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "train/options.hpp"

namespace vaec::cli {

// One number of the design, or of how it is trained.
struct Axis {
  std::string name;                                // "latent", "beta", "lr", "width", "hidden"
  std::vector<std::string> values;                 // to choose from, as train's option takes them
  std::optional<std::pair<double, double>> range;  // or: drawn between these, log-uniformly
};

// The values of an axis from the command line: "8,16,32", or a range "8:64". Of "hidden" each text is one value, "128,64".
// Throws Error kUsage: no value of this axis, or one twice.
[[nodiscard]] Axis parse_axis(const std::string& name, const std::vector<std::string>& texts);

// A value for each axis, in their order.
using Point = std::vector<std::string>;

// All combinations, the last axis fastest. Throws Error kUsage for an axis with a range.
[[nodiscard]] std::vector<Point> grid_of(const std::vector<Axis>& axes);

// `count` different points, or as many as there are: each of an earlier call with a smaller count, then others.
[[nodiscard]] std::vector<Point> draw_points(const std::vector<Axis>& axes, int count, std::uint64_t seed);

void set_value(train::Options& options, const std::string& axis, const std::string& value);

// "latent16-beta0.5", a file name; "all" without axes.
[[nodiscard]] std::string name_of(const std::vector<Axis>& axes, const Point& point);

}  // namespace vaec::cli
