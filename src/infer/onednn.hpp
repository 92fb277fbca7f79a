// oneDNN, 2 or 3: onednn.cpp is the one place that knows which. What is not here is the same in both.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace vaec::infer {

// One way to compute a convolution for inference: of those that oneDNN offers, one that is fast and quickly
// made.
[[nodiscard]] dnnl::convolution_forward::primitive_desc choose_convolution(
    const dnnl::engine& engine, const dnnl::memory::desc& source, const dnnl::memory::desc& weights,
    const dnnl::memory::desc& bias, const dnnl::memory::desc& destination, const dnnl::memory::dims& strides,
    const dnnl::memory::dims& padding_before, const dnnl::memory::dims& padding_after,
    const dnnl::primitive_attr& attributes);

void append_leaky_relu(dnnl::post_ops& ops, float slope);

// Whether the processor, as oneDNN may use it, has all of `wanted`. Each of a cpu_isa's bits is one
// extension, so that this also holds for processors that a newer oneDNN has a new name for.
[[nodiscard]] inline bool has_isa(dnnl::cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

}  // namespace vaec::infer
