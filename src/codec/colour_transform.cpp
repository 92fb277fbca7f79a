#include "codec/colour_transform.hpp"

#include <algorithm>

namespace vaec::codec {
namespace {

constexpr int kKinds = 7, kYCgCo = 6;
constexpr std::array<std::array<std::uint8_t, 3>, kColourTransforms / kKinds> kOrders{
    {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {1, 0, 2}, {2, 1, 0}}};

}  // namespace

void transform_colour(int transform, std::int32_t* colour) {
  const auto& order = kOrders[static_cast<std::size_t>(transform / kKinds)];
  const std::int32_t first = colour[order[0]], second = colour[order[1]], third = colour[order[2]];
  const int kind = transform % kKinds;
  if (kind == kYCgCo) {
    const std::int32_t orange = first - third, middle = third + (orange >> 1), green = second - middle;
    colour[0] = middle + (green >> 1);
    colour[1] = green;
    colour[2] = orange;
    return;
  }
  colour[0] = first;
  colour[1] = kind % 2 == 1 ? third - first : third;
  colour[2] = kind / 2 == 1 ? second - first : kind / 2 == 2 ? second - ((first + third) >> 1) : second;
}

void restore_colour(int transform, std::int32_t* colour) {
  const auto& order = kOrders[static_cast<std::size_t>(transform / kKinds)];
  const int kind = transform % kKinds;
  std::int32_t first = colour[0], second = colour[2], third = colour[1];
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

std::array<entropy::SampleRange, 3> transformed_ranges(int transform, const std::array<std::int32_t, 3>& high) {
  const auto& order = kOrders[static_cast<std::size_t>(transform / kKinds)];
  const std::int32_t first = high[order[0]], second = high[order[1]], third = high[order[2]];
  const std::int32_t mean_high = std::max(first, third), most = std::max(mean_high, second);
  const int kind = transform % kKinds;
  if (kind == kYCgCo) return {{{0, most}, {-mean_high, second}, {-third, first}}};
  return {{{0, first},
           kind % 2 == 1 ? entropy::SampleRange{-first, third} : entropy::SampleRange{0, third},
           kind / 2 == 1   ? entropy::SampleRange{-first, second}
           : kind / 2 == 2 ? entropy::SampleRange{-mean_high, second}
                           : entropy::SampleRange{0, second}}};
}

}  // namespace vaec::codec
