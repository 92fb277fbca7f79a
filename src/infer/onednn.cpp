#include "infer/onednn.hpp"

#include <string>

#include "vaec/error.hpp"

namespace vaec::infer {

using PrimitiveDesc = dnnl::convolution_forward::primitive_desc;

PrimitiveDesc choose_convolution(const dnnl::engine& engine, const dnnl::memory::desc& source,
                                 const dnnl::memory::desc& weights, const dnnl::memory::desc& bias,
                                 const dnnl::memory::desc& destination, const dnnl::memory::dims& strides,
                                 const dnnl::memory::dims& padding_before,
                                 const dnnl::memory::dims& padding_after,
                                 const dnnl::primitive_attr& attributes) {
  constexpr auto kind = dnnl::prop_kind::forward_inference;
  constexpr auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  const auto first = [&] {
    return PrimitiveDesc(engine, kind, algorithm, source, weights, bias, destination, strides, padding_before,
                         padding_after, attributes);
  };
#else
  // Must outlive the calls of next_impl(), which look into it.
  const dnnl::convolution_forward::desc description(kind, algorithm, source, weights, bias, destination,
                                                    strides, padding_before, padding_after);
  const auto first = [&] { return PrimitiveDesc(description, attributes, engine); };
#endif
#if DNNL_VERSION_MAJOR >= 3
  // oneDNN 3.7 gives wrong sums with AVX-512 where it pads the output channels of the weights to whole blocks;
  // and with AVX2 the order of a sum of brgconv_1x1 depends on how many positions there are.
  const auto is_right = [](const PrimitiveDesc& one) {
    const auto layout = one.weights_desc();
    return layout.get_padded_dims() == layout.get_dims() &&
           std::string(one.impl_info_str()) != "brgconv_1x1:avx2";
  };
#else
  const auto is_right = [](const PrimitiveDesc&) { return true; };
#endif
  // oneDNN's first choice for more than one tap, brgconv, takes milliseconds to make for each shape, and half
  // a megabyte; where its older kernels come next, they are as fast (measured within 2%), made in a fifth of
  // a millisecond and a tenth as large. With AMX there is only the first.
  const auto is_brgconv = [](const std::string& name) {
    return name.starts_with("brgconv:") || name.starts_with("brg_conv_fwd:");
  };
  auto chosen = first();
  while (!is_right(chosen)) {
    if (!chosen.next_impl()) throw Error(ErrorCode::kInternal, "oneDNN has no convolution of these sizes");
  }
  const std::string name = chosen.impl_info_str();
  if (!is_brgconv(name) || name.find("amx") != std::string::npos) return chosen;
  auto other = first();
  while (other.next_impl()) {
    const std::string next = other.impl_info_str();
    if (is_brgconv(next) || !is_right(other)) continue;
    return next.starts_with("jit") ? other : chosen;
  }
  return chosen;
}

void append_leaky_relu(dnnl::post_ops& ops, float slope) {
#if DNNL_VERSION_MAJOR >= 3
  ops.append_eltwise(dnnl::algorithm::eltwise_relu, slope, 0.0F);
#else
  ops.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, slope, 0.0F);
#endif
}

}  // namespace vaec::infer
