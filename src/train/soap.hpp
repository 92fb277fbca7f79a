// The optimizer: SOAP (Vyas 2024, "SOAP: Improving and Stabilizing Shampoo using Adam"): Adam in the
// eigenbasis of the gradient's covariances, which follow it slowly.
#pragma once

#include <vector>

#include "nn/torch.hpp"
#include "train/task.hpp"
#include "train/workers.hpp"

namespace vaec::train {

// A convolution's gradient [out, in, k, k] is rotated over its outputs and over its inputs, whichever of them
// are not too many; all other parameters get plain Adam. Deterministic. Not thread-safe.
class Soap {
 public:
  explicit Soap(const std::vector<ParameterGroup>& groups);

  void set_learning_rate(std::size_t group, double rate);
  // One step along the gradients that the parameters hold. A parameter without a gradient stays. The
  // parameters are shared out among `workers`: their number changes nothing.
  void step(Workers& workers);
  // Learns from the gradients as step() does, but moves no parameter.
  void gather(Workers& workers);

  // Everything that decides how it goes on, for a checkpoint. load_state() takes what state() gave for the
  // same parameters; throws Error kModel for other counts and shapes.
  [[nodiscard]] std::vector<torch::Tensor> state() const;
  void load_state(const std::vector<torch::Tensor>& state);

 private:
  // Over one side of a gradient: the moving average of its covariance and that one's eigenvectors. Undefined
  // where the side is not rotated.
  struct Side {
    torch::Tensor covariance, basis;
  };
  struct Parameter {
    torch::Tensor value;
    std::size_t group;
    torch::Tensor mean, square;  // of the rotated gradient
    Side outputs, inputs;
  };

  static torch::Tensor rotate(const Parameter& p, const torch::Tensor& gradient);
  static torch::Tensor rotate_back(const Parameter& p, const torch::Tensor& rotated);
  void update_bases(Parameter& p);
  // False: there is no gradient to learn from.
  [[nodiscard]] bool gather(Parameter& p);
  void move(Parameter& p) const;

  std::vector<Parameter> parameters_;
  std::vector<std::size_t> by_size_;  // indices of parameters_, the largest first
  std::vector<double> rates_;
  std::int64_t steps_ = 0;
};

}  // namespace vaec::train
