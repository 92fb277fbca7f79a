// Wrong usage, help, and what is refused before any work.
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

using Usage = ProgramTest;

// Each is one line on standard error that begins with "vaec: ", and exit status 2.
TEST_F(Usage, WrongUsageIsOneLine) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "vaec: A subcommand is required (see vaec --help)\n"},
      {"--nonsense", "vaec: '--nonsense' is neither a subcommand nor an option (see vaec --help)\n"},
      {"nonsense", "vaec: 'nonsense' is neither a subcommand nor an option (see vaec --help)\n"},
      {"compress", "vaec: INPUT is required (see vaec compress --help)\n"},
      {"compress --nonsense a.png",
       "vaec: The following argument was not expected: --nonsense (see vaec compress --help)\n"},
      {"compress -dash.png",
       "vaec: '-dash.png' is no option (a file of that name is ./-dash.png) (see vaec compress --help)\n"},
      {"compress -q 101 a.png",
       "vaec: --quality: Value 101 not in range 1 to 100 (see vaec compress --help)\n"},
      {"compress -q x a.png", "vaec: --quality: Value x not in range 1 to 100 (see vaec compress --help)\n"},
      {"compress a.png b.png -o -", "vaec: -o -: several files do not fit into standard output\n"},
      {"compress - a.png", "vaec: - (standard input) must stand alone\n"},
      {"compress a.png -o a.png -f", "vaec: a.png: is an input and would be an output as well\n"},
      {"compress a.png -o - --json",
       "vaec: --json: standard output takes the file already (choose another -o)\n"},
      {"compress . ", "vaec: .: is a folder (use -r to work on what is in it)\n"},
      {"decompress a.vaec -o a.gif",
       "vaec: a.gif: its name says no format that can be written (png, jpg, webp, tiff, ppm, bmp)\n"},
      {"train", "vaec: --data is required (see vaec train --help)\n"},
      {"train --data x --steps 1 --minutes 1", "vaec: --steps excludes --minutes (see vaec train --help)\n"},
      {"train --data x -o model.bin", "vaec: model.bin: a model's name must end in .safetensors\n"},
      {"evaluate . --curve jpeg", "vaec: --curve jpeg: expected NAME=FILE\n"},
  };
  for (const auto& [arguments, message] : cases) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments;
    EXPECT_EQ(outcome.err, message) << arguments;
    EXPECT_EQ(outcome.out, "") << arguments;
  }
  EXPECT_TRUE(files().empty());
}

// Names and values as they are typed, not as CLI11 keeps them.
TEST_F(Usage, HelpShowsOptionsAsTheyAreTyped) {
  for (const std::string command :
       {"compress", "decompress", "train", "evaluate", "embed", "info", "sample", "sweep", "restore"}) {
    const Outcome help = run(command + " --help");
    EXPECT_EQ(help.status, 0) << help.err;
    for (const char* odd : {"{false}", "{true}", ":{", "......", "->"})
      EXPECT_EQ(help.out.find(odd), std::string::npos) << command << ": " << odd;
  }
  const Outcome compress = run("compress --help");
  EXPECT_NE(compress.out.find("\n  --no-guard "), std::string::npos);
  EXPECT_NE(compress.out.find("\n  --tune {eye,psnr} "), std::string::npos);
  EXPECT_NE(compress.out.find("\n  -o,--output "), std::string::npos);
  EXPECT_NE(run("train --help").out.find("\n  --hidden A,B,... "), std::string::npos);
}

// No number is taken for another.
TEST_F(Usage, NumbersAreReadAsTheyStandOrRefused) {
  for (const std::string wrong : {"compress a.ppm --memory -1",
                                  "compress a.ppm --memory 0",
                                  "decompress a.vaec --memory 0k",
                                  "compress a.ppm --target-size 1e31",
                                  "evaluate a.ppm -q 50,,60",
                                  "evaluate a.ppm -q 50,",
                                  "evaluate a.ppm -q ,50",
                                  "evaluate a.ppm --anchors jpeg,,webp",
                                  "evaluate a.ppm --compare a, -o r",
                                  "train --data x --lr 1e300",
                                  "train --data x --lambda-min 1e300",
                                  "train --data x --lambda-max 1e-300",
                                  "compress a.ppm --memory 18446744073709551616",
                                  "compress a.ppm --memory 99999999999G",
                                  "compress a.ppm --max-pixels -1",
                                  "compress a.ppm -j 4294967297",
                                  "compress a.ppm -q 4294967346",
                                  "compress a.ppm -q 0x32",
                                  "compress a.ppm --target-psnr nan",
                                  "compress a.ppm --target-bpp inf",
                                  "compress a.ppm --target-size 1e999",
                                  "compress a.ppm --target-size 0",
                                  "decompress a.vaec --jpeg-quality 0x5a",
                                  "evaluate a.ppm -q 10,nan",
                                  "evaluate a.ppm -q 10,4294967306",
                                  "evaluate a.ppm --crop 4294967296,0",
                                  "evaluate a.ppm --crop -1,0",
                                  "evaluate a.ppm --crop 1,,2",
                                  "evaluate a.ppm --crop 1",
                                  "train --data x --blocks 1,,2,3",
                                  "train --data x --channels 1,2,1025",
                                  "evaluate a.ppm --compare-bpp nan",
                                  "train --data x --crop 0x41",
                                  "train --data x --seed -1",
                                  "train --data x --steps 9223372036854775808",
                                  "train --data x --lr nan",
                                  "train --data x --minutes inf",
                                  "train --data x --validation-minutes nan",
                                  "train --data x --burn-in -1",
                                  "train --data x --enlarged nan",
                                  "train --data x --enlarged 1.1",
                                  "sample -o a.png --seed 18446744073709551616"}) {
    EXPECT_EQ(run(wrong).status, 2) << wrong;
  }
  write_picture("a.ppm", 20, 10);
  const std::string model = "compress a.ppm -m '" + kModel + "' -j 01 ";
  ASSERT_EQ(run(model + "-q 10 -o ten.vaec").status, 0);
  ASSERT_EQ(run(model + "-q 010 -o octal.vaec").status, 0);
  EXPECT_EQ(read("octal.vaec"), read("ten.vaec"));
}

TEST_F(Usage, HelpAndVersionGoToStandardOutput) {
  EXPECT_EQ(run("--version").out.rfind("vaec ", 0), 0U);
  for (const std::string subcommand : {"", "compress ", "decompress ", "train ", "evaluate ", "embed ",
                                       "info ", "sample ", "sweep ", "restore "}) {
    const Outcome outcome = run(subcommand + "--help");
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(outcome.out.find("Usage: vaec " + subcommand), std::string::npos);
  }
  EXPECT_NE(run("--help").out.find("Exit status:"), std::string::npos);
  for (const std::string arguments :
       {"--version", "--help", "compress --help", "decompress --help", "train --help", "evaluate --help",
        "embed --help", "info --help", "sample --help", "sweep --help"}) {
    const Outcome outcome = run(arguments + " > /dev/full");
    EXPECT_EQ(outcome.status, 6) << arguments;
    EXPECT_EQ(outcome.err, "vaec: standard output: cannot be written: No space left on device\n");
  }
}

TEST_F(Usage, AFileThatIsCalledAsAModelIsNoModel) {
  write_picture("a.ppm", 8, 8);
  write("tiny-photo", "mine");
  std::filesystem::create_directory(path("models"));
  std::filesystem::copy_file(kModel, path("models/tiny-photo.safetensors"));
  for (const std::string command : {"compress a.ppm", "evaluate a.ppm -q 50", "decompress a.vaec"}) {
    const Outcome outcome = run(command + " -m tiny-photo -j 1", "VAEC_MODEL_PATH=models ");
    EXPECT_EQ(outcome.status, 0) << command << ": " << outcome.err;
  }
}

TEST_F(Usage, TuneChoosesAmongTheShippedModels) {
  write_picture("a.ppm", 64, 48);
  const auto made = [&](const std::string& options) {
    const Outcome outcome = run("compress a.ppm -f -j 1 -o a.vaec " + options);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return read("a.vaec");
  };
  const auto eye = made("--tune eye"), psnr = made("--tune psnr");
  EXPECT_NE(eye, psnr);
  EXPECT_EQ(eye, made(""));
  EXPECT_EQ(eye, made("-m photo"));
  EXPECT_EQ(psnr, made("-m photo-psnr"));
  EXPECT_EQ(run("decompress a.vaec -o back.ppm").status, 0);
  for (const std::string wrong : {"--tune ssim", "--tune psnr -m photo", "--tune psnr --lossless"})
    EXPECT_EQ(run("compress a.ppm -f " + wrong).status, 2) << wrong;
  EXPECT_NE(run("evaluate a.ppm --tune psnr -q 50").out, run("evaluate a.ppm -q 50").out);
}

TEST_F(Usage, AMissingModelIsStatus7) {
  write_picture("a.ppm", 8, 8);
  const Outcome outcome = run("compress a.ppm -m no-such-model");
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.err.rfind("vaec: no model 'no-such-model' in ", 0), 0U) << outcome.err;
  EXPECT_EQ(run("compress a.ppm -m ./none.safetensors").status, 7);
  EXPECT_EQ(files(), std::vector<std::string>{"a.ppm"});
}

TEST_F(Usage, AnEmptyFolderIsSaid) {
  std::filesystem::create_directory(path("empty"));
  const Outcome outcome = run("compress empty -r");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.err, "vaec: empty: holds no file to work on\n");
}

TEST_F(Usage, DecompressSaysWhatIsWrongWithAStream) {
  write("a.vaec", "hello");
  write("empty.vaec", "");
  for (const std::string name : {"a.vaec", "empty.vaec"}) {
    for (const std::string subcommand : {"decompress ", "info "}) {
      const Outcome outcome = run(subcommand + name);
      EXPECT_EQ(outcome.status, 4);
      EXPECT_EQ(outcome.err.rfind("vaec: " + name + ": ", 0), 0U) << outcome.err;
      EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
    }
  }
  EXPECT_EQ(run("decompress missing.vaec").status, 3);
  EXPECT_EQ(files(), (std::vector<std::string>{"a.vaec", "empty.vaec"}));
}

TEST_F(Usage, InfoGoesOnPastABadFile) {
  write("a.vaec", "hello");
  const Outcome outcome = run("info a.vaec missing.vaec");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2);
}

TEST_F(Usage, TrainingOnNothingIsSaid) {
  const Outcome outcome = run("train --data missing -o m.safetensors --steps 1");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.err.rfind("vaec: missing", 0), 0U) << outcome.err;
  EXPECT_TRUE(files().empty());
}

TEST_F(Usage, HelpIsASubcommandToo) {
  EXPECT_EQ(run("help").out, run("--help").out);
  EXPECT_EQ(run("help compress").out, run("compress --help").out);
  EXPECT_EQ(run("-V").out, run("--version").out);
}

TEST_F(Usage, FormatsHaveTheirOtherNames) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(run("compress a.ppm --lossless").status, 0);
  for (const std::string name : {"jpeg", "JPG", "tif", "TIFF", "Png"}) {
    EXPECT_EQ(run("decompress a.vaec -f --format " + name).status, 0) << name;
  }
  EXPECT_TRUE(exists("a.jpg") && exists("a.tiff") && exists("a.png"));
  EXPECT_EQ(run("decompress a.vaec --format gif").status, 2);
}

TEST_F(Usage, InfoTakesAModelsName) {
  const Outcome outcome = run("info mnist --json");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("\"type\":\"model\""), std::string::npos) << outcome.out;
  EXPECT_EQ(run("info none").status, 3);
  write("mnist", "a file of that name");
  EXPECT_EQ(run("info mnist").status, 4);
  EXPECT_EQ(run("info ./mnist --quiet").out, "");
}

}  // namespace
}  // namespace vaec::cli
