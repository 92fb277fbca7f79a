// The picture collections PngSuite and image-rs, if $VAEC_TEST_FORMATS names the folder that holds them as
// pngsuite/ and image-rs/: every valid file comes in as what it is, every corrupt one is one clear error.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <span>

#include "image/make_picture.hpp"
#include "image/read.hpp"
#include "temporary_folder.hpp"

namespace vaec::image {
namespace {

namespace fs = std::filesystem;

class Formats : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("VAEC_TEST_FORMATS");
    if (folder == nullptr)
      GTEST_SKIP() << "VAEC_TEST_FORMATS is not set: no collections of pictures to test with";
    folder_ = folder;
  }
  fs::path folder_;
};

// Big-endian, as PNG's header has it.
std::uint32_t number_at(const std::string& file, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(file[offset + i]);
  return value;
}

TEST_F(Formats, PngSuite) {
  std::size_t good = 0, refused = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "pngsuite")) {
    const std::string name = entry.path().stem().string(), file = contents(entry.path());
    const auto bytes = std::as_bytes(std::span(file));
    if (name.starts_with("x")) {
      const std::string error = error_of([&] { (void)read_image(bytes, name); });
      EXPECT_EQ(error.rfind("3 " + name + ": ", 0), 0U) << error;
      EXPECT_EQ(error.find('\n'), std::string::npos) << error;
      ++refused;
      continue;
    }
    const Image image = read_image(bytes, name).image;
    const int depth = file[24], colour_type = file[25];
    EXPECT_EQ(image.width, number_at(file, 16)) << name;
    EXPECT_EQ(image.height, number_at(file, 20)) << name;
    EXPECT_EQ(image.channels, colour_type == 0 || colour_type == 4 ? 1U : 3U) << name;
    EXPECT_EQ(image.bit_depth, depth == 16 ? 16U : 8U) << name;
    EXPECT_EQ(image.has_alpha(), (colour_type & 4) != 0 || file.find("tRNS") != std::string::npos) << name;
    ++good;
  }
  EXPECT_EQ(good, 162U);
  EXPECT_EQ(refused, 14U);
}

TEST_F(Formats, ImageRs) {
  // What is refused, and why: it is corrupt (its extension says so, or what it is called), an animation, or
  // of a kind that vaec names.
  const std::map<std::string, std::string> expected = {
      {"imagemagick_invalid_run_length_issue_2321.bmp", "cannot be decoded"},
      {"pal4rlecut.bmp", "cannot be decoded"},
      {"pal2.bmp", "2 bits a pixel"},
      {"pal2color.bmp", "2 bits a pixel"},
      {"ball.png", "more than one frame"},
      {"anim.webp", "more than one frame"},
      {"advertises_rgba_but_frames_are_rgb.webp", "more than one frame"},
      {"rgb32f_bw.tiff", "no integers"},
      {"rgb32f_color.tiff", "no integers"}};
  std::size_t good = 0, refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "image-rs")) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().filename().string(), file = contents(entry.path());
    const auto bytes = std::as_bytes(std::span(file));
    const auto found = expected.find(name);
    if (found == expected.end() && entry.path().extension() != ".bad_bmp") {
      const Image image = read_image(bytes, name).image;
      const auto count = std::size_t{image.width} * image.height;
      EXPECT_EQ(image.samples.size() + image.samples16.size(), count * image.channels) << name;
      EXPECT_EQ(image.alpha.size() + image.alpha16.size(), image.has_alpha() ? count : 0) << name;
      ++good;
      continue;
    }
    const std::string error = error_of([&] { (void)read_image(bytes, name); });
    const std::string status = error.substr(0, 2);
    EXPECT_TRUE(status == "3 " || status == "5 ") << error;  // 5: one claims to be really big
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    EXPECT_TRUE(found == expected.end() || error.find(found->second) != std::string::npos) << error;
    ++refused;
  }
  EXPECT_EQ(good, 87U);
  EXPECT_EQ(refused, 19U);
}

}  // namespace
}  // namespace vaec::image
