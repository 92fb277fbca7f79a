// The networks of the shipped photo model on oneDNN, against the convolution peak of this machine, one thread
// unless OMP_NUM_THREADS says otherwise. Counters: GFLOP/s (a multiply and an addition are two), their share
// of the peak that the 3x3 convolutions at the head reach in the same run, MP/s of the picture.
//
//   network_bench [--benchmark_filter=REGEX]       with models/photo-1.safetensors of the source tree
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <omp.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "infer/photo_model.hpp"

namespace {

using namespace vaec;
using infer::Number;

constexpr int kQuality = 50;
constexpr double kGiga = 1e9, kMega = 1e6;

const infer::PhotoModel& photo() {
  static const infer::PhotoModel model(
      model::SafeTensors::open(VAEC_SOURCE_DIR "/models/photo-1.safetensors"));
  return model;
}

// GFLOP/s of the peak benchmarks, by number type.
std::map<Number, double>& peaks() {
  static std::map<Number, double> found;
  return found;
}

void conv_peak(benchmark::State& state, Number number) {
  constexpr int kChannels = 128, kRows = 32, kWidth = 64, kKernel = 3;
  infer::ConvWeights weights{kChannels, kChannels, kKernel, 1, {}, std::vector<float>(kChannels)};
  weights.weight.assign(std::size_t{kChannels} * kChannels * kKernel * kKernel, 1);
  const auto out = number == Number::kU8 ? Number::kF32 : number;
  const infer::Conv conv(weights, number, out);
  constexpr std::size_t kValues = std::size_t{kRows} * kWidth * kChannels;
  std::vector<std::byte> from(kValues * size_of(number)), to(kValues * size_of(out));
  double seconds = 0;
  for (auto _ : state) {
    const double start = omp_get_wtime();
    conv.run({kRows, kWidth, 1, 1}, from.data(), to.data());
    seconds += omp_get_wtime() - start;
  }
  const double flops =
      2.0 * kKernel * kKernel * kChannels * kValues * static_cast<double>(state.iterations());
  peaks()[number] = flops / seconds / kGiga;
  state.counters["GFLOP/s"] = peaks()[number];
}

// Multiply-accumulates a pixel of a transform's two branches.
struct Macs {
  double nonlinear = 0, linear = 0;
};
Macs macs_of(const model::TransformConfig& c, int latent, bool synthesis) {
  Macs macs;
  macs.linear = latent * 768 / 256.0;
  for (std::size_t stage = 0; stage < 3; ++stage) {
    const double pixels = 16.0 * (1 << (2 * stage)), channels = c.channels[stage];
    macs.nonlinear += 2 * 9 * channels * channels * c.blocks[stage] / pixels;
    if (stage < 2) macs.nonlinear += channels * 4 * c.channels[stage + 1] / (pixels * 4);
  }
  macs.nonlinear += 9.0 * 48 * c.channels[0] / 16;  // the stem of g_a, the last layer of g_s
  macs.nonlinear += static_cast<double>(latent + (synthesis ? 1 : 0)) * c.channels[2] / 256;
  return macs;
}

// The time at the peak over the time taken.
void report(benchmark::State& state, const Macs& macs, double pixels, double seconds) {
  const auto number = infer::fastest_analysis_number();
  const double all = pixels * static_cast<double>(state.iterations());
  state.counters["MP/s"] = all / seconds / kMega;
  state.counters["GFLOP/s"] = 2 * (macs.linear + macs.nonlinear) * all / seconds / kGiga;
  if (peaks().contains(number) && peaks().contains(Number::kF32)) {
    const double at_peak =
        2 * all / kGiga * (macs.nonlinear / peaks()[number] + macs.linear / peaks()[Number::kF32]);
    state.counters["share of peak"] = at_peak / seconds;
  }
}

struct Size {
  int rows, columns;  // of the latent
  explicit Size(const benchmark::State& state)
      : rows(static_cast<int>(state.range(0))), columns(static_cast<int>(state.range(1))) {}
  [[nodiscard]] double pixels() const { return 256.0 * rows * columns; }
};

void g_s(benchmark::State& state) {
  const Size size(state);
  const int latent = photo().config().latent;
  std::mt19937 random(1);
  std::vector<std::int32_t> values(static_cast<std::size_t>(size.rows) * size.columns * latent);
  for (auto& v : values) v = random() % 5 == 0 ? static_cast<int>(random() % 65) - 32 : 0;
  double seconds = 0;
  for (auto _ : state) {
    const double start = omp_get_wtime();
    float sum = 0;
    infer::SynthesisRun run(photo().synthesis(), kQuality, size.rows, size.columns,
                            [&](int, std::span<const std::int16_t> rgb) { sum += rgb[0]; });
    run.push(values.data(), size.rows, static_cast<std::size_t>(size.columns) * latent);
    benchmark::DoNotOptimize(sum);
    seconds += omp_get_wtime() - start;
  }
  report(state, macs_of(photo().config().synthesis, latent, true), size.pixels(), seconds);
}

void g_a(benchmark::State& state) {
  const Size size(state);
  double seconds = 0;
  for (auto _ : state) {
    const double start = omp_get_wtime();
    float sum = 0;
    photo().analysis().run(
        kQuality, size.rows, size.columns,
        [&](int row, float* rgb) {
          for (int i = 0; i < size.columns * 48; ++i) rgb[i] = static_cast<float>((i * 7 + row) & 255);
        },
        [&](int, int, const float* y) { sum += y[0]; });
    benchmark::DoNotOptimize(sum);
    seconds += omp_get_wtime() - start;
  }
  report(state, macs_of(photo().config().analysis, photo().config().latent, false), size.pixels(), seconds);
}

// With a coder that takes every mean for the latent.
void h_s(benchmark::State& state) {
  const Size size(state);
  const auto latent = static_cast<std::size_t>(photo().config().latent);
  infer::HyperLatent z{(size.rows + 3) / 4, (size.columns + 3) / 4, photo().config().hyper, {}};
  z.values.assign(static_cast<std::size_t>(z.rows) * z.columns * z.channels, 1);
  infer::LfImage lf{size.rows, size.columns, static_cast<int>(photo().config().lf.size()), {}};
  lf.values.resize(static_cast<std::size_t>(lf.rows) * lf.columns * lf.channels);
  std::vector<std::int32_t> out(static_cast<std::size_t>(size.rows) * size.columns * latent);
  const auto take = [&](std::size_t, const std::int32_t* means, const std::uint8_t*, std::int32_t* to) {
    std::copy_n(means, latent, to);
  };
  double seconds = 0;
  for (auto _ : state) {
    const double start = omp_get_wtime();
    photo().hyper_synthesis().run(z, lf, kQuality, {0, size.rows, size.columns}, {take, take}, out.data());
    seconds += omp_get_wtime() - start;
  }
  state.counters["MP/s"] = size.pixels() * static_cast<double>(state.iterations()) / seconds / kMega;
}

// Latents of pictures of 64x64, 768x512 and 12 MP (bands of 32 rows for h_s).
void sizes(benchmark::internal::Benchmark* b) {
  b->Args({4, 4})->Args({32, 48})->Args({188, 252})->Unit(benchmark::kMillisecond);
}
void band_sizes(benchmark::internal::Benchmark* b) {
  b->Args({4, 4})->Args({32, 48})->Args({32, 252})->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  // As the program has it: buffers are kept and used again.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  if (std::getenv("OMP_NUM_THREADS") == nullptr) omp_set_num_threads(1);
  std::vector<std::pair<const char*, Number>> numbers{{"fp32", Number::kF32}};
  if (infer::has_bf16()) numbers.emplace_back("bf16", Number::kBF16);
  if (infer::has_int8()) numbers.emplace_back("int8", Number::kU8);
  for (const auto& [name, number] : numbers) {
    benchmark::RegisterBenchmark((std::string("conv_peak/") + name).c_str(), [number](
                                                                                 benchmark::State& state) {
      conv_peak(state, number);
    })->Unit(benchmark::kMillisecond);
  }
  sizes(benchmark::RegisterBenchmark("g_s", g_s));
  sizes(benchmark::RegisterBenchmark("g_a", g_a));
  band_sizes(benchmark::RegisterBenchmark("h_s", h_s));
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
