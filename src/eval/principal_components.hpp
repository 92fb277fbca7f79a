// Principal component analysis (Pearson 1901): the plane that shows most of how vectors differ.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace vaec::eval {

struct PlaneView {
  std::vector<std::array<double, 2>> points;  // of each vector, less the mean, along the first two components
  std::array<double, 2> share{};              // of the whole variance, 0..1
};

// `values`: [N, columns], rows first. Components by orthogonal iteration; the entry of a component that is largest by its
// magnitude is positive, so that a picture is not turned at random. Vectors that are all the same, or have one number alone, have
// zeros along what they lack.
[[nodiscard]] PlaneView project_to_plane(std::span<const float> values, std::size_t columns);

}  // namespace vaec::eval
