#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "failure.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"
#include "temporary_folder.hpp"
#include "vaec/codec.hpp"
#include "vaec/error.hpp"

namespace vaec {
namespace {

namespace fs = std::filesystem;

// A folder of its own in $VAEC_MODEL_PATH.
class Lookup : public testing::Test {
 protected:
  Lookup() { setenv("VAEC_MODEL_PATH", ("/nowhere::" + folder_.path().string()).c_str(), 1); }
  ~Lookup() override { unsetenv("VAEC_MODEL_PATH"); }

  fs::path write(const std::string& name, std::uint8_t content, const std::string& card = "{}") const {
    const std::array<std::uint8_t, 1> data{content};
    const auto file = folder_ / name;
    model::write_safetensors(file, {{"t", {model::DType::kU8, {1}, std::as_bytes(std::span(data))}}},
                             {{model::kFormatKey, model::kFormatName},
                              {model::kArchitectureKey, "mnist"},
                              {model::kCardKey, card}});
    return file;
  }

  const TemporaryFolder folder_;
};

TEST_F(Lookup, ByPathAndByName) {
  const auto file = write("test-name.safetensors", 1);
  EXPECT_EQ(find_model(file.string()), file);
  EXPECT_EQ(find_model("test-name"), file);
}

// A file or folder of the current folder that has a model's name has nothing to do with it.
TEST_F(Lookup, ABareNameIsNoFilesName) {
  const auto model = write("test-name.safetensors", 1);
  const auto elsewhere = folder_ / "elsewhere";
  fs::create_directory(elsewhere);
  const auto before = fs::current_path();
  fs::current_path(elsewhere);
  std::ofstream("test-name") << "a photograph of mine";
  std::ofstream("test-none") << "another";
  fs::copy_file(model, "other.safetensors");
  EXPECT_EQ(find_model("test-name"), model);
  EXPECT_EQ(find_model("./test-name"), "./test-name");
  EXPECT_EQ(find_model("other.safetensors"), "other.safetensors");
  EXPECT_NE(
      failure(ErrorCode::kModel, [] { static_cast<void>(find_model("test-none")); }).find("./test-none"),
      std::string::npos);
  fs::current_path(before);
}

TEST_F(Lookup, TheNewestOfAName) {
  write("test-x-2.safetensors", 2);
  const auto tenth = write("test-x-10.safetensors", 10);
  write("test-x-10b.safetensors", 3);
  write("test-xy-11.safetensors", 4);
  EXPECT_EQ(find_model("test-x"), tenth);
  const auto plain = write("test-x.safetensors", 5);
  EXPECT_EQ(find_model("test-x"), plain);
}

TEST_F(Lookup, MissingNamesSayWhereTheyWereSought) {
  const auto message = failure(ErrorCode::kModel, [] { static_cast<void>(find_model("test-none")); });
  EXPECT_NE(message.find("'test-none'"), std::string::npos);
  EXPECT_NE(message.find(folder_.path().string()), std::string::npos);
  EXPECT_NE(failure(ErrorCode::kModel, [] { static_cast<void>(find_model("no/such.safetensors")); })
                .find("no/such.safetensors"),
            std::string::npos);
  EXPECT_FALSE(failure(ErrorCode::kModel, [] { static_cast<void>(find_model("")); }).empty());
}

TEST_F(Lookup, ByIdAmongForeignAndDamagedFiles) {
  std::ofstream(folder_ / "a-damaged.safetensors") << "not a model";
  write("b.safetensors", 1);
  const auto wanted = write("c.safetensors", 2);
  const auto id = model::model_id(model::SafeTensors::open(wanted));
  EXPECT_EQ(find_model(id), wanted);

  ModelId first_half = id;  // as a small-image file gives it
  std::fill(first_half.begin() + 4, first_half.end(), std::uint8_t{0});
  EXPECT_EQ(find_model(first_half), wanted);

  const ModelId unknown{0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3};
  EXPECT_NE(
      failure(ErrorCode::kModel, [&] { static_cast<void>(find_model(unknown)); }).find("deadbeef00010203"),
      std::string::npos);
}

// Not of the card, nor of what encoding and training alone need.
TEST_F(Lookup, TheIdIsOfWhatDecidesDecoding) {
  const auto id_of = [&](const char* tensor, std::uint8_t content, const char* config, const char* card) {
    const std::array<std::uint8_t, 1> data{content}, same{1};
    const model::TensorView view{model::DType::kU8, {1}, std::as_bytes(std::span(data))};
    const model::TensorView unchanged{model::DType::kU8, {1}, std::as_bytes(std::span(same))};
    std::map<std::string, std::string> metadata{
        {model::kFormatKey, model::kFormatName}, {model::kArchitectureKey, "photo"}, {model::kCardKey, card}};
    if (config[0] != 0) metadata[model::kConfigKey] = config;
    const auto file = folder_ / "id.safetensors";
    fs::remove(file);
    model::write_safetensors(file, {{"t", unchanged}, {tensor, view}}, metadata);
    return to_hex(model::model_id(model::SafeTensors::open(file)));
  };
  const auto plain = id_of("g_a.x", 1, "", "{}");
  EXPECT_EQ(plain, "17c9558d08c713d9");  // sha256("\0" "t\0" "U8\0" "\1\0\0\0\0\0\0\0" "\1")
  EXPECT_EQ(plain, id_of("g_a.x", 1, "", R"({"note": "corrected"})"));
  for (const char* tensor : {"g_a.x", "h_a.x", "g_s.x", "log_gain", "log_inverse_gain", "lf_density.x",
                             "hyper_density.x", "encoder.0", "posterior.bias"}) {
    EXPECT_EQ(plain, id_of(tensor, 2, "", "{}")) << tensor;
  }
  for (const char* tensor : {"t2", "integer_g_s.x", "h_s.x", "hyper.x", "tables.x", "context.x", "decoder.0",
                             "latent.step", "latent_in.bias"}) {
    EXPECT_NE(plain, id_of(tensor, 1, "", "{}")) << tensor;
    EXPECT_NE(id_of(tensor, 1, "", "{}"), id_of(tensor, 2, "", "{}")) << tensor;
  }
  const auto configured = id_of("g_a.x", 1, R"({"lf":[0,1],"distortion":"mse"})", "{}");
  EXPECT_NE(configured, plain);
  EXPECT_EQ(configured, id_of("g_a.x", 1, R"({ "lambda_max": 3, "lf": [0, 1] })", "{}"));
  EXPECT_NE(configured, id_of("g_a.x", 1, R"({"lf":[0,2],"distortion":"mse"})", "{}"));
}

TEST(ModelFile, OtherSafetensorsFilesAreNoVaecModels) {
  const std::string header = R"({"__metadata__":{"format":"pt"}})";
  std::vector<std::byte> bytes(8 + header.size());
  bytes[0] = static_cast<std::byte>(header.size());
  std::copy_n(reinterpret_cast<const std::byte*>(header.data()), header.size(), bytes.begin() + 8);
  const auto file = model::SafeTensors::parse(bytes);
  EXPECT_THROW(static_cast<void>(model::architecture(file)), Error);
}

}  // namespace
}  // namespace vaec
