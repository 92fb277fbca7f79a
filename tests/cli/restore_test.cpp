// vaec restore: missing pixels and noise.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "image/read.hpp"
#include "image/write.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

class Restore : public CodingTest {
 protected:
  void SetUp() override {
    CodingTest::SetUp();
    write_picture("a.ppm", 40, 30);
    std::string mask = "P5\n40 30\n255\n";
    for (int i = 0; i < 40 * 30; ++i) mask += static_cast<char>(is_missing(i) ? 255 : 0);
    write("mask.pgm", mask);
  }
  // A square.
  static bool is_missing(int pixel) { return pixel / 40 / 8 == 1 && pixel % 40 / 8 == 2; }

  [[nodiscard]] Outcome restore(const std::string& arguments) const {
    return run(coding("restore", arguments));
  }
  [[nodiscard]] Image picture(const std::string& name) const {
    const std::string file = read(name);
    return image::read_image(std::as_bytes(std::span(file)), name).image;
  }
  void write_png(const std::string& name, const Image& image) const {
    const auto file = image::encode_image(image, image::OutputFormat::kPng);
    write(name, std::string(reinterpret_cast<const char*>(file.data()), file.size()));
  }
};

TEST_F(Restore, FillsWhatTheMaskSays) {
  const auto before = picture("a.ppm");
  auto damaged = before;
  for (int i = 0; i < 40 * 30; ++i) {
    if (is_missing(i)) damaged.samples[3 * static_cast<std::size_t>(i)] = 255;
  }
  write_png("damaged.png", damaged);
  const auto outcome = restore("damaged.png --mask mask.pgm -o out.png");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("damaged.png -> out.png  40x30  "), std::string::npos) << outcome.err;
  const auto after = picture("out.png");
  for (int i = 0; i < 40 * 30; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const auto at = 3 * static_cast<std::size_t>(i) + c;
      if (is_missing(i)) {
        EXPECT_NEAR(after.samples[at], before.samples[at], 30);
      } else {
        EXPECT_EQ(after.samples[at], before.samples[at]);
      }
    }
  }
}

TEST_F(Restore, FillsWhatIsTransparent) {
  auto image = picture("a.ppm");
  for (int i = 0; i < 40 * 30; ++i) image.alpha.push_back(is_missing(i) ? 0 : 255);
  image.metadata.resolution = {Resolution::Unit::kMetre, 3000000, 3000000};
  write_png("hole.png", image);
  EXPECT_EQ(restore("hole.png -o out.png").status, 0);
  const auto filled = picture("out.png");
  EXPECT_FALSE(filled.has_alpha());
  EXPECT_EQ(filled.metadata.resolution, image.metadata.resolution);
  // What is half transparent stays so; a mask and noise leave all alpha as it is.
  image.alpha[0] = 100;
  write_png("hole.png", image);
  EXPECT_EQ(restore("hole.png -o out.png -f").status, 0);
  auto alpha = std::vector<std::uint8_t>(40 * 30, 255);
  alpha[0] = 100;
  EXPECT_EQ(picture("out.png").alpha, alpha);
  for (const char* what : {"--mask mask.pgm", "--noise 20"}) {
    EXPECT_EQ(restore(std::string("hole.png -o out.png -f ") + what).status, 0);
    EXPECT_EQ(picture("out.png").alpha, image.alpha) << what;
  }
}

TEST_F(Restore, TakesNoiseOffOneAndSeveral) {
  EXPECT_EQ(restore("a.ppm --noise 20 -o out.ppm").status, 0);
  EXPECT_NE(read("out.ppm"), read("a.ppm"));
  EXPECT_EQ(restore("- --noise 20 -o - < a.ppm > piped.png").status, 0);
  EXPECT_EQ(picture("piped.png").samples, picture("out.ppm").samples);
  write("b.ppm", read("a.ppm"));
  write("bad.ppm", "P6\n40 30\n255\nshort");
  const auto outcome = restore("a.ppm bad.ppm b.ppm --noise 20 -o clean");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("bad.ppm: "), std::string::npos) << outcome.err;
  EXPECT_EQ(picture("clean/a.png").samples, picture("out.ppm").samples);
  EXPECT_EQ(read("clean/b.png"), read("clean/a.png"));
  EXPECT_FALSE(exists("clean/bad.png"));
}

TEST_F(Restore, RestoresDigits) {
  write_picture("digit.pgm", 28, 28, 1);
  const std::string mnist = "restore -m '" VAEC_SOURCE_DIR "/models/mnist-1.safetensors' -j 1 --noise 30 ";
  const auto outcome = run(mnist + "digit.pgm -o out.pgm");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(read("out.pgm").size(), read("digit.pgm").size());
  const auto other = run(mnist + "a.ppm -o other.png");
  EXPECT_EQ(other.status, 3);
  EXPECT_NE(other.err.find("a.ppm: image is 40x30 RGB, this mnist model codes 28x28 grey"), std::string::npos)
      << other.err;
}

TEST_F(Restore, OverwritesWhenAskedOnly) {
  write("out.png", "mine");
  const auto outcome = restore("a.ppm --noise 20 -o out.png");
  EXPECT_EQ(outcome.status, 6);
  EXPECT_NE(outcome.err.find("out.png"), std::string::npos) << outcome.err;
  EXPECT_EQ(read("out.png"), "mine");
  EXPECT_EQ(restore("a.ppm --noise 20 -o out.png -f").status, 0);
  EXPECT_EQ(restore("a.ppm --mask mask.pgm -o mask.pgm -f").status, 2);
}

TEST_F(Restore, RefusesWhatMakesNoSense) {
  write_picture("other.pgm", 40, 31, 1);
  write("zeros.pgm", "P5\n40 30\n255\n" + std::string(40 * 30, '\0'));
  write("ones.pgm", "P5\n40 30\n255\n" + std::string(40 * 30, '\1'));
  struct Case {
    std::string arguments;
    int status;
    std::string words;
  };
  for (const auto& [arguments, status, words] : std::vector<Case>{
           {"a.ppm", 2,
            "a.ppm: nothing to restore: there is no --mask and no transparent pixel, and no --noise"},
           {"a.ppm --mask zeros.pgm", 2, "the mask zeros.pgm is all 0"},
           {"a.ppm --mask ones.pgm", 3, "all pixels are missing"},
           {"a.ppm --mask other.pgm", 3, "is 40x30, its mask other.pgm 40x31"},
           {"a.ppm --mask a.ppm", 3, "a.ppm: has colours; a mask is a grey picture"},
           {"a.ppm --mask none.png", 3, "none.png"},
           {"a.ppm --noise -1", 2, "--noise"},
           {"a.ppm --noise 256", 2, "--noise"},
           {"none.ppm --noise 1", 3, "none.ppm"}}) {
    const auto outcome = restore(arguments + " -o out.png");
    EXPECT_EQ(outcome.status, status) << arguments << ": " << outcome.err;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << arguments << ": " << outcome.err;
    EXPECT_FALSE(exists("out.png")) << arguments;
  }
  EXPECT_EQ(run("restore a.ppm --noise 1 -o out.png -m none").status, 7);
  EXPECT_EQ(restore("a.ppm --noise 1 -o out.gif").status, 2);
  EXPECT_EQ(restore("a.ppm --noise 1").status, 2);
}

TEST_F(Restore, GoesOnPastABadFirst) {
  ASSERT_EQ(mkfifo(path("p.fifo").c_str(), 0600), 0);
  const auto outcome = restore("p.fifo a.ppm --noise 20 -o out/");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("vaec: p.fifo: is a named pipe, "), std::string::npos) << outcome.err;
  EXPECT_TRUE(exists("out/a.png"));
}

}  // namespace
}  // namespace vaec::cli
