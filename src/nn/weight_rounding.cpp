#include "nn/weight_rounding.hpp"

#include <algorithm>

#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

constexpr double kLargest = 127, kLargestPair = 128;
constexpr double kLargestSum = (1 << 24) / 255.0 * 0.98;  // of a channel's weights' magnitudes
constexpr double kPairShare = 0.97;  // of the largest two neighbouring weights that their bound has room for
constexpr double kTiny = 1e-9;

constexpr const char* kStream = "stream";
const std::string kIn = ".in", kSum = ".sum", kBounds = ".bounds";

}  // namespace

std::map<std::string, torch::Tensor> tensors_of(const SynthesisGrid& grid) {
  std::map<std::string, torch::Tensor> tensors{
      {kStream, torch::tensor(std::vector(grid.stream.begin(), grid.stream.end()), torch::kFloat64)}};
  for (const auto& [name, layer] : grid.layers) {
    tensors[name + kIn] = layer.in;
    tensors[name + kSum] = layer.sum;
    tensors[name + kBounds] = torch::tensor({layer.low, layer.high}, torch::kInt64);
  }
  return tensors;
}

SynthesisGrid grid_from(const std::map<std::string, torch::Tensor>& tensors) {
  const auto at = [&](const std::string& name) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) throw Error(ErrorCode::kModel, "the grid of g_s has no " + name);
    return found->second;
  };
  SynthesisGrid grid;
  const auto stream = at(kStream);
  for (std::size_t i = 0; i < grid.stream.size(); ++i)
    grid.stream.at(i) = stream[static_cast<std::int64_t>(i)].item<double>();
  for (const auto& [key, bounds] : tensors) {
    if (!key.ends_with(kBounds)) continue;
    const auto name = key.substr(0, key.size() - kBounds.size());
    grid.layers[name] = {at(name + kIn), at(name + kSum), bounds[0].item<int>(), bounds[1].item<int>()};
  }
  return grid;
}

torch::Tensor on_grid(const torch::Tensor& weight, const WeightGrid& grid) {
  auto rounded = (weight / grid.step()).round().clamp(-kLargest, kLargest);
  const auto paired = weight.size(1) / 2 * 2;
  if (paired == 0) return rounded;
  auto pairs = rounded.narrow(1, 0, paired).unflatten(1, {paired / 2, 2});
  const auto size = pairs.abs(), other = size.flip({2});
  auto gives_way = size > other;
  gives_way.select(2, 0).logical_or_(size.select(2, 0) == other.select(2, 0));  // of two equal ones the first
  const auto limit = torch::where(gives_way, kLargestPair - other, size);
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
