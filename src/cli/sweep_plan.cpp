#include "cli/sweep_plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "cli/numbers.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

bool is_whole(const std::string& axis) { return axis != "beta" && axis != "lr"; }

// Why a text is no value of the axis; empty if it is one.
std::string wrong_with(const std::string& axis, std::string value) {
  if (!is_whole(axis)) return positive_number()(value);
  return whole_number(axis == "hidden" ? 0 : 1, 4096)(value);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) c == separator ? void(parts.emplace_back()) : parts.back().push_back(c);
  return parts;
}

[[noreturn]] void refuse(const std::string& axis, const std::string& why) {
  throw Error(ErrorCode::kUsage, "--" + axis + ": " + why);
}

void check_value(const std::string& axis, const std::string& value) {
  for (const auto& number : axis == "hidden" ? split(value, ',') : std::vector{value}) {
    if (const auto wrong = wrong_with(axis, number); !wrong.empty()) refuse(axis, wrong);
  }
}

}  // namespace

Axis parse_axis(const std::string& name, const std::vector<std::string>& texts) {
  Axis axis{name, {}, {}};
  for (const auto& text : texts) {
    if (const auto colon = text.find(':'); colon != std::string::npos && name != "hidden") {
      const auto low = text.substr(0, colon), high = text.substr(colon + 1);
      check_value(name, low);
      check_value(name, high);
      if (texts.size() > 1) refuse(name, "one range, or values");
      axis.range = {std::stod(low), std::stod(high)};
      if (axis.range->first >= axis.range->second) refuse(name, text + " is no range from low to high");
      continue;
    }
    for (const auto& value : name == "hidden" ? std::vector{text} : split(text, ',')) {
      check_value(name, value);
      if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end())
        refuse(name, value + " is there twice");
      axis.values.push_back(value);
    }
  }
  return axis;
}

std::vector<Point> grid_of(const std::vector<Axis>& axes) {
  std::vector<Point> points{{}};
  for (const auto& axis : axes) {
    if (axis.range) refuse(axis.name, "a range can only be drawn from: say how many with --random");
    std::vector<Point> longer;
    for (const auto& point : points) {
      for (const auto& value : axis.values) {
        longer.push_back(point);
        longer.back().push_back(value);
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::vector<Point> draw_points(const std::vector<Axis>& axes, int count, std::uint64_t seed) {
  // The generator's bits are the same everywhere; the distributions of <random> are not.
  std::mt19937_64 random(seed);
  constexpr int kTries = 1000;  // to find one that is new
  std::vector<Point> points;
  std::set<Point> seen;
  for (int tries = 0; static_cast<int>(points.size()) < count && tries < kTries; ++tries) {
    Point point;
    for (const auto& axis : axes) {
      const double u = static_cast<double>(random() >> 11) * 0x1p-53;
      if (!axis.range) {
        point.push_back(axis.values[static_cast<std::size_t>(u * static_cast<double>(axis.values.size()))]);
        continue;
      }
      const auto [low, high] = *axis.range;
      const double value = low * std::pow(high / low, u);
      point.push_back(is_whole(axis.name) ? fmt::format("{}", std::lround(value))
                                          : fmt::format("{:.3g}", value));
    }
    if (!seen.insert(point).second) continue;
    points.push_back(std::move(point));
    tries = 0;
  }
  return points;
}

void set_value(train::Options& options, const std::string& axis, const std::string& value) {
  if (axis == "latent") options.latent = std::stoi(value);
  if (axis == "beta") options.beta = std::stod(value);
  if (axis == "lr") options.learning_rate = std::stod(value);
  if (axis == "width") options.gaussian.width = std::stoi(value);
  if (axis == "hidden") {
    options.gaussian.hidden.emplace();
    for (const auto& units : split(value, ',')) {
      if (units != "0") options.gaussian.hidden->push_back(std::stoi(units));
    }
  }
}

std::string name_of(const std::vector<Axis>& axes, const Point& point) {
  std::string name;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::string value = point[i];
    std::replace(value.begin(), value.end(), ',', '_');
    name += (name.empty() ? "" : "-") + axes[i].name + value;
  }
  return name.empty() ? "all" : name;
}

}  // namespace vaec::cli
