// Points in a plane, in a colour for each group, drawn by gnuplot.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace vaec::eval {

struct PointGroup {
  std::string name;  // in the legend; empty: it has no entry there
  std::vector<std::array<double, 2>> points;
};

inline constexpr std::size_t kMostGroups = 20;  // colours that can be told apart

// A gnuplot script that draws the groups, at most kMostGroups, into the PNG file `picture`.
[[nodiscard]] std::string scatter_script(const std::vector<PointGroup>& groups,
                                         const std::array<std::string, 2>& axes,
                                         const std::filesystem::path& picture);

}  // namespace vaec::eval
