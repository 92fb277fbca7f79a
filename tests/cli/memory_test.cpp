// What the program loads, and how much memory it takes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <span>

#include "bitstream/container.hpp"
#include "image/write.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

class Memory : public CodingTest {
 protected:
  void SetUp() override {
    if (kHasAddressSanitizer) GTEST_SKIP() << "AddressSanitizer takes memory of its own";
    CodingTest::SetUp();
  }
};

bool loads(const Outcome& outcome, const std::string& library) {
  return outcome.err.find(library) != std::string::npos;
}

// LD_DEBUG=files names every library that is loaded.
TEST_F(Memory, LoadsLibTorchAndGdalOnlyWhereTheyAreNeeded) {
  write_picture("a.ppm", 40, 30);
  const std::string debug = "LD_DEBUG=files ";
  for (const std::string arguments : {"--help", "--version", "info"}) {
    const auto outcome = run(arguments == "info" ? "info '" + kModel + "'" : arguments, debug);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(loads(outcome, "libc.so")) << "LD_DEBUG says nothing here";
    EXPECT_FALSE(loads(outcome, "libtorch")) << arguments;
    EXPECT_FALSE(loads(outcome, "imgcodecs")) << arguments;
  }
  EXPECT_FALSE(loads(run(coding("compress", "a.ppm"), debug), "libtorch"));
  const auto decompressed = run(coding("decompress", "a.vaec -o b.ppm"), debug);
  EXPECT_EQ(decompressed.status, 0);
  EXPECT_FALSE(loads(decompressed, "libtorch"));
  EXPECT_FALSE(loads(decompressed, "imgcodecs"));
  EXPECT_TRUE(loads(run(coding("compress", "a.ppm -f -e 3"), debug), "libtorch"));
}

// More pictures take no more memory, though they come in 35 sizes.
TEST_F(Memory, StaysFlatOverABatch) {
  for (int i = 0; i < 175; ++i) {
    const std::string name = std::to_string(i) + ".ppm";
    write_picture((i < 35 ? "few/" : "many/") + name, 64 + 64 * (i % 7), 64 + 64 * (i % 5));
  }
  const auto few = compress("few -r -o few-out"), many = compress("many -r -o many-out");
  ASSERT_EQ(few.status, 0) << few.err;
  ASSERT_EQ(many.status, 0) << many.err;
  constexpr long kSlack = 16 << 10;
  EXPECT_LT(many.peak_kib, few.peak_kib + kSlack);
  const auto few_back = decompress("few-out -r -o few-back --format ppm"),
             many_back = decompress("many-out -r -o many-back --format ppm");
  ASSERT_EQ(few_back.status, 0) << few_back.err;
  ASSERT_EQ(many_back.status, 0) << many_back.err;
  EXPECT_LT(many_back.peak_kib, few_back.peak_kib + kSlack);
}

// Rows stream by: what a large picture takes beyond its own samples depends on its width alone.
TEST_F(Memory, DependsOnTheWidthAlone) {
  write_picture("short.ppm", 512, 1024);
  write_picture("tall.ppm", 512, 16384);
  const long picture_kib = 512 * 3 * (16384 - 1024) / 1024;
  const auto short_one = compress("short.ppm"), tall = compress("tall.ppm");
  ASSERT_EQ(tall.status, 0) << tall.err;
  EXPECT_LT(tall.peak_kib, short_one.peak_kib + 3 * picture_kib + (20 << 10));  // file, OpenCV's, samples
  const auto short_back = decompress("short.vaec -o a.ppm"), tall_back = decompress("tall.vaec -o b.ppm");
  ASSERT_EQ(tall_back.status, 0) << tall_back.err;
  EXPECT_LT(tall_back.peak_kib, short_back.peak_kib + 2 * picture_kib + (20 << 10));  // samples, file
}

TEST_F(Memory, IsBoundedWhenAsked) {
  write_picture("a.ppm", 2000, 1500);
  ASSERT_EQ(compress("a.ppm").status, 0);
  for (const std::string& arguments : {coding("compress", "a.ppm -o b.vaec --memory 60M"),
                                       coding("decompress", "a.vaec -o b.ppm --memory 60M")}) {
    const auto refused = run(arguments);
    EXPECT_EQ(refused.status, 5) << refused.err;
    EXPECT_NE(refused.err.find("MiB"), std::string::npos) << refused.err;
  }
  EXPECT_FALSE(exists("b.vaec") || exists("b.ppm"));
  constexpr long kLimitKib = 400 << 10;
  const auto packed = compress("a.ppm -o b.vaec --memory 400M"),
             unpacked = decompress("a.vaec -o b.ppm --memory 400M");
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_EQ(unpacked.status, 0) << unpacked.err;
  EXPECT_LT(packed.peak_kib, kLimitKib);
  EXPECT_LT(unpacked.peak_kib, kLimitKib);
  EXPECT_EQ(read("a.vaec"), read("b.vaec"));
  // Several at a time share it; none fails that fits alone.
  for (const char* name : {"f/1.ppm", "f/2.ppm", "f/3.ppm"}) write_picture(name, 1500, 1500);
  EXPECT_EQ(compress("f -r -o g -j 3 --memory 400M").status, 0);
}

// A header can promise any size: what is too much is refused before room is made for it.
TEST_F(Memory, IsTestedBeforeAnythingIsAllocated) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm").status, 0);
  const auto little = decompress("a.vaec -o a.png");
  const std::string file = read("a.vaec");
  auto container = bitstream::parse(std::as_bytes(std::span(file)));
  const std::byte stream{};
  container.header.width = 32768;
  container.header.height = 8192;
  container.bands.assign(bitstream::band_count(bitstream::latent_cells(8192), container.band_rows),
                         {&stream, 1});
  const auto forged = bitstream::write(container);
  write("forged.vaec", std::string(reinterpret_cast<const char*>(forged.data()), forged.size()));
  const auto refused = decompress("forged.vaec -o b.png --memory 500M");
  EXPECT_EQ(refused.status, 5) << refused.err;
  EXPECT_NE(refused.err.find("MiB"), std::string::npos) << refused.err;
  constexpr long kSlack = 16 << 10;
  EXPECT_LT(refused.peak_kib, little.peak_kib + kSlack);
}

// A part or a small picture needs no room for the whole.
TEST_F(Memory, OfAViewIsWhatTheViewNeeds) {
  write_picture("a.ppm", 6000, 4000);
  ASSERT_EQ(compress("a.ppm").status, 0);
  constexpr const char* kLimit = " --memory 210M";
  constexpr long kLimitKib = 210 << 10;
  EXPECT_EQ(decompress(std::string("a.vaec -o whole.ppm") + kLimit).status, 5);
  for (const std::string view :
       {"--scale 1/16", "--scale 1/8", "--region 3000,2000,64,64", "--region 3000,2000,640,64 --scale 1/2"}) {
    const auto outcome = decompress("a.vaec -f -o part.ppm " + view + kLimit);
    EXPECT_EQ(outcome.status, 0) << view << ": " << outcome.err;
    EXPECT_LT(outcome.peak_kib, kLimitKib) << view;
  }
}

// So much that a command says it takes, in MiB; 0: it says nothing.
long told_mib(const std::string& message) {
  const std::string words = "it takes up to ";
  const auto at = message.find(words);
  return at == std::string::npos ? 0 : std::atol(message.c_str() + at + words.size());
}

// What a picture is said to take is enough for it, with all that its depth, its alpha, the format and
// --verify add.
TEST_F(Memory, HoldsForDeepPicturesWithAlpha) {
  Image image{2000, 1500, 3, {}};
  image.bit_depth = 16;
  std::mt19937 random(1);  // an alpha that no format makes small
  for (std::uint32_t i = 0; i < image.width * image.height; ++i) {
    for (std::uint32_t c = 0; c < 3; ++c)
      image.samples16.push_back(static_cast<std::uint16_t>(16 * (i % image.width + i / image.width) + c));
    image.alpha16.push_back(static_cast<std::uint16_t>(random() | 1U));
  }
  const auto picture = image::encode_image(image, image::OutputFormat::kPng);
  write("a.png", std::string(reinterpret_cast<const char*>(picture.data()), picture.size()));
  ASSERT_EQ(compress("a.png").status, 0);
  std::vector<std::string> commands = {coding("compress", "a.png -o b.vaec -f"),
                                       coding("compress", "a.png -o b.vaec -f --verify")};
  for (const std::string format : {"ppm", "png", "tiff", "webp", "jpg", "bmp"})
    commands.push_back(coding("decompress", "a.vaec -o b." + format));
  for (const std::string& command : commands) {
    const Outcome refused = run(command + " --memory 130M");
    const long mib = told_mib(refused.err);
    ASSERT_GT(mib, 130) << command << ": " << refused.err;
    const Outcome outcome = run(command + " --memory " + std::to_string(mib) + "M");
    EXPECT_EQ(outcome.status, 0) << command << ": " << outcome.err;
    EXPECT_LT(outcome.peak_kib, mib << 10) << command;
  }
}

// However large a file is, it is not read to find that it does not fit.
TEST_F(Memory, AFileThatDoesNotFitIsNotRead) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm").status, 0);
  const long little = compress("a.ppm -o b.vaec --memory 60M").peak_kib;
  constexpr std::uintmax_t kSize = std::uintmax_t{400} << 20;
  write("big.ppm", "P6\n12000 11000\n255\n");
  write("big.vaec", read("a.vaec"));
  for (const char* name : {"big.ppm", "big.vaec"}) std::filesystem::resize_file(path(name), kSize);
  for (const Outcome& refused :
       {compress("big.ppm --memory 140M -o c.vaec"), decompress("big.vaec --memory 140M -o c.png")}) {
    EXPECT_EQ(refused.status, 5) << refused.err;
    EXPECT_NE(refused.err.find("--memory allows 140 MiB"), std::string::npos) << refused.err;
    constexpr long kSlack = 32 << 10;
    EXPECT_LT(refused.peak_kib, little + kSlack);
  }
}

// What is no file of the kind that is wanted is refused by its beginning.
TEST_F(Memory, WhatIsNoPictureIsNotRead) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm").status, 0);
  const long little = run("info a.vaec").peak_kib, coded = compress("a.ppm -o b.vaec").peak_kib;
  constexpr std::uintmax_t kSize = std::uintmax_t{300} << 20;
  write("junk", "junk");
  std::filesystem::resize_file(path("junk"), kSize);
  constexpr long kSlack = 32 << 10;
  for (const auto& [arguments, status, most] : std::vector<std::tuple<std::string, int, long>>{
           {coding("compress", "junk -o c.vaec"), 3, coded},
           {coding("compress", "- -o c.vaec < /dev/zero"), 3, coded},
           {coding("decompress", "junk -o c.png"), 4, coded},
           {"restore junk --noise 10 -o c.png -m '" + kModel + "'", 3, 2 * coded + (1 << 20)},
           {"info junk", 4, little},
           {"info - < /dev/zero", 4, little}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, status) << arguments << ": " << outcome.err;
    EXPECT_LT(outcome.peak_kib, most + kSlack) << arguments;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

// What is drawn is no longer kept exactly, but that is told.
TEST_F(Memory, TheGuardThatHasNoRoomIsTold) {
  write_picture("a.ppm", 2000, 1500);
  int with = 0, without = 0;
  for (int mib = 100; mib <= 400; mib += 10) {
    const Outcome outcome = compress("a.ppm -f --json --memory " + std::to_string(mib) + "M");
    if (outcome.status == 5) continue;
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const bool is_noted = outcome.out.find("drawn parts, if there are any, are not kept exactly: --memory") !=
                          std::string::npos;
    (is_noted ? without : with) += 1;
    if (with > 0) {
      EXPECT_FALSE(is_noted) << mib;
      break;
    }
    EXPECT_EQ(compress("a.ppm -f --json --no-guard --memory " + std::to_string(mib) + "M").out.find("drawn"),
              std::string::npos);
  }
  EXPECT_GT(with, 0);
  EXPECT_GT(without, 0);
}

}  // namespace
}  // namespace vaec::cli
