// The n-th allocation fails, for n = 1, 2, ...: an error each time, and the same codec then works as if
// nothing had been. A program of its own, since it replaces operator new.
//
// Only what this program and libvaec ask for fails. oneDNN allocates within its own OpenMP regions, which no
// exception can leave, and the destructor of nlohmann-json's values allocates, too: hence nothing fails while
// a model is loaded.
#include <gtest/gtest.h>
#include <link.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "infer/buffer.hpp"
#include "model_files.hpp"
#include "vaec/vaec.hpp"

namespace {

constexpr long kNone = -1;
std::atomic<long> allocations_left = kNone;  // until the one that fails

struct CodeRange {
  std::uintptr_t begin = 0, end = 0;
};
CodeRange own_code[2];  // this program's and libvaec's

void find_own_code() {
  const auto look_at = [](dl_phdr_info* object, std::size_t, void*) {
    const bool is_program = object->dlpi_name[0] == 0;
    if (!is_program && std::strstr(object->dlpi_name, "/libvaec.so") == nullptr) return 0;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
      const auto& part = object->dlpi_phdr[i];
      if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
      const auto begin = object->dlpi_addr + part.p_vaddr;
      own_code[is_program ? 0 : 1] = {begin, begin + part.p_memsz};
    }
    return 0;
  };
  dl_iterate_phdr(look_at, nullptr);
}

[[gnu::noinline]] void* allocate(std::size_t size, std::size_t alignment, const void* caller) {
  if (allocations_left > kNone) {
    const auto at = reinterpret_cast<std::uintptr_t>(caller);
    for (const auto& code : own_code) {
      if (at >= code.begin && at < code.end && allocations_left-- == 0) throw std::bad_alloc();
    }
  }
  void* memory = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  return allocate(size, alignof(std::max_align_t), __builtin_return_address(0));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace vaec {
namespace {

// Runs `work` with its `n`-th allocation failing, from 0 on. Whether it came so far; then it must have
// thrown.
bool fails_at(long n, const std::function<void()>& work) {
  allocations_left = n;
  bool threw = false;
  try {
    work();
  } catch (const std::bad_alloc&) {
    threw = true;
  } catch (const Error& error) {
    threw = true;
    EXPECT_EQ(error.code(), ErrorCode::kLimit) << "allocation " << n << ": " << error.what();
  }
  const bool came_so_far = allocations_left.exchange(kNone) <= kNone;
  EXPECT_EQ(threw, came_so_far) << "allocation " << n;
  return came_so_far;
}

class FailingAllocation : public testing::Test {
 protected:
  static void SetUpTestSuite() { find_own_code(); }
  ~FailingAllocation() override { allocations_left = kNone; }
};

TEST_F(FailingAllocation, ABufferHasNothingAfterIt) {
  infer::Buffer buffer(100);
  EXPECT_TRUE(fails_at(0, [&] { buffer.reserve(1000); }));
  EXPECT_EQ(buffer.size(), 0U);
  ASSERT_NE(buffer.reserve(50), nullptr);
  EXPECT_EQ(buffer.size(), 50U);
  const infer::Buffer other = std::move(buffer);
  EXPECT_EQ(other.size(), 50U);
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_NE(buffer.reserve(10), nullptr);
}

TEST_F(FailingAllocation, RowsStayAsTheyWere) {
  infer::Rows rows(16);
  std::memset(rows.append(2), 7, 32);
  EXPECT_TRUE(fails_at(0, [&] { rows.append(3); }));
  EXPECT_EQ(rows.end(), 2);
  EXPECT_EQ(rows.row(1)[15], std::byte{7});
  std::memset(rows.append(3), 8, 48);
  EXPECT_EQ(rows.row(1)[15], std::byte{7});
  EXPECT_EQ(rows.row(4)[15], std::byte{8});
}

// Everything that a codec does with a picture, each with what must come of it.
struct Work {
  std::string name;
  std::function<bool(const Codec&)> is_right;
};

class FailingCodec : public FailingAllocation, public testing::WithParamInterface<int> {
 protected:
  FailingCodec() {
    Image image{70, 50, 3};
    for (std::uint32_t i = 0; i < 70 * 50; ++i) {
      for (std::uint32_t c = 0; c < 3; ++c)
        image.samples.push_back(static_cast<std::uint8_t>(i * (2 + c) / 3));
      image.alpha.push_back(i % 70 < 20 ? 0 : 255);
    }
    image.metadata.icc.assign(1000, std::byte{3});
    const auto codec = load();
    const CompressOptions how{.threads = GetParam()};
    const auto file = codec->compress(image, how);
    const DecompressOptions all{.threads = GetParam()}, part{{16, 8, 30, 20, 1}, GetParam()},
        small{{0, 0, 0, 0, 8}, GetParam()};
    const auto whole = codec->decompress(file, all), in_part = codec->decompress(file, part),
               preview = codec->decompress(file, small);
    work_ = {{"compress", [=](const Codec& c) { return c.compress(image, how) == file; }},
             {"decompress", [=](const Codec& c) { return c.decompress(file, all) == whole; }},
             {"a part", [=](const Codec& c) { return c.decompress(file, part) == in_part; }},
             {"a preview", [=](const Codec& c) { return c.decompress(file, small) == preview; }},
             {"check", [=](const Codec& c) { return c.check(file, all), true; }}};
  }

  static std::unique_ptr<Codec> load() { return Codec::load(kTinyModel); }

  // In a thread that has not worked yet, with memory of its own: the `n`-th allocation of `work` fails, and
  // then it is done again.
  bool fails_and_goes_on(long n, const Work& work, const Codec& codec) {
    bool failed = false;
    std::thread([&] {
      failed = fails_at(n, [&] { EXPECT_TRUE(work.is_right(codec)) << work.name; });
      EXPECT_TRUE(work.is_right(codec)) << work.name << " after a failure at allocation " << n;
    }).join();
    return failed;
  }

  std::vector<Work> work_;
};

TEST_P(FailingCodec, WorksOnAfterAnyFailure) {
  const auto codec = load();
  for (const Work& work : work_) {
    long n = 0;
    while (fails_and_goes_on(n, work, *codec)) ++n;
    EXPECT_GT(n, 20) << work.name;
  }
}

// What a codec makes when it first meets a shape: on one thread, since it takes a thousand allocations.
class FailingNewCodec : public FailingCodec {};
TEST_P(FailingNewCodec, WorksOnAfterAnyFailure) {
  for (const Work& work : {work_[0], work_[1]}) {
    long n = 0;
    while (fails_and_goes_on(n, work, *load())) ++n;
    EXPECT_GT(n, 20) << work.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, FailingCodec, testing::Values(1, 2));
INSTANTIATE_TEST_SUITE_P(Threads, FailingNewCodec, testing::Values(1));

}  // namespace
}  // namespace vaec
