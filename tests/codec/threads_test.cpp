// What a host has set of OpenMP and LibTorch is the same after each call.
#include "codec/threads.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iterator>
#include <thread>

#include "codec/photo_codec.hpp"
#include "codec/torch/mnist_codec.hpp"
#include "model_files.hpp"
#include "nn/gaussian_vae_file.hpp"

namespace vaec::codec {
namespace {

constexpr int kHosts = 3, kOurs = 2;

// In a thread of its own, whose host has set OpenMP's number, and LibTorch's before.
void in_a_hosts_thread(const std::function<void()>& action) {
  at::set_num_threads(kHosts);
  std::thread([&] {
    omp_set_num_threads(kHosts);
    action();
    EXPECT_EQ(omp_get_max_threads(), kHosts);
  }).join();
  // LibTorch's own number is what a thread without a number gets at its first use.
  std::thread([] {
    omp_set_num_threads(1);
    EXPECT_EQ(at::get_num_threads(), kHosts);
  }).join();
}

TEST(Threads, AreSetWhileAGuardLives) {
  omp_set_num_threads(kHosts);
  {
    const OpenMpThreads here(kOurs);
    EXPECT_EQ(omp_get_max_threads(), kOurs);
  }
  EXPECT_EQ(omp_get_max_threads(), kHosts);
  {
    const OpenMpThreads here(0);
    EXPECT_EQ(omp_get_max_threads(), base::available_cpus());
  }
  EXPECT_EQ(omp_get_max_threads(), kHosts);
  EXPECT_THROW(OpenMpThreads(-1), Error);
  EXPECT_EQ(omp_get_max_threads(), kHosts);
}

// Each public function, of each kind of codec; those that throw, too.
void check_functions(const std::function<std::unique_ptr<Codec>()>& load, const Image& image) {
  std::unique_ptr<Codec> codec;
  in_a_hosts_thread([&] { codec = load(); });
  std::vector<std::byte> file;
  for (const int effort : {2, 3}) {
    in_a_hosts_thread([&] { file = codec->compress(image, {.effort = effort, .threads = kOurs}); });
  }
  const DecompressOptions options{.threads = kOurs};
  Image back;
  in_a_hosts_thread([&] { back = codec->decompress(file, options); });
  in_a_hosts_thread([&] { codec->check(file, options); });
  in_a_hosts_thread([&] {
    codec->decompress_into(file, ImageBuffer(back.samples.data(), back.width, back.height, back.channels),
                           options);
  });
  in_a_hosts_thread(
      [&] { EXPECT_THROW((void)codec->compress(image, {.quality = 0, .threads = kOurs}), Error); });
  in_a_hosts_thread([&] {
    file.back() ^= std::byte{1};
    EXPECT_THROW((void)codec->decompress(file, options), Error);
  });
  in_a_hosts_thread([&] { EXPECT_THROW((void)codec->compress(image, {.threads = -1}), Error); });
}

TEST(Threads, OfTheHostStayAsTheyWere) {
  Image image{200, 700, 3};
  for (std::size_t i = 0; i < 200 * 700 * 3; ++i) image.samples.push_back(static_cast<std::uint8_t>(i / 97));
  check_functions([] { return make_photo_codec(model::SafeTensors::open(kTinyModel)); }, image);
}

TEST(Threads, OfTheHostStayAsTheyWereWithTheMnistModel) {
  const auto file = std::filesystem::path(testing::TempDir()) /
                    ("vaec_threads_test_" + std::to_string(::getpid()) + ".safetensors");
  nn::GaussianVaeConfig config;
  config.latent = 16, config.channels = 4;
  nn::GaussianVae vae(config);
  nn::save_gaussian_vae(file, vae, nn::LatentGrid::make(), "{}");
  Image digit{28, 28, 1};
  digit.samples.assign(28 * 28, 100);
  check_functions([&] { return make_mnist_codec(model::SafeTensors::open(file)); }, digit);
  std::filesystem::remove(file);
}

std::ptrdiff_t threads_of_this_process() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

// TBB's threads start when they are scheduled, on a busy machine after the call that wanted them.
std::ptrdiff_t settled_threads_of_this_process() {
  auto count = threads_of_this_process();
  for (int same = 0; same < 10;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const auto now = threads_of_this_process();
    same = now == count ? same + 1 : 0;
    count = now;
  }
  return count;
}

// A call with one thread starts no other, whatever the calls before it had.
TEST(Threads, OneIsOne) {
  const auto codec = make_photo_codec(model::SafeTensors::open(kShippedModel));
  Image image{256, 128, 3};
  for (std::size_t i = 0; i < 256 * 128 * 3; ++i) image.samples.push_back(static_cast<std::uint8_t>(i / 97));
  (void)codec->decompress(codec->compress(image, {.threads = 2}), {.threads = 2});
  std::thread([&] {  // with no threads of OpenMP's yet
    const auto before = settled_threads_of_this_process();
    const auto file = codec->compress(image, {.threads = 1});
    EXPECT_LE(threads_of_this_process(), before);
    (void)codec->decompress(file, {.threads = 1});
    EXPECT_LE(threads_of_this_process(), before);
  })
      .join();
}

}  // namespace
}  // namespace vaec::codec
