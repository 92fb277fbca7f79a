#include "codec/colour_transform.hpp"

#include <algorithm>

namespace vaec::codec {
namespace {

constexpr int kKinds = 7, kYCgCo = 6;
constexpr std::array<std::array<std::uint8_t, 3>, kColourTransforms / kKinds> kOrders{
    {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {1, 0, 2}, {2, 1, 0}}};

// What the second is predicted with stands before it.
std::size_t place_of_third(int kind) { return kind / 2 == 2 ? 1 : 2; }

}  // namespace

void transform_colour(int transform, std::int32_t* colour) {
  const auto& order = kOrders[static_cast<std::size_t>(transform / kKinds)];
  const std::int32_t first = colour[order[0]];
  std::int32_t second = colour[order[1]], third = colour[order[2]];
  const int kind = transform % kKinds;
  if (kind == kYCgCo) {
    const std::int32_t orange = first - third, middle = third + (orange >> 1), green = second - middle;
    colour[0] = middle + (green >> 1);
    colour[1] = green;
    colour[2] = orange;
    return;
  }
  const std::int32_t original = third;
  if (kind % 2 == 1) third -= first;
  if (kind / 2 == 1) second -= first;
  if (kind / 2 == 2) second -= (first + original) >> 1;
  const std::size_t last = place_of_third(kind);
  colour[0] = first;
  colour[3 - last] = second;
  colour[last] = third;
}

void restore_colour(int transform, std::int32_t* colour) {
  const auto& order = kOrders[static_cast<std::size_t>(transform / kKinds)];
  const int kind = transform % kKinds;
  const std::size_t last = place_of_third(kind);
  std::int32_t first = colour[0], second = colour[3 - last], third = colour[last];
  if (kind == kYCgCo) {
    const std::int32_t orange = colour[2], green = colour[1], middle = colour[0] - (green >> 1);
    second = green + middle;
    third = middle - (orange >> 1);
    first = orange + third;
  } else {
    if (kind % 2 == 1) third += first;
    if (kind / 2 == 1) second += first;
    if (kind / 2 == 2) second += (first + third) >> 1;
  }
  colour[order[0]] = first;
  colour[order[1]] = second;
  colour[order[2]] = third;
}

std::array<entropy::SampleRange, 3> transformed_ranges(int transform,
                                                       const std::array<std::int32_t, 3>& high) {
  const auto& order = kOrders[static_cast<std::size_t>(transform / kKinds)];
  const std::int32_t first = high[order[0]], second = high[order[1]], third = high[order[2]];
  const std::int32_t mean_high = std::max(first, third), most = std::max(mean_high, second);
  const int kind = transform % kKinds;
  if (kind == kYCgCo) return {{{0, most}, {-mean_high, second}, {-third, first}}};
  const entropy::SampleRange of_third{kind % 2 == 1 ? -first : 0, third},
      of_second{kind / 2 == 1   ? -first
                : kind / 2 == 2 ? -mean_high
                                : 0,
                second};
  if (place_of_third(kind) == 1) return {{{0, first}, of_third, of_second}};
  return {{{0, first}, of_second, of_third}};
}

}  // namespace vaec::codec
