// Files that were made to do harm.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <span>

#include "bitstream/container.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

class Hostile : public CodingTest {
 protected:
  // One line, a status of bad input, quickly and in little memory.
  static void expect_refused(const Outcome& outcome, const std::string& name) {
    EXPECT_TRUE(outcome.status == 3 || outcome.status == 4 || outcome.status == 5 || outcome.status == 7)
        << name << ": " << outcome.status << " " << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << name << ": " << outcome.err;
    EXPECT_EQ(outcome.err.rfind("vaec: ", 0), 0U) << outcome.err;
    EXPECT_TRUE(kHasAddressSanitizer || outcome.peak_kib < 400 << 10)
        << name << ": " << outcome.peak_kib << " KiB";
  }
};

TEST_F(Hostile, EveryFileInTestsBadIsRefused) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(VAEC_SOURCE_DIR "/tests/bad")) {
    const std::string extension = entry.path().extension().string();
    const std::string file = std::string("'").append(entry.path().string()).append("'");
    if (extension == ".md") continue;
    ++count;
    const std::string limit = "ulimit -t 20; ";  // seconds
    if (extension == ".vaec") {
      expect_refused(run(coding("decompress", file + " -o out.png"), limit), file);
    } else if (extension == ".safetensors") {
      expect_refused(run("info --check " + file, limit), file);
      write_picture("a.ppm", 8, 8);
      expect_refused(run("compress a.ppm -o out.vaec -m " + file, limit), file);
    } else if (extension == ".idx") {
      const Outcome outcome =
          run("train --arch mnist --data " + file + " -o out.safetensors --steps 1", limit);
      EXPECT_EQ(outcome.status, 3) << outcome.err;
    } else {
      expect_refused(run(coding("compress", file + " -o out.vaec"), limit), file);
    }
    EXPECT_FALSE(exists("out.png") || exists("out.vaec") || exists("out.safetensors")) << file;
  }
  EXPECT_GT(count, 15U);
}

// A flipped bit anywhere in the file: its checksum tells.
TEST_F(Hostile, AFlippedBitIsToldByInfo) {
  write_picture("a.ppm", 30, 20);
  ASSERT_EQ(compress("a.ppm").status, 0);
  const std::string whole = read("a.vaec");
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 97) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    write("b.vaec", flipped);
    expect_refused(run("info b.vaec"), "bit " + std::to_string(bit));
  }
}

// Weights that are no numbers, in any tensor of the model.
TEST_F(Hostile, WeightsThatAreNoNumbersAreRefused) {
  const std::string model = contents(kModel);
  std::uint64_t header = 0;
  std::memcpy(&header, model.data(), sizeof header);
  write_picture("a.ppm", 8, 8);
  const std::size_t data = 8 + header;
  // 0x7e7e7e7e is a large float32 and a NaN in half precision; 0x7fc00000 a NaN in float32.
  int refused = 0;
  for (int i = 0; i < 12; ++i) {
    std::string forged = model;
    const std::size_t at = data + (forged.size() - data - 64) * static_cast<std::size_t>(i) / 12 / 4 * 4;
    for (std::size_t k = 0; k < 64; k += 4) std::memcpy(&forged[at + k], "\x00\x7e\xc0\x7f", 4);
    write("forged.safetensors", forged);
    const Outcome outcome = run("compress a.ppm -f -o out.vaec -m forged.safetensors -j 1");
    if (outcome.status == 7) {
      expect_refused(outcome, "tensor data at " + std::to_string(at));
      ++refused;
    } else {
      EXPECT_EQ(outcome.status, 0) << outcome.err;  // integers: any may be right
    }
  }
  EXPECT_GT(refused, 4);
}

// A model whose metadata says `text` under `key`.
std::string model_that_says(const std::string& key, const std::string& text) {
  const std::string model = contents(kModel);
  std::uint64_t length = 0;
  std::memcpy(&length, model.data(), sizeof length);
  auto header = nlohmann::json::parse(model.substr(sizeof length, length));
  header["__metadata__"][key] = text;
  const std::string forged = header.dump();
  const std::uint64_t forged_length = forged.size();
  return std::string(reinterpret_cast<const char*>(&forged_length), sizeof forged_length) + forged +
         model.substr(sizeof length + length);
}

// JSON of a hundred thousand levels, which whoever prints or copies it recurses over.
TEST_F(Hostile, JsonThatNestsDeeplyIsRefused) {
  write_picture("a.ppm", 64, 48);
  for (const auto& [open, close] : {std::pair("[", "]"), std::pair(R"({"a":)", "}")}) {
    std::string deep, closed;
    for (int i = 0; i < 100000; ++i) deep += open, closed += close;
    deep += "0" + closed;
    write("deep.json", R"({"points": [{"per_image": [{"image": )" + deep + "}]}]}");
    expect_refused(run(coding("evaluate", "a.ppm -q 10,90 --curve a=deep.json")), "a curve");
    const std::string text = R"({"latent": )" + deep + "}";
    write("config.safetensors", model_that_says("vaec.config", text));
    expect_refused(run("info config.safetensors"), "a configuration");
    expect_refused(run("info --check config.safetensors"), "a configuration");
    expect_refused(run("compress -f a.ppm -m config.safetensors"), "a configuration");
    // A card decides nothing: its beginning is told.
    write("card.safetensors", model_that_says("vaec.card", text));
    for (const std::string option : {"", "--json"}) {
      const Outcome told = run("info --check card.safetensors " + option);
      EXPECT_EQ(told.status, 0) << told.err;
      EXPECT_NE(told.out.find("latent"), std::string::npos);
      EXPECT_LT(told.out.size(), 4000U);
    }
    EXPECT_EQ(run("compress -f a.ppm -m card.safetensors").status, 0);
  }
}

// Parts beside the latent that no encoder makes: told by --check,
// and metadata is no reason to lose a picture.
TEST_F(Hostile, ForgedAlphaAndMetadataAreTold) {
  write("a.pam.pgm", "P5\n8 8\n255\n" + std::string(64, 'x'));
  ASSERT_EQ(compress("a.pam.pgm -o a.vaec --no-guard").status, 0);
  const std::string whole = read("a.vaec"), models = "VAEC_MODEL_PATH='" VAEC_SOURCE_DIR "/tests/golden' ";
  auto container = bitstream::parse(std::as_bytes(std::span(whole)));
  const std::vector<std::byte> nonsense(40, std::byte{0x77});
  const auto check_forged = [&](const std::string& message) {
    const auto forged = bitstream::write(container);
    write("forged.vaec", std::string(reinterpret_cast<const char*>(forged.data()), forged.size()));
    const Outcome checked = run("info --check forged.vaec", models),
                  decoded = decompress("forged.vaec -f -o b.png");
    expect_refused(checked, message);
    expect_refused(decoded, message);
    EXPECT_NE(checked.err.find(message), std::string::npos) << checked.err;
  };
  container.xmp = nonsense;
  check_forged("XMP chunk: it holds no whole zlib stream");
  EXPECT_EQ(decompress("forged.vaec --strip -o b.png").status, 0);
  container.xmp = {};
  container.header.channels = 2;
  container.alpha = {8, {nonsense}};
  check_forged("alpha band 1: ");
}

TEST_F(Hostile, AnInputCannotChooseWhereItIsWritten) {
  write_picture("in/a.ppm", 8, 8);
  ASSERT_EQ(compress("in/a.ppm -o in/..vaec").status, 0);
  fs::copy_file(path("in/..vaec"), path("in/-o.vaec"));
  fs::copy_file(path("in/..vaec"), path("in/%s%n;$(touch x).vaec"));
  ASSERT_EQ(decompress("in -r -o out").status, 0);
  for (const std::string& name : files())
    EXPECT_TRUE(name.starts_with("in/") || name.starts_with("out/")) << name;
  write("out/target", "mine");
  fs::create_symlink("target", path("out/b.png"));
  fs::copy_file(path("in/..vaec"), path("b.vaec"));
  EXPECT_EQ(decompress("b.vaec -o out/b.png").status, 6);
  EXPECT_EQ(read("out/target"), "mine");
}

// What stands in a model's card, or is a file's name, does not command the terminal.
TEST_F(Hostile, TextsOfModelsAreHarmless) {
  const std::string colour = "\x1b[31m", control = "\xc2\x9b";  // U+009B begins what ESC [ does
  nlohmann::json card;
  card["title"] = colour + "red " + control + "2J\x7f";
  card[colour] = {{"kept", "Grüße"}};
  const std::string name = "m" + colour + ".safetensors";
  write(name, model_that_says("vaec.card", card.dump()));
  const Outcome outcome = run("info '" + name + "'");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out.find_first_of("\x1b\x7f"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find(control), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.rfind("m?[31m.safetensors\n", 0), 0U) << outcome.out;
  for (const char* shown : {"?[31mred ?2J?\n", "Grüße"})
    EXPECT_NE(outcome.out.find(shown), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace vaec::cli
