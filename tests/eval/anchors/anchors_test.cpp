#include "eval/anchors/anchors.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

#include "eval/anchors/tool_codec.hpp"
#include "eval/measure.hpp"
#include "eval/temporary_folder.hpp"
#include "eval/whole_file.hpp"
#include "failure.hpp"
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
  return failure(ErrorCode::kUsage, [&] { (void)make_anchor(name); });
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

// A program that copies what it is given, written for one test: `how` are shell commands that see $1 and $2.
class ToyProgram : public testing::Test {
 protected:
  // Codes well at first, and then as `encode` and `decode` say.
  void expect_failure(const std::string& encode, const std::string& decode, const std::string& message) {
    write("encode", "cp $1 $2");
    write("decode", "cp $1 $2");
    const std::string encoder = program("encode") + " <src> <bits>",
                      decoder = program("decode") + " <bits> <rec>";
    ToolCodec codec({"toy", "none", encoder.c_str(), decoder.c_str(), "true", "", "png", {1}, 1, 10, 1});
    EXPECT_EQ(measure(codec, picture(3), "a", 1).result.bytes, codec.encode(picture(3), 1).file.size());
    write("encode", encode);
    write("decode", decode);
    try {
      (void)measure(codec, picture(3), "a", 1);
      ADD_FAILURE() << "measured: " << encode << "; " << decode;
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::kInternal);
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

 private:
  [[nodiscard]] std::string program(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  void write(const std::string& name, const std::string& how) const {
    const std::string script = "#!/bin/sh\n" + how + "\n";
    save(folder_.path() / name, std::as_bytes(std::span(script)));
    std::filesystem::permissions(folder_.path() / name, std::filesystem::perms::owner_all);
  }

  TemporaryFolder folder_;
};

TEST_F(ToyProgram, WhatAnEarlierRunWroteIsNotMeasured) {
  expect_failure("true", "cp $1 $2", "encode wrote no coded.png");
  expect_failure("cp $1 $2", "true", "decode wrote no decoded.png");
}

TEST_F(ToyProgram, AFailureIsNotMeasured) {
  expect_failure("cp $1 $2; exit 3", "cp $1 $2", "encode failed (status 3)");
  expect_failure("cp $1 $2", "cp $1 $2; kill -9 $$", "decode failed (status 137)");
  expect_failure(": > $2", "cp $1 $2", "is empty");
  expect_failure("cp $1 $2", ": > $2", "is empty");
  expect_failure("mkfifo $2", "cp $1 $2", "encode wrote no coded.png");
}

TEST_F(ToyProgram, APictureThatIsNotWholeIsNotMeasured) {
  expect_failure("cp $1 $2", "head -c 200 $1 > $2", "");
  expect_failure("cp $1 $2", "printf 'P6\\n1 1\\n255\\nabc' > $2", "gave a picture of 1x1");
}

}  // namespace
}  // namespace vaec::eval
