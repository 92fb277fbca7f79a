#include "nn/weight_rounding.hpp"

#include <algorithm>

namespace vaec::nn {
namespace {

constexpr double kLargest = 127, kLargestPair = 128;
constexpr double kLargestSum = (1 << 24) / 255.0 * 0.98;  // of a channel's weights' magnitudes
constexpr double kPairShare = 0.97;  // of the largest two neighbouring weights that their bound has room for
constexpr double kTiny = 1e-9;

}  // namespace

torch::Tensor on_grid(const torch::Tensor& weight, const WeightGrid& grid) {
  auto rounded = (weight / grid.step()).round().clamp(-kLargest, kLargest);
  const auto paired = weight.size(1) / 2 * 2;
  if (paired == 0) return rounded;
  auto pairs = rounded.narrow(1, 0, paired).unflatten(1, {paired / 2, 2});
  const auto size = pairs.abs(), other = size.flip({2});
  const auto limit = torch::where(size >= other, kLargestPair - other, size);
  pairs.copy_(pairs.minimum(limit).maximum(-limit));
  return rounded;
}

torch::Tensor least_weight_step(const torch::Tensor& weight) {
  const auto size = weight.abs();
  auto step = torch::maximum(size.amax({1, 2}) / kLargest, size.sum({1, 2}) / kLargestSum);
  const auto paired = size.size(1) / 2 * 2;
  if (paired > 0) {
    const auto pairs = size.narrow(1, 0, paired).unflatten(1, {paired / 2, 2}).sum(2);
    step = torch::maximum(step, kPairShare * pairs.amax({1, 2}) / kLargestPair);
  }
  return step.clamp_min(step.max().clamp_min(kTiny) * 1e-3);
}

RoundedWeights round_weights(const torch::Tensor& best, const torch::Tensor& products,
                             const torch::Tensor& step, std::int64_t in) {
  const auto out = best.size(0), taps = best.size(1) / in, own = in * taps;
  // The inputs that count most come first; those to follow make up for the errors before them.
  const auto by_weight = products.diagonal().narrow(0, 0, own).argsort(0, true);
  const auto order = torch::cat({by_weight, torch::arange(own, products.size(0))});
  const auto ordered = products.index_select(0, order).index_select(1, order);
  const auto factor =
      torch::linalg_cholesky(torch::cholesky_inverse(torch::linalg_cholesky(ordered))).t().contiguous();
  auto w = best.index_select(1, order).contiguous();
  auto rounded = torch::zeros({own, out}, torch::kFloat64);  // by input
  // What follows a group of inputs learns of their errors at once.
  constexpr std::int64_t kGroup = 64;
  const auto* columns = order.data_ptr<std::int64_t>();
  for (std::int64_t first = 0; first < own; first += kGroup) {
    const auto end = std::min(own, first + kGroup);
    auto errors = torch::empty({out, end - first}, torch::kFloat64);
    for (std::int64_t i = first; i < end; ++i) {
      const auto column = columns[i], channel = column / taps;
      const auto neighbour = (channel ^ 1) * taps + column % taps;
      auto limit = torch::full({out}, kLargest, torch::kFloat64);
      if ((channel ^ 1) < in) limit = torch::minimum(limit, kLargestPair - rounded[neighbour].abs());
      const auto value = w.select(1, i);
      const auto q = (value / step).round().minimum(limit).maximum(-limit);
      rounded[column] = q;
      const auto error = (value - q * step) / factor[i][i];
      errors.select(1, i - first).copy_(error);
      w.narrow(1, i + 1, end - i - 1).sub_(torch::outer(error, factor[i].narrow(0, i + 1, end - i - 1)));
    }
    const auto rest = w.size(1) - end;
    w.narrow(1, end, rest)
        .sub_(torch::matmul(errors, factor.narrow(0, first, end - first).narrow(1, end, rest)));
  }
  return {rounded.t().contiguous(), w.select(1, w.size(1) - 1) / step};
}

}  // namespace vaec::nn
