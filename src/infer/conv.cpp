#include "infer/conv.hpp"

#include <omp.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_map>

#include "infer/buffer.hpp"
#include "infer/onednn.hpp"
#include "model/photo_config.hpp"
#include "vaec/error.hpp"

namespace vaec::infer {
namespace {

using dnnl::memory;

// Primitives that a convolution keeps. oneDNN's own cache, which belongs to the whole process and stays as it
// is, keeps the last 1024 besides: some 30 kB each, shared by convolutions of the same shape.
constexpr std::size_t kMostShapes = 16;
// A 1x1 convolution runs over pieces of one shape, and one for the rest that is a multiple of the step.
constexpr std::size_t kPointwisePositions = 256, kPointwiseStep = 32;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

memory::data_type type_of(Number number) {
  switch (number) {
    case Number::kF32:
      return memory::data_type::f32;
    case Number::kBF16:
      return memory::data_type::bf16;
    case Number::kU8:
      return memory::data_type::u8;
    case Number::kS8:
      return memory::data_type::s8;
    case Number::kS32:
      return memory::data_type::s32;
  }
  throw Error(ErrorCode::kInternal, "an unknown number type");
}

bool is_integer(Number number) { return number == Number::kU8 || number == Number::kS8; }

dnnl::primitive_attr attributes(After after) {
  dnnl::post_ops ops;
  if (after == After::kAdd) ops.append_sum(1.0F);
  if (after == After::kLeakyRelu) append_leaky_relu(ops, static_cast<float>(model::kLeakySlope));
  dnnl::primitive_attr attr;
  attr.set_post_ops(ops);
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

// oneDNN keeps no state between calls, but a stream belongs to one thread.
dnnl::stream& stream() {
  thread_local dnnl::stream s(engine());
  return s;
}

}  // namespace

bool has_bf16() { return has_isa(dnnl::cpu_isa::avx512_core_bf16); }
bool has_int8() { return has_isa(dnnl::cpu_isa::avx512_core_vnni); }
bool can_bf16() { return has_isa(dnnl::cpu_isa::avx512_core); }

struct Conv::Impl {
  // A shape's primitive and what it needs.
  struct Prepared {
    dnnl::convolution_forward primitive;
    memory::desc source, destination, scratch;
    memory weights;
  };

  ConvWeights weights;
  Number source, destination;
  After after;
  mutable std::mutex mutex;
  // By the shape and the number of threads: oneDNN runs a primitive on as many as there were when it was
  // made.
  mutable std::map<std::tuple<int, int, int, int, bool, int>, std::shared_ptr<const Prepared>> shapes;
  mutable std::vector<memory> layouts;  // the weights as the primitives want them

  [[nodiscard]] bool has_bias() const { return destination != Number::kS32; }

  memory weights_as(const memory::desc& wanted) const {
    for (const auto& layout : layouts) {
      if (layout.get_desc() == wanted) return layout;
    }
    const memory::desc plain({weights.out, weights.in, weights.kernel, weights.kernel},
                             memory::data_type::f32, memory::format_tag::oihw);
    memory from(plain, engine(), const_cast<float*>(weights.weight.data()));
    memory to(wanted, engine());
    dnnl::reorder(from, to).execute(stream(), from, to);
    stream().wait();
    layouts.push_back(to);
    return to;
  }

  std::shared_ptr<const Prepared> prepare(const Strip& s) const {
    const auto tag = memory::format_tag::nhwc;
    const int pad = s.has_sides ? 0 : weights.kernel / 2;
    const int rows = (s.rows + s.zeros_above + s.zeros_below - weights.kernel) / weights.stride + 1;
    const int width = (s.width + 2 * pad - weights.kernel) / weights.stride + 1;
    const memory::desc from({1, weights.in, s.rows, s.width}, type_of(source), tag);
    const memory::desc to({1, weights.out, rows, width}, type_of(destination), tag);
    const memory::desc kernel({weights.out, weights.in, weights.kernel, weights.kernel},
                              is_integer(source) ? memory::data_type::s8 : type_of(source),
                              memory::format_tag::any);
    const auto bias = has_bias() ? memory::desc({weights.out}, memory::data_type::f32, memory::format_tag::x)
                                 : memory::desc();
    const auto chosen = choose_convolution(engine(), from, kernel, bias, to, {weights.stride, weights.stride},
                                           {s.zeros_above, pad}, {s.zeros_below, pad}, attributes(after));
    auto prepared = std::make_shared<Prepared>();
    prepared->primitive = dnnl::convolution_forward(chosen);
    prepared->source = from;
    prepared->destination = to;
    prepared->scratch = chosen.scratchpad_desc();
    prepared->weights = weights_as(chosen.weights_desc());
    return prepared;
  }

  std::shared_ptr<const Prepared> prepared_for(const Strip& s) const {
    const std::tuple key(s.rows, s.width, s.zeros_above, s.zeros_below, s.has_sides,
                         omp_in_parallel() != 0 ? 1 : omp_get_max_threads());
    const std::lock_guard lock(mutex);
    const auto found = shapes.find(key);
    if (found != shapes.end()) return found->second;
    if (shapes.size() >= kMostShapes) shapes.clear();
    return shapes[key] = prepare(s);
  }
};

Conv::Conv(ConvWeights weights, Number source, Number destination, After after)
    : impl_(std::make_unique<Impl>()) {
  const auto taps = std::size_t(weights.in) * weights.kernel * weights.kernel;
  if (weights.weight.size() != taps * weights.out || weights.bias.size() != std::size_t(weights.out)) {
    throw Error(ErrorCode::kInternal, "a convolution's weights do not fit its sizes");
  }
  impl_->weights = std::move(weights);
  impl_->source = source;
  impl_->destination = destination;
  impl_->after = after;
}

Conv::~Conv() = default;
Conv::Conv(Conv&&) noexcept = default;
Conv& Conv::operator=(Conv&&) noexcept = default;

const ConvWeights& Conv::weights() const { return impl_->weights; }

void Conv::run(const Strip& strip, const void* source, void* destination, const float* bias) const {
  try {
    const auto prepared = impl_->prepared_for(strip);
    thread_local Buffer scratch;
    memory from(prepared->source, engine(), const_cast<void*>(source));
    memory to(prepared->destination, engine(), destination);
    memory room(prepared->scratch, engine(), scratch.reserve(prepared->scratch.get_size()));
    std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, from},
                                              {DNNL_ARG_WEIGHTS, prepared->weights},
                                              {DNNL_ARG_DST, to},
                                              {DNNL_ARG_SCRATCHPAD, room}};
    if (impl_->has_bias()) {
      arguments.emplace(
          DNNL_ARG_BIAS,
          memory({{impl_->weights.out}, memory::data_type::f32, memory::format_tag::x}, engine(),
                 const_cast<float*>(bias != nullptr ? bias : impl_->weights.bias.data())));
    }
    prepared->primitive.execute(stream(), arguments);
    stream().wait();
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
    throw Error(ErrorCode::kInternal, std::string("oneDNN: ") + error.what());
  }
}

void Conv::run_pointwise(std::size_t count, const void* source, void* destination, const float* bias) const {
  const auto in = size_of(impl_->source) * static_cast<std::size_t>(impl_->weights.in);
  const auto out = size_of(impl_->destination) * static_cast<std::size_t>(impl_->weights.out);
  const auto* from = static_cast<const std::byte*>(source);
  auto* to = static_cast<std::byte*>(destination);
  const auto run_piece = [&](std::size_t positions, const std::byte* piece_in, std::byte* piece_out) {
    run({1, static_cast<int>(positions), 0, 0}, piece_in, piece_out, bias);
  };
  std::size_t at = 0;
  for (; at + kPointwisePositions <= count; at += kPointwisePositions) {
    run_piece(kPointwisePositions, from + at * in, to + at * out);
  }
  if (at == count) return;
  // The rest goes through memory of a rounded size, so that there are few shapes.
  const auto rest = count - at, positions = (rest + kPointwiseStep - 1) / kPointwiseStep * kPointwiseStep;
  if (positions == rest) return run_piece(rest, from + at * in, to + at * out);
  Buffer padded_in(positions * in), padded_out(positions * out);
  std::memset(padded_in.data(), 0, positions * in);
  std::memcpy(padded_in.data(), from + at * in, rest * in);
  std::memset(padded_out.data(), 0, positions * out);
  std::memcpy(padded_out.data(), to + at * out, rest * out);  // what kAdd adds to
  run_piece(positions, padded_in.data(), padded_out.data());
  std::memcpy(to + at * out, padded_out.data(), rest * out);
}

StripPlan plan_strip(int kernel, int stride, int done, int available, int height) {
  const int pad = kernel / 2;
  int end = (height + stride - 1) / stride;
  if (available < height) end = available > pad ? (available - 1 - pad) / stride + 1 : 0;
  StripPlan plan{done, std::max(end, done), 0, 0, 0, 0};
  if (plan.empty()) return plan;
  plan.source_first = std::max(0, done * stride - pad);
  plan.source_end = std::min(height, (end - 1) * stride + pad + 1);
  plan.zeros_above = std::max(0, pad - done * stride);
  plan.zeros_below = std::max(0, (end - 1) * stride + pad + 1 - height);
  return plan;
}

}  // namespace vaec::infer
