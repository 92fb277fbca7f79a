// A system that gives few threads, or none.
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

class Threads : public CodingTest {
 protected:
  void SetUp() override {
    if (kHasAddressSanitizer) GTEST_SKIP() << "AddressSanitizer must be the first library";
    CodingTest::SetUp();
  }
  [[nodiscard]] Outcome run_with(int threads, const std::string& arguments) const {
    return run(arguments, "LD_PRELOAD='" VAEC_FEW_THREADS "' VAEC_TEST_THREADS=" + std::to_string(threads) +
                              " timeout -s KILL 60 ");
  }
};

TEST_F(Threads, FewDoAll) {
  for (int i = 0; i < 6; ++i) write_picture("in/" + std::to_string(i) + ".ppm", 100, 1100);
  ASSERT_EQ(compress("in -r -o all -j 4").status, 0);
  for (int threads = 0; threads <= 12; ++threads) {
    const std::string out = "out" + std::to_string(threads);
    const Outcome many = run_with(threads, coding("compress", "in -r -j 4 --json -o " + out));
    EXPECT_EQ(many.status, 0) << threads << ": " << many.err;
    EXPECT_EQ(std::count(many.out.begin(), many.out.end(), '\n'), 6) << threads << ": " << many.out;
    EXPECT_EQ(many.err, "") << threads;
    EXPECT_EQ(read(out + "/3.vaec"), read("all/3.vaec")) << threads;
    const Outcome one = run_with(threads, coding("decompress", "all/0.vaec -j 4 -f -o b.png --quiet"));
    EXPECT_EQ(one.status, 0) << threads << ": " << one.err;
    EXPECT_EQ(one.err, "") << threads;
  }
}

TEST_F(Threads, FewReadTheImagesOfATraining) {
  for (int i = 0; i < 4; ++i) write_picture("in/" + std::to_string(i) + ".ppm", 96, 96);
  for (const int threads : {0, 1, 3}) {
    const Outcome outcome = run_with(threads,
                                     "train --data in --valid in --batch 1 --crop 64 --latent 12 --channels "
                                     "8,12,16 --precision fp32 --steps 1 "
                                     "-j 2 -o m" +
                                         std::to_string(threads) + ".safetensors");
    EXPECT_EQ(outcome.status, 0) << threads << ": " << outcome.err;
  }
}

}  // namespace
}  // namespace vaec::cli
