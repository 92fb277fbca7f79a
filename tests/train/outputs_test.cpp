#include "train/outputs.hpp"

#include <gtest/gtest.h>

#include "failure.hpp"
#include "temporary_folder.hpp"
#include "train/checkpoint.hpp"

namespace vaec::train {
namespace {

namespace fs = std::filesystem;

class OutputsTest : public testing::Test {
 protected:
  OutputsTest() { options_.output = folder_ / "m.safetensors"; }
  void touch(const std::string& name) const { std::ofstream(folder_ / name) << "of an earlier run\n"; }

  const TemporaryFolder folder_;
  Options options_;
};

TEST_F(OutputsTest, OfAnEarlierRunAreRefusedEachOfThem) {
  EXPECT_NO_THROW(check_outputs(options_));
  const auto outputs = outputs_of(options_);
  for (const auto& file : {outputs.model, outputs.checkpoint, outputs.log, outputs.picture}) {
    touch(file.filename());
    EXPECT_NE(failure(ErrorCode::kWrite, [&] { check_outputs(options_); }).find(file.filename()),
              std::string::npos);
    auto forced = options_;
    forced.overwrite = true;
    EXPECT_NO_THROW(check_outputs(forced));
    fs::remove(file);
  }
}

TEST_F(OutputsTest, AreGoneOnWithByTheirOwnCheckpointAlone) {
  for (const char* name : {"m.safetensors", "m.ckpt", "m.jsonl", "other.ckpt"}) touch(name);
  options_.resume = folder_ / "other.ckpt";
  EXPECT_FALSE(goes_on(options_));
  failure(ErrorCode::kWrite, [&] { check_outputs(options_); });
  options_.resume = folder_ / "." / "m.ckpt";
  EXPECT_TRUE(goes_on(options_));
  EXPECT_NO_THROW(check_outputs(options_));
}

TEST_F(OutputsTest, AFolderThatIsNotThereIsNamedBeforeTheWork) {
  options_.output = folder_ / "none" / "m.safetensors";
  EXPECT_NE(failure(ErrorCode::kWrite, [&] { check_outputs(options_); }).find("none"), std::string::npos);
}

TEST_F(OutputsTest, ALogGoesOnAfterALineThatACrashCutShort) {
  const auto file = folder_ / "m.jsonl";
  std::ofstream(file) << "{\"kind\":\"step\"}\n{\"kin";
  Log(file, /*append=*/true).write("step", 7, 1.5, {{"loss", 2}}, 20);
  EXPECT_EQ(contents(file),
            "{\"kind\":\"step\"}\n{\"kin\n"
            "{\"images_per_second\":20.0,\"kind\":\"step\",\"loss\":2.0,\"seconds\":1.5,\"step\":7}\n");
  Log(file, /*append=*/false).write("step", 1, 1, {}, 0);
  EXPECT_EQ(contents(file), "{\"kind\":\"step\",\"seconds\":1.0,\"step\":1}\n");
}

// The checkpoint before stays whole until the new one is, which then takes its name; nothing else is left.
TEST_F(OutputsTest, ACheckpointTakesItsNameWhenItIsWhole) {
  const auto file = folder_ / "m.ckpt";
  Checkpoint checkpoint;
  checkpoint.names = {"w"};
  checkpoint.parameters = checkpoint.average = {torch::ones({3})};
  write_checkpoint(file, checkpoint);
  const auto before = folder_ / "before.ckpt";
  fs::create_hard_link(file, before);
  const auto bytes = contents(before);
  checkpoint.step = 5;
  write_checkpoint(file, checkpoint);
  EXPECT_EQ(contents(before), bytes) << "written over in place";
  EXPECT_NE(contents(file), bytes);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 2);

  fs::remove(file);
  fs::create_directory(file);
  failure(ErrorCode::kWrite, [&] { write_checkpoint(file, checkpoint); });
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 2) << "something half-written is left";
}

}  // namespace
}  // namespace vaec::train
