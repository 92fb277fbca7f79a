#include "train/soap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vaec/error.hpp"

namespace vaec::train {
namespace {

constexpr double kBeta1 = 0.95, kBeta2 = 0.95;  // of the gradient's mean and square, as in the paper
constexpr double kCovarianceBeta = 0.95;
constexpr double kEpsilon = 1e-8;
constexpr std::int64_t kBasisEvery = 10;    // steps between two updates of the eigenvectors
constexpr std::int64_t kLargestSide = 384;  // larger ones would cost more than the convolution itself

// [out, in, k, k] -> [out, k * k, in], whose sides are both a matrix away; others stay as they are.
torch::Tensor as_matrix(const torch::Tensor& t) {
  return t.dim() == 4 ? t.permute({0, 2, 3, 1}).reshape({t.size(0), -1, t.size(1)}) : t;
}

torch::Tensor over_outputs(const torch::Tensor& matrix, const torch::Tensor& g) {  // matrix * g
  return torch::matmul(matrix, g.reshape({g.size(0), -1})).reshape(g.sizes());
}

torch::Tensor over_inputs(const torch::Tensor& g, const torch::Tensor& matrix) {  // g * matrix
  return torch::matmul(g.reshape({-1, g.size(2)}), matrix).reshape(g.sizes());
}

}  // namespace

Soap::Soap(const std::vector<ParameterGroup>& groups) {
  for (const auto& group : groups) {
    for (const auto& value : group.parameters) {
      Parameter p{value, rates_.size(), {}, {}, {}, {}};
      const torch::NoGradGuard no_grad;
      p.mean = torch::zeros_like(as_matrix(value), at::MemoryFormat::Contiguous);
      p.square = torch::zeros_like(p.mean);
      if (value.dim() == 4) {
        const auto side = [&](std::int64_t size) {
          if (size < 2 || size > kLargestSide) return Side{};
          return Side{torch::zeros({size, size}, value.options()), torch::eye(size, value.options())};
        };
        p.outputs = side(value.size(0));
        p.inputs = side(value.size(1));
      }
      parameters_.push_back(std::move(p));
    }
    rates_.push_back(group.learning_rate);
  }
  by_size_.resize(parameters_.size());
  std::iota(by_size_.begin(), by_size_.end(), std::size_t{0});
  std::stable_sort(by_size_.begin(), by_size_.end(), [this](std::size_t a, std::size_t b) {
    return parameters_[a].value.numel() > parameters_[b].value.numel();
  });
}

void Soap::set_learning_rate(std::size_t group, double rate) { rates_.at(group) = rate; }

torch::Tensor Soap::rotate(const Parameter& p, const torch::Tensor& gradient) {
  auto g = gradient;
  if (p.outputs.basis.defined()) g = over_outputs(p.outputs.basis.t(), g);
  if (p.inputs.basis.defined()) g = over_inputs(g, p.inputs.basis);
  return g;
}

torch::Tensor Soap::rotate_back(const Parameter& p, const torch::Tensor& rotated) {
  auto g = rotated;
  if (p.outputs.basis.defined()) g = over_outputs(p.outputs.basis, g);
  if (p.inputs.basis.defined()) g = over_inputs(g, p.inputs.basis.t());
  return g;
}

// One step of the power iteration per update, which follows the slowly turning eigenvectors; the first time
// they are computed.
void Soap::update_bases(Parameter& p) {
  const auto mean = rotate_back(p, p.mean);
  const auto update = [&](Side& side, std::int64_t dim) {
    if (!side.basis.defined()) return;
    // On the CPU: a GPU is slow at small decompositions.
    const auto device = side.covariance.device();
    if (steps_ == 0) {
      side.basis = std::get<1>(torch::linalg_eigh(side.covariance.cpu())).flip({1}).contiguous().to(device);
      return;
    }
    const auto turned = torch::matmul(side.covariance, side.basis);
    const auto order = std::get<1>((side.basis * turned).sum(0).sort(/*dim=*/0, /*descending=*/true));
    side.basis = std::get<0>(torch::linalg_qr(turned.index_select(1, order).cpu())).contiguous().to(device);
    p.square = p.square.index_select(dim, order);
  };
  update(p.outputs, 0);
  update(p.inputs, 2);
  p.mean = rotate(p, mean);
}

bool Soap::gather(Parameter& p) {
  const auto& gradient = p.value.grad();
  if (!gradient.defined()) return false;
  const auto g = as_matrix(gradient).contiguous();
  const auto follow = [&](Side& side, const torch::Tensor& flat) {
    if (side.basis.defined())
      side.covariance.mul_(kCovarianceBeta).addmm_(flat, flat.t(), 1, 1 - kCovarianceBeta);
  };
  if (p.value.dim() == 4) {
    follow(p.outputs, g.reshape({g.size(0), -1}));
    follow(p.inputs, g.reshape({-1, g.size(2)}).t());
    if (steps_ % kBasisEvery == 0) update_bases(p);
  }
  const auto rotated = rotate(p, g);
  p.mean.mul_(kBeta1).add_(rotated, 1 - kBeta1);
  p.square.mul_(kBeta2).addcmul_(rotated, rotated, 1 - kBeta2);
  return true;
}

void Soap::move(Parameter& p) const {
  const auto n = static_cast<double>(steps_ + 1);
  const double correction = std::sqrt(1 - std::pow(kBeta2, n)) / (1 - std::pow(kBeta1, n));
  const auto update = rotate_back(p, p.mean / (p.square.sqrt().add_(kEpsilon)));
  const double rate = -rates_[p.group] * correction;
  if (p.value.dim() == 4) {
    const auto& v = p.value;
    const auto as_weight = update.reshape({v.size(0), v.size(2), v.size(3), v.size(1)}).permute({0, 3, 1, 2});
    p.value.add_(as_weight, rate);
  } else {
    p.value.add_(update, rate);
  }
}

void Soap::step(Workers& workers) {
  workers.run(by_size_.size(), [&](std::size_t i) {
    const torch::NoGradGuard no_grad;
    auto& p = parameters_[by_size_[i]];
    if (gather(p)) move(p);
  });
  ++steps_;
}

void Soap::gather(Workers& workers) {
  workers.run(by_size_.size(), [&](std::size_t i) {
    const torch::NoGradGuard no_grad;
    static_cast<void>(gather(parameters_[by_size_[i]]));
  });
  ++steps_;
}

std::vector<torch::Tensor> Soap::state() const {
  std::vector<torch::Tensor> out{torch::tensor({steps_}, torch::kInt64)};
  for (const auto& p : parameters_) {
    out.insert(out.end(), {p.mean, p.square});
    for (const auto* side : {&p.outputs, &p.inputs}) {
      if (side->basis.defined()) out.insert(out.end(), {side->covariance, side->basis});
    }
  }
  return out;
}

void Soap::load_state(const std::vector<torch::Tensor>& state) {
  const auto expected = this->state();
  bool fits = state.size() == expected.size();
  for (std::size_t i = 0; fits && i < state.size(); ++i) {
    fits = state[i].sizes() == expected[i].sizes() && state[i].scalar_type() == expected[i].scalar_type();
  }
  if (!fits) throw Error(ErrorCode::kModel, "the optimizer's state has other shapes than this training's");
  const torch::NoGradGuard no_grad;
  steps_ = state[0].item<std::int64_t>();
  std::size_t at = 1;
  const auto take = [&](torch::Tensor& to) { to = state[at++].to(to.device()).clone(); };
  for (auto& p : parameters_) {
    take(p.mean);
    take(p.square);
    for (auto* side : {&p.outputs, &p.inputs}) {
      if (!side->basis.defined()) continue;
      take(side->covariance);
      take(side->basis);
    }
  }
}

}  // namespace vaec::train
