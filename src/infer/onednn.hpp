// The one place that knows which oneDNN it is, 2 or 3. What is not here is the same in both.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace vaec::infer {

// A convolution for inference: oneDNN's first choice; next_impl() gives the others.
[[nodiscard]] inline dnnl::convolution_forward::primitive_desc describe_convolution(
    const dnnl::engine& engine, const dnnl::memory::desc& source, const dnnl::memory::desc& weights,
    const dnnl::memory::desc& bias, const dnnl::memory::desc& destination, const dnnl::memory::dims& strides,
    const dnnl::memory::dims& padding_before, const dnnl::memory::dims& padding_after,
    const dnnl::primitive_attr& attributes) {
  constexpr auto kind = dnnl::prop_kind::forward_inference;
  constexpr auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return {engine,      kind,    algorithm,      source,        weights,   bias,
          destination, strides, padding_before, padding_after, attributes};
#else
  return {{kind, algorithm, source, weights, bias, destination, strides, padding_before, padding_after},
          attributes,
          engine};
#endif
}

inline void append_leaky_relu(dnnl::post_ops& ops, float slope) {
#if DNNL_VERSION_MAJOR >= 3
  ops.append_eltwise(dnnl::algorithm::eltwise_relu, slope, 0.0F);
#else
  ops.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, slope, 0.0F);
#endif
}

// Whether the processor, as oneDNN may use it, has all of `wanted`. Each of a cpu_isa's bits is one
// extension, so that this also holds for processors that a newer oneDNN has a new name for.
[[nodiscard]] inline bool has_isa(dnnl::cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

}  // namespace vaec::infer
