#include "entropy/symbol_table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "vaec/error.hpp"

namespace vaec::entropy {
namespace {

constexpr double kSymbolTail = 1.0 / 65536;

}  // namespace

TableData symbol_table(std::span<const double> counts, double scale, double expected, Quantizer quantizer) {
  if (!(scale > 0) || !std::isfinite(scale)) {
    throw Error(ErrorCode::kModel,
                "symbol table: scale is " + std::to_string(scale) + ", expected more than 0");
  }
  if (!(expected > 0) || !std::isfinite(expected) || counts.size() != kCountedMagnitudes ||
      !std::all_of(counts.begin(), counts.end(), [](double n) { return n >= 0 && std::isfinite(n); })) {
    throw Error(ErrorCode::kModel, "symbol table: its counts are not as expected");
  }
  // P(|symbol| >= k) by the density alone, precise far out in the tail.
  const auto density_from = [&](std::size_t k) {
    const double edge = lower_edge(static_cast<std::int32_t>(k), quantizer);
    return 2 / (1 + std::exp(edge / (scale * kLogisticScale)));
  };
  constexpr std::size_t kBeyond = kCountedMagnitudes - 1;
  const double total = expected + std::accumulate(counts.begin(), counts.end(), 0.0);
  const double beyond = (counts[kBeyond] + expected * density_from(kBeyond)) / total;
  // P(|symbol| >= k): counts as far as they go, then the density's tail with their share.
  std::vector<double> from{1.0};
  const auto next = [&] {
    const auto k = from.size() - 1;
    if (k >= kBeyond) {
      const double tail = density_from(kBeyond);
      return tail > 0 ? beyond * (density_from(k + 1) / tail) : 0.0;
    }
    const double here = (counts[k] + expected * (density_from(k) - density_from(k + 1))) / total;
    return std::max(0.0, from.back() - here);
  };
  do {
    from.push_back(next());
  } while (from.back() >= kSymbolTail && from.size() <= kMaxSupport + 1);
  const auto reach = static_cast<std::int32_t>(from.size()) - 2;

  std::vector<double> probabilities;
  for (std::int32_t v = -reach; v <= reach; ++v) {
    const auto k = static_cast<std::size_t>(std::abs(v));
    probabilities.push_back((from[k] - from[k + 1]) / (k == 0 ? 1 : 2));
  }
  probabilities.push_back(from.back());
  return {-reach, quantize_probabilities(probabilities)};
}

}  // namespace vaec::entropy
