// What compress and decompress take from folders, and what they say of the rest.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

class Folders : public CodingTest {
 protected:
  static bool says(const Outcome& outcome, const std::string& words) {
    return outcome.err.find(words) != std::string::npos;
  }
  static constexpr std::string_view kAppleDouble = {"\0\5\26\7\0\2\0\0Mac OS X        ", 24};
};

TEST_F(Folders, AreReadByContent) {
  for (const char* name : {"a", "b.bak", "c.jfif", "d.PBM", "e.mpo", ".hidden", "f.ppm"})
    write_picture("in/" + std::string(name), 20, 10);
  const Outcome packed = compress("in -r -o packed");
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_FALSE(says(packed, "note")) << packed.err;
  for (const char* name : {"a", "b.bak", "c", "d", "e", ".hidden", "f"})
    EXPECT_TRUE(exists("packed/" + std::string(name) + ".vaec")) << name;
  for (const auto& [from, to] : {std::pair{"a.vaec", "a.VAEC"}, {"b.bak.vaec", "b"}, {"c.vaec", "c.png"}})
    std::filesystem::rename(path("packed/" + std::string(from)), path("packed/" + std::string(to)));
  const Outcome back = decompress("packed -r -o out");
  EXPECT_EQ(back.status, 0) << back.err;
  EXPECT_FALSE(says(back, "note")) << back.err;
  for (const char* name : {"a.png", "b.png", "c.png.png", "d.png", "e.png", ".hidden.png", "f.png"})
    EXPECT_TRUE(exists("out/" + std::string(name))) << name;
}

TEST_F(Folders, SayWhatTheyLeaveOut) {
  write_picture("in/p.ppm", 20, 10);
  for (const char* name : {"a.txt", "b.pdf", "c", "d.vaec.txt"}) write("in/" + std::string(name), "text");
  write("in/._p.ppm", std::string(kAppleDouble));
  ASSERT_EQ(mkfifo(path("in/pipe").c_str(), 0600), 0);
  const Outcome packed = compress("in -r");
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_TRUE(says(
      packed, "vaec: note: 6 file(s) left out that are no pictures: in/._p.ppm, in/a.txt, in/b.pdf, ...\n"))
      << packed.err;
  // What lies beside is not worth a word.
  EXPECT_FALSE(says(compress("in -r -f"), "vaec: note: 7")) << "in/p.vaec was counted";
  EXPECT_EQ(compress("in -r -f -q 50 --quiet").err, "");
  const Outcome back = decompress("in -r -o out");
  EXPECT_EQ(back.status, 0) << back.err;
  EXPECT_TRUE(says(
      back, "vaec: note: 6 file(s) left out that are no .vaec files: in/._p.ppm, in/a.txt, in/b.pdf, ...\n"))
      << back.err;
  write("none/a.txt", "text");
  const Outcome none = compress("none -r");
  EXPECT_EQ(none.status, 3);
  EXPECT_EQ(none.err,
            "vaec: none: holds no file to work on; 1 file(s) left out that are no pictures: none/a.txt\n");
}

// A name may be made to move a terminal's cursor, or to send it words.
TEST_F(Folders, NamesDoNotCommandTheTerminal) {
  write_picture("in/p.ppm", 20, 10);
  write("in/\033[31mred.txt", "text");
  write("in/\033]0;title\007.png", "no picture");
  const Outcome packed = compress("in -r");
  EXPECT_EQ(packed.status, 1);
  EXPECT_TRUE(says(packed, "in/?[31mred.txt")) << packed.err;
  EXPECT_EQ(packed.err.find_first_of("\033\007"), std::string::npos);
}

TEST_F(Folders, OfMacsHaveSecondFiles) {
  write_picture("in/a.ppm", 20, 10);
  for (const char* name : {"in/._a.ppm", "in/._a.vaec", "in/deep/._b.JPG"})
    write(name, std::string(kAppleDouble));
  write_picture("in/._c.ppm", 20, 10);  // a picture that is only called so
  EXPECT_EQ(compress("in -r -o out").status, 0);
  EXPECT_TRUE(exists("out/a.vaec") && exists("out/._c.vaec"));
  EXPECT_FALSE(exists("out/._a.vaec") || exists("out/deep"));
  EXPECT_EQ(compress("in -r").status, 0);
  EXPECT_EQ(decompress("in -r").status, 0);
}

// By its name or its content a picture: it is told that it cannot be worked on.
TEST_F(Folders, LeaveOutNoPictureInSilence) {
  write_picture("in/a.ppm", 20, 10);
  write("in/empty.jpeg", "");
  write("in/broken.heic", "nothing");
  write("in/layers.bin", "8BPS\0\1");
  write("in/short.vaec", "VAE");
  const Outcome packed = compress("in -r -o out");
  EXPECT_EQ(packed.status, 1);
  for (const char* name : {"empty.jpeg", "broken.heic", "layers.bin"})
    EXPECT_TRUE(says(packed, "vaec: in/" + std::string(name) + ": ")) << name << ": " << packed.err;
  EXPECT_TRUE(says(packed, "3 of 4 files failed")) << packed.err;
  EXPECT_TRUE(says(decompress("in -r -o out"), "vaec: in/short.vaec: "));
}

TEST_F(Folders, ThatAreLinkedAreNamed) {
  write_picture("real/b.ppm", 20, 10);
  write_picture("in/a.ppm", 20, 10);
  std::filesystem::create_symlink("../real", path("in/2020"));
  std::filesystem::create_symlink("..", path("in/round"));
  std::filesystem::create_symlink("../real/b.ppm", path("in/c.ppm"));
  const Outcome outcome = compress("in -r -o out");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(says(outcome, "vaec: note: 2 link(s) to folders left out: in/2020, in/round\n")) << outcome.err;
  EXPECT_TRUE(exists("out/a.vaec") && exists("out/c.vaec"));
  EXPECT_FALSE(exists("out/2020"));
}

// Of a machine that went down, or of another vaec that is at work.
TEST_F(Folders, HoldUnfinishedOutputsOfNoConcern) {
  write_picture("in/a.ppm", 20, 10);
  write_picture("in/.b.png.vaec-tmp-12-0", 20, 10);
  write("in/.a.vaec.vaec-tmp-12-1", "VAEC");
  EXPECT_EQ(compress("in -r").status, 0);
  EXPECT_EQ(decompress("in -r").status, 0);
  EXPECT_EQ(files(), (std::vector<std::string>{"in/.a.vaec.vaec-tmp-12-1", "in/.b.png.vaec-tmp-12-0",
                                               "in/a.png", "in/a.ppm", "in/a.vaec"}));
}

}  // namespace
}  // namespace vaec::cli
