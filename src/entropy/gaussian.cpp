#include "entropy/gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "vaec/error.hpp"

namespace vaec::entropy {

namespace {

constexpr double kGaussianTail = 1.0 / 65536;
constexpr double kTableTail = 1.0 / 32768;
// table_of() looks at no integer beyond the one outside which less than this is left on that side.
constexpr double kNegligible = 1.0 / (1 << 24);

// P(X > x) for a standard normal X, precise far out in the tail.
double normal_above(double x) { return 0.5 * std::erfc(x / std::numbers::sqrt2); }

}  // namespace

double scale_at(int index) {
  // The ends are exact by construction.
  if (index <= 0) return kScaleMin;
  if (index >= kScaleCount - 1) return kScaleMax;
  return kScaleMin * std::pow(kScaleMax / kScaleMin, static_cast<double>(index) / (kScaleCount - 1));
}

TableData gaussian_table(double scale) {
  if (!(scale > 0) || !std::isfinite(scale)) {
    throw Error(ErrorCode::kModel,
                "Gaussian table: scale is " + std::to_string(scale) + ", expected more than 0");
  }
  // above[k] = P(X > k + 1/2); the support grows until both tails together are small.
  std::vector<double> above;
  do {
    above.push_back(normal_above((static_cast<double>(above.size()) + 0.5) / scale));
  } while (2 * above.back() >= kGaussianTail && above.size() <= kMaxSupport);
  const auto reach = static_cast<std::int32_t>(above.size()) - 1;

  std::vector<double> probabilities;
  probabilities.reserve(2 * above.size());
  for (std::int32_t k = -reach; k <= reach; ++k) {
    const auto distance = static_cast<std::size_t>(std::abs(k));
    probabilities.push_back(distance == 0 ? 1 - 2 * above[0] : above[distance - 1] - above[distance]);
  }
  probabilities.push_back(2 * above.back());
  return {-reach, quantize_probabilities(probabilities)};
}

TableData table_of(const std::function<double(double)>& cdf, double median) {
  if (!std::isfinite(median)) {
    throw Error(ErrorCode::kModel, "table of a distribution: its median is " + std::to_string(median));
  }
  const auto center = static_cast<std::int32_t>(
      std::clamp(std::floor(median + 0.5), -double{kMaxSupport}, double{kMaxSupport}));

  // edges[i] = cdf(low - 1/2 + i): from low up to high the integers worth looking at.
  std::int32_t low = center;
  std::vector<double> edges{cdf(low - 0.5)};
  while (edges.back() > kNegligible && low > -kMaxSupport) edges.push_back(cdf(--low - 0.5));
  std::reverse(edges.begin(), edges.end());
  std::int32_t high = center;
  edges.push_back(cdf(high + 0.5));
  while (1 - edges.back() > kNegligible && high < kMaxSupport) edges.push_back(cdf(++high + 0.5));
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (!(edges[i] >= 0 && edges[i] <= 1) || (i > 0 && edges[i] < edges[i - 1])) {
      throw Error(ErrorCode::kModel, "table of a distribution: its cumulative function at " +
                                         std::to_string(low - 0.5 + static_cast<double>(i)) + " is " +
                                         std::to_string(edges[i]));
    }
  }

  // The shortest window [begin, end) of edges' integers around the center that holds enough;
  // if none does, all.
  const auto center_index = static_cast<std::size_t>(center - low);
  std::size_t best_begin = 0;
  std::size_t best_end = edges.size() - 1;
  std::size_t end = center_index + 1;
  for (std::size_t begin = 0; begin <= center_index; ++begin) {
    while (end < edges.size() && edges[end] - edges[begin] < 1 - kTableTail) ++end;
    if (end == edges.size()) break;
    if (end - begin < best_end - best_begin) {
      best_begin = begin;
      best_end = end;
    }
  }

  std::vector<double> probabilities;
  probabilities.reserve(best_end - best_begin + 1);
  for (std::size_t i = best_begin; i < best_end; ++i) probabilities.push_back(edges[i + 1] - edges[i]);
  const double inside = edges[best_end] - edges[best_begin];
  probabilities.push_back(1 - inside);
  if (!(inside > 0)) {
    throw Error(ErrorCode::kModel,
                "table of a distribution: no mass around its median " + std::to_string(median));
  }
  return {low + static_cast<std::int32_t>(best_begin), quantize_probabilities(probabilities)};
}

}  // namespace vaec::entropy
