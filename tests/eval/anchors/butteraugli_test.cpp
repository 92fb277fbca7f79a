#include "eval/anchors/butteraugli.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

#include "eval/process.hpp"
#include "eval/whole_file.hpp"
#include "failure.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

Image grey_ramp(int step) {
  Image image{64, 64, 3, {}};
  for (int i = 0; i < 64 * 64; ++i)
    image.samples.insert(image.samples.end(), 3, static_cast<std::uint8_t>(60 + i % 64 / step * step));
  return image;
}

// A program of that name that does as a test says, before any other in PATH.
class ToyButteraugli : public testing::Test {
 protected:
  ToyButteraugli() : path_(std::getenv("PATH")) {
    setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  ~ToyButteraugli() override { setenv("PATH", path_.c_str(), 1); }

  void write(const std::string& how) const {
    const std::string script = "#!/bin/sh\n" + how + "\n";
    save(folder_.path() / "butteraugli", std::as_bytes(std::span(script)));
    std::filesystem::permissions(folder_.path() / "butteraugli", std::filesystem::perms::owner_all);
  }
  [[nodiscard]] static std::string failure_of(const Butteraugli& program) {
    return failure(ErrorCode::kWrite, [&] { (void)program.distance(grey_ramp(1), grey_ramp(4)); });
  }

  TemporaryFolder folder_;

 private:
  std::string path_;
};

TEST_F(ToyButteraugli, ItsNumberIsTheDistance) {
  write("test $(head -c 4 $1 | tail -c 3) = PNG && ! cmp -s $1 $2 && echo 2.125");
  const Butteraugli program;
  EXPECT_EQ(program.distance(grey_ramp(1), grey_ramp(4)), 2.125);
  write("echo none");
  EXPECT_EQ(failure_of(program), "butteraugli failed (status 0): none");
  write("echo 1.5; exit 3");
  EXPECT_EQ(failure_of(program), "butteraugli failed (status 3): 1.5");
}

TEST(Butteraugli, IsNamedWithItsPackageWhereItIsMissing) {
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  const auto message = failure(ErrorCode::kUsage, [] { const Butteraugli program; });
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(message, "butteraugli is not installed (Debian package butteraugli)");
}

TEST(Butteraugli, GrowsWithTheDamage) {
  if (!is_installed("butteraugli")) GTEST_SKIP() << "butteraugli is not installed";
  const Butteraugli program;
  const double little = program.distance(grey_ramp(1), grey_ramp(2)),
               much = program.distance(grey_ramp(1), grey_ramp(16));
  EXPECT_GT(little, 0);
  EXPECT_GT(much, 2 * little);
}

}  // namespace
}  // namespace vaec::eval
