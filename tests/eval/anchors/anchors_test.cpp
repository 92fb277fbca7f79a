#include "eval/anchors/anchors.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "eval/anchors/tool_codec.hpp"
#include "eval/measure.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

Image picture(std::uint32_t channels) {
  Image image{64, 48, channels, {}};
  for (std::uint32_t i = 0; i < 64 * 48; ++i) {
    const std::uint32_t x = i % 64, y = i / 64;
    for (std::uint32_t c = 0; c < channels; ++c) {
      image.samples.push_back(static_cast<std::uint8_t>(60 + x + y + 20 * c + 30 * ((x / 8 + y / 8) % 2)));
    }
  }
  return image;
}

// Higher qualities are larger and better; the channels stay.
void check_codec(ImageCodec& codec, std::uint32_t channels) {
  const Image original = picture(channels);
  const auto qualities = codec.all_qualities();
  const Coded low = measure(codec, original, "a", qualities[qualities.size() / 10]);
  const Coded high = measure(codec, original, "a", qualities[qualities.size() * 8 / 10]);
  const std::string name = codec.description().name;
  EXPECT_EQ(high.image.channels, channels) << name;
  EXPECT_LT(low.result.bytes, high.result.bytes) << name;
  EXPECT_LT(low.result.psnr, high.result.psnr) << name;
  EXPECT_GT(high.result.psnr, 25) << name;
  EXPECT_GT(high.result.encode_seconds, 0) << name;
}

TEST(Anchors, ThroughOpenCv) {
  for (const std::string name : {"jpeg", "webp", "jpeg2000"}) {
    const auto codec = make_anchor(name);
    const CodecDescription about = codec->description();
    EXPECT_EQ(about.name, name);
    EXPECT_NE(about.command.find("<q>"), std::string::npos);
    EXPECT_EQ(about.version.rfind("OpenCV ", 0), 0U);
    check_codec(*codec, 3);
    check_codec(*codec, 1);
  }
}

TEST(Anchors, ThroughPrograms) {
  int installed = 0;
  for (const std::string name : {"avif", "jxl", "heic"}) {
    std::unique_ptr<ImageCodec> codec;
    try {
      codec = make_anchor(name);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage) << error.what();
      continue;
    }
    ++installed;
    EXPECT_FALSE(codec->description().version.empty()) << name;
    check_codec(*codec, 3);
    check_codec(*codec, 1);
  }
  if (installed == 0) GTEST_SKIP() << "none of avifenc, cjxl, heif-enc is installed";
}

std::string error_of(const std::string& name) {
  try {
    (void)make_anchor(name);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "no error";
}

TEST(Anchors, AMissingProgramNamesItsPackage) {
  const char* before = std::getenv("PATH");
  const std::string path = before == nullptr ? "" : before;
  setenv("PATH", "/nowhere", 1);
  const std::string avif = error_of("avif"), jxl = error_of("jxl"), heic = error_of("heic");
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(avif, "avif: avifenc is not installed (Debian package libavif-bin)");
  EXPECT_EQ(jxl, "jxl: cjxl is not installed (Debian package libjxl-tools)");
  EXPECT_EQ(heic, "heic: heif-enc is not installed (Debian package libheif-examples)");
  EXPECT_EQ(error_of("gif").rfind("gif: is none of jpeg, webp, ", 0), 0U);
}

TEST(ToolCodec, AFailingProgramIsQuoted) {
  Tool tool{"toy", "none", "ls /no-such-folder/<q>", "ls", "ls", "", "bin", {1}, 1, 10, 1};
  ToolCodec codec(tool);
  EXPECT_EQ(codec.all_qualities().size(), 10U);
  try {
    (void)codec.encode(picture(1), 7);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kWrite);
    const std::string message = error.what();
    EXPECT_EQ(message.rfind("ls failed (status 2): ", 0), 0U) << message;
    EXPECT_NE(message.find("/no-such-folder/7"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace vaec::eval
