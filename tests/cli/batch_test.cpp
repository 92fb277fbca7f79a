// Compressing and decompressing files, folders and pipes.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

#include "bitstream/container.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

using Batch = CodingTest;
using Json = nlohmann::json;
using FileNames = std::vector<std::string>;

std::vector<Json> parse_lines(const std::string& text) {
  std::vector<Json> objects;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) objects.push_back(Json::parse(line));
  return objects;
}

TEST_F(Batch, OutputsStandBesideTheirInputs) {
  write_picture("a.ppm", 40, 30);
  const Outcome packed = compress("a.ppm");
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_EQ(packed.out, "");
  EXPECT_EQ(packed.err.rfind("a.ppm -> a.vaec  40x30  ", 0), 0U) << packed.err;
  EXPECT_EQ(decompress("a.vaec").status, 0);
  EXPECT_EQ(files(), (FileNames{"a.png", "a.ppm", "a.vaec"}));
  EXPECT_EQ(read("a.png").substr(1, 3), "PNG");
}

TEST_F(Batch, EveryFormatComesOut) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm -o a.vaec").status, 0);
  for (const std::string format : {"png", "jpg", "webp", "tiff", "ppm", "bmp"}) {
    EXPECT_EQ(decompress("a.vaec -o b." + format).status, 0) << format;
    EXPECT_EQ(decompress("a.vaec -o named-otherwise -f --format " + format).status, 0) << format;
    EXPECT_EQ(read("b." + format), read("named-otherwise")) << format;
  }
}

TEST_F(Batch, GreyStaysGrey) {
  write_picture("a.pgm", 20, 10, 1);
  ASSERT_EQ(compress("a.pgm").status, 0);
  ASSERT_EQ(decompress("a.vaec -o b.pgm").status, 0);
  EXPECT_EQ(read("b.pgm").substr(0, 9), "P5\n20 10\n");
}

TEST_F(Batch, NothingIsOverwrittenWithoutForce) {
  write_picture("a.ppm", 20, 10);
  write("a.vaec", "mine");
  const Outcome refused = compress("a.ppm");
  EXPECT_EQ(refused.status, 6);
  EXPECT_EQ(refused.err, "vaec: a.vaec: exists already (use -f to overwrite it)\n");
  EXPECT_EQ(read("a.vaec"), "mine");
  EXPECT_EQ(compress("a.ppm -f").status, 0);
  EXPECT_EQ(read("a.vaec").substr(0, 4), "VAEC");
  EXPECT_EQ(files(), (FileNames{"a.ppm", "a.vaec"}));
}

TEST_F(Batch, FoldersAreMirrored) {
  write_picture("in/a.ppm", 20, 10);
  write_picture("in/deep/er/b.ppm", 10, 20);
  write("in/notes.txt", "no picture");
  const Outcome packed = compress("in -r -o packed/");
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_EQ(decompress("packed/ -r -o out --format bmp").status, 0);
  EXPECT_EQ(files(), (FileNames{"in/a.ppm", "in/deep/er/b.ppm", "in/notes.txt", "out/a.bmp",
                                "out/deep/er/b.bmp", "packed/a.vaec", "packed/deep/er/b.vaec"}));
}

TEST_F(Batch, ManyThreadsGiveWhatOneGives) {
  FileNames expected;
  for (int i = 0; i < 12; ++i) {
    write_picture("in/" + std::to_string(10 + i) + ".ppm", 20 + 37 * (i % 5), 40);
    expected.push_back("in/" + std::to_string(10 + i) + ".ppm");
  }
  ASSERT_EQ(compress("in -r -o one -j 1").status, 0);
  const Outcome outcome = compress("in -r -o many -j 5 --json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  FileNames told;
  for (const Json& line : parse_lines(outcome.out)) told.push_back(line["input"]);
  EXPECT_EQ(told, expected);  // in order
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::to_string(10 + i) + ".vaec";
    EXPECT_EQ(read("one/" + name), read("many/" + name)) << name;
  }
}

TEST_F(Batch, TellsOnATerminalHowFarItIs) {
  for (int i = 0; i < 3; ++i) write_picture("in/" + std::to_string(i) + ".ppm", 20, 10);
  const Outcome outcome = run("--version; script -qec \"'" VAEC_PROGRAM "' " +
                              coding("compress", "in -r -o out") + "\" /dev/null < /dev/null");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("1 of 3 files  "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("2 of 3 files  "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find(" left"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("in pictures, "), std::string::npos) << outcome.out;
  EXPECT_EQ(compress("in -r -o out2").err.find(" left"), std::string::npos);
}

TEST_F(Batch, ShardsAreThePartsOfTheWhole) {
  for (int i = 0; i < 5; ++i) write_picture("in/" + std::to_string(i) + ".ppm", 20, 10);
  EXPECT_EQ(compress("in -r -o a --shard 1/2").status, 0);
  EXPECT_EQ(compress("in -r -o b --shard 2/2").status, 0);
  EXPECT_EQ(compress("in -r -o c --shard 7/7").status, 0);  // more parts than files
  FileNames outputs;
  for (const std::string& name : files()) {
    if (!name.starts_with("in/")) outputs.push_back(name);
  }
  EXPECT_EQ(outputs, (FileNames{"a/0.vaec", "a/2.vaec", "a/4.vaec", "b/1.vaec", "b/3.vaec"}));
  for (const std::string wrong : {"0/2", "3/2", "2", "1/2x", "a/b", "-1/2", "4294967297/2", "1/4294967298",
                                  "18446744073709551617/18446744073709551618", "1/2/3"}) {
    EXPECT_EQ(compress("in -r -o d --shard " + wrong).status, 2) << wrong;
  }
}

TEST_F(Batch, SkipExistingGoesOnWithABatch) {
  for (int i = 0; i < 3; ++i) write_picture("in/" + std::to_string(i) + ".ppm", 20, 10);
  ASSERT_EQ(compress("in/1.ppm -q 10 -o whole.vaec").status, 0);
  write("out/1.vaec", read("whole.vaec"));
  const Outcome outcome = compress("in -r -o out --skip-existing --json");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto lines = parse_lines(outcome.out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["status"], "ok");
  EXPECT_EQ(lines[1]["status"], "skipped");
  EXPECT_EQ(read("out/1.vaec"), read("whole.vaec"));
  EXPECT_NE(compress("in -r -o out --skip-existing").err.find("3 of 3 files skipped"), std::string::npos);
  EXPECT_EQ(compress("in -r -o out --skip-existing -f").status, 2);
}

TEST_F(Batch, GoesOnPastABadFile) {
  write_picture("in/a.ppm", 20, 10);
  write("in/b.png", "no picture");
  write_picture("in/c.ppm", 20, 10);
  const Outcome outcome = compress("in -r -o out");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("vaec: in/b.png: is no image of a known format\n"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("vaec: 1 of 3 files failed\n"), std::string::npos) << outcome.err;
  EXPECT_TRUE(exists("out/a.vaec"));
  EXPECT_FALSE(exists("out/b.vaec"));
  EXPECT_TRUE(exists("out/c.vaec"));
}

TEST_F(Batch, ASingleBadFileHasItsOwnStatus) {
  write("a.png", "no picture");
  EXPECT_EQ(compress("a.png").status, 3);
  EXPECT_EQ(compress("missing.png").status, 3);
  write_picture("big.ppm", 20, 10);
  EXPECT_EQ(compress("big.ppm --max-pixels 199").status, 5);
  EXPECT_EQ(compress("big.ppm -o no/such/folder.vaec").status, 6);
  EXPECT_EQ(files(), (FileNames{"a.png", "big.ppm"}));
}

TEST_F(Batch, JsonLines) {
  write_picture("a.ppm", 20, 10);
  const Outcome outcome = compress("a.ppm missing.png -o out --json");
  EXPECT_EQ(outcome.status, 1);
  const auto lines = parse_lines(outcome.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["input"], "a.ppm");
  EXPECT_EQ(lines[0]["output"], "out/a.vaec");
  EXPECT_EQ(lines[0]["status"], "ok");
  EXPECT_EQ(lines[0]["width"], 20);
  EXPECT_EQ(lines[0]["height"], 10);
  EXPECT_EQ(lines[0]["bytes"], read("out/a.vaec").size());
  EXPECT_DOUBLE_EQ(lines[0]["bpp"].get<double>(), 8.0 * static_cast<double>(read("out/a.vaec").size()) / 200);
  EXPECT_GT(lines[0]["seconds"].get<double>(), 0);
  EXPECT_TRUE(lines[0]["error"].is_null());
  EXPECT_EQ(lines[1]["status"], "error");
  EXPECT_EQ(lines[1]["error"], "missing.png: cannot be read: No such file or directory");
}

TEST_F(Batch, QuietPrintsErrorsOnly) {
  write_picture("a.ppm", 20, 10);
  EXPECT_EQ(compress("a.ppm --quiet").err, "");
  EXPECT_NE(compress("a.ppm --quiet").err, "");
}

TEST_F(Batch, Pipes) {
  write_picture("a.ppm", 20, 10);
  EXPECT_EQ(run(coding("compress", "- < a.ppm > piped.vaec")).status, 0);
  EXPECT_EQ(compress("a.ppm -o named.vaec").status, 0);
  EXPECT_EQ(read("piped.vaec"), read("named.vaec"));
  EXPECT_EQ(decompress("- -o - --format ppm < piped.vaec > piped.ppm").status, 0);
  EXPECT_EQ(decompress("named.vaec -o named.ppm").status, 0);
  EXPECT_EQ(read("piped.ppm"), read("named.ppm"));
  EXPECT_EQ(run(coding("compress", "- < /dev/null")).status, 3);
}

TEST_F(Batch, AFullDiskOrAClosedPipeIsStatus6) {
  write_picture("a.ppm", 20, 10);
  const Outcome full = compress("a.ppm -o /dev/full");
  EXPECT_EQ(full.status, 6);
  EXPECT_EQ(full.err, "vaec: /dev/full: cannot be written: No space left on device\n");
  EXPECT_EQ(compress("a.ppm -o - > /dev/full").status, 6);
  EXPECT_EQ(compress("a.ppm -o b.vaec --json > /dev/full").status, 6);
  EXPECT_EQ(
      run("compress -m '" + kModel + "' a.ppm -o - 2> message; echo $? > status; } | true; {  :").status, 0);
  EXPECT_EQ(read("status"), "6\n");
  EXPECT_EQ(read("message"), "vaec: standard output: cannot be written: Broken pipe\n");
}

TEST_F(Batch, EveryTruncationOfAStreamIsCorrupt) {
  write_picture("a.ppm", 40, 20);
  ASSERT_EQ(compress("a.ppm").status, 0);
  const std::string whole = read("a.vaec");
  for (std::size_t size = 0; size < whole.size(); ++size)
    write("cut/" + std::to_string(size) + ".vaec", whole.substr(0, size));
  const Outcome all = decompress("cut -r -o out");
  EXPECT_EQ(all.status, 1);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(all.err.find("vaec: cut/" + std::to_string(size) + ".vaec: "), std::string::npos) << size;
  }
  const auto count = std::to_string(whole.size());
  EXPECT_NE(all.err.find("vaec: " + count + " of " + count + " files failed\n"), std::string::npos)
      << all.err;
  for (const std::string& name : files()) EXPECT_FALSE(name.starts_with("out/")) << name;
  // One alone tells by its status, too.
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() - 1}) {
    const Outcome outcome = decompress("cut/" + std::to_string(size) + ".vaec -o b.png");
    EXPECT_EQ(outcome.status, 4) << size;
    EXPECT_FALSE(exists("b.png"));
  }
}

TEST_F(Batch, InterruptedBatchKeepsWhatIsDone) {
  for (int i = 0; i < 400; ++i) write_picture("in/" + std::to_string(1000 + i) + ".ppm", 96, 96);
  for (const std::string out : {"out1 -j 1", "out3 -j 3"}) {
    const Outcome outcome =
        run_and_signal(coding("compress", "in -r -o " + out), SIGINT, out.substr(0, 4) + "/1000.vaec");
    EXPECT_EQ(outcome.status, 130) << outcome.err;
    EXPECT_NE(outcome.err.find("vaec: interrupted: "), std::string::npos);
  }
  for (const std::string& name : files()) {
    EXPECT_EQ(name.find("vaec-tmp"), std::string::npos);
    if (name.starts_with("out")) {
      EXPECT_EQ(read(name).substr(0, 4), "VAEC");
    }
  }
}

TEST_F(Batch, InfoTellsWhatIsInAFile) {
  write_picture("a.ppm", 40, 30);
  ASSERT_EQ(compress("a.ppm -q 37").status, 0);
  const Outcome outcome = run("info a.vaec '" + kModel + "' --json");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto lines = parse_lines(outcome.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["width"], 40);
  EXPECT_EQ(lines[0]["height"], 30);
  EXPECT_EQ(lines[0]["channels"], 3);
  EXPECT_EQ(lines[0]["quality"], 37);
  EXPECT_EQ(lines[0]["bytes"], read("a.vaec").size());
  EXPECT_EQ(lines[1]["architecture"], "photo");
  EXPECT_EQ(lines[0]["model_id"], lines[1]["model_id"]);
  EXPECT_NE(run("info a.vaec").out.find("quality            37"), std::string::npos);
}

TEST_F(Batch, TheModelIsFoundByItsId) {
  write_picture("a.ppm", 20, 10);
  ASSERT_EQ(compress("a.ppm").status, 0);
  std::filesystem::create_directory(path("mine"));
  std::filesystem::copy_file(kModel, path("mine/some-name.safetensors"));
  EXPECT_EQ(run("decompress a.vaec", "VAEC_MODEL_PATH=mine ").status, 0);
  const Outcome missing = run("decompress a.vaec -f", "VAEC_MODEL_PATH=in ");
  EXPECT_EQ(missing.status, 7);
  EXPECT_EQ(missing.err.rfind("vaec: a.vaec: the file needs the model ", 0), 0U) << missing.err;
}

TEST_F(Batch, VerifiesWhatItWrites) {
  write_picture("a.ppm", 90, 70);
  const Outcome plain = compress("a.ppm --json"), verified = compress("a.ppm -f --verify --json");
  ASSERT_EQ(verified.status, 0) << verified.err;
  EXPECT_FALSE(parse_lines(plain.out).front().contains("psnr"));
  const double told = parse_lines(verified.out).front()["psnr"];
  ASSERT_EQ(decompress("a.vaec -o b.ppm").status, 0);
  const std::string a = read("a.ppm"), b = read("b.ppm");
  ASSERT_EQ(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<unsigned char>(a[i]) - static_cast<unsigned char>(b[i]);
    sum += d * d;
  }
  EXPECT_NEAR(told, 10 * std::log10(255.0 * 255 * 90 * 70 * 3 / sum), 1e-6);
  EXPECT_NE(compress("a.ppm -f --verify").err.find("verified: "), std::string::npos);
}

// A file whose frame is whole, but whose latent is another one than its checksum says.
TEST_F(Batch, InfoChecksTheLatent) {
  write_picture("a.ppm", 90, 70);
  ASSERT_EQ(compress("a.ppm").status, 0);
  const std::string models = "VAEC_MODEL_PATH='" VAEC_SOURCE_DIR "/tests/golden' ";
  EXPECT_EQ(run("info --check a.vaec", models).status, 0);
  EXPECT_EQ(run("info --check '" + kModel + "'").status, 0);
  const std::string file = read("a.vaec");
  auto container = bitstream::parse(std::as_bytes(std::span(file)));
  container.latent_crc = *container.latent_crc ^ 1;
  const auto forged = bitstream::write(container);
  write("forged.vaec", std::string(reinterpret_cast<const char*>(forged.data()), forged.size()));
  EXPECT_EQ(run("info forged.vaec", models).status, 0);
  const Outcome refused = run("info --check forged.vaec", models);
  EXPECT_EQ(refused.status, 4);
  EXPECT_NE(refused.err.find("forged.vaec: the decoded latent does not match its checksum"),
            std::string::npos)
      << refused.err;
}

}  // namespace
}  // namespace vaec::cli
