// Training of the entropy model alone, on latents made once.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "failure.hpp"
#include "train/trainer_fixture.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

// Trains, but neither measures nor writes a model, which would take longer than a few steps do.
class UnmeasuredTask : public StoppingTask {
 public:
  using StoppingTask::StoppingTask;
  Figures validate() override { return {{"loss", 1}}; }
  Image preview() override { return {1, 1, 3, {0, 0, 0}}; }
  void export_model(const std::filesystem::path& /*file*/, const std::string& /*card*/) override {}
};

class OnlyEntropyTest : public TrainerTest {
 protected:
  void SetUp() override {
    TrainerTest::SetUp();
    write_model("init", 1);
  }

  [[nodiscard]] Options only_entropy(const std::string& name) const {
    auto o = options(name);
    o.latent = 0;
    o.sizes = {};
    o.init = folder_ / "init.safetensors";
    o.only = "entropy";
    o.keep = "last";
    o.burn_in = 0;
    return o;
  }

  using Training = TrainingOf<UnmeasuredTask>;
};

bool is_frozen(const std::string& name) {
  return name.starts_with("g_a.") || name.starts_with("g_s.") || name == "log_gain" ||
         name == "log_inverse_gain";
}

TEST_F(OnlyEntropyTest, LowersTheBitsAndLeavesTransformsAndGainsAsTheyAre) {
  auto o = only_entropy("a");
  o.steps = 50;
  o.learning_rate = 1.2e-2;  // 50 steps are a quarter of the warm-up
  run(o);
  const auto before = weights_of(folder_ / "init.safetensors"), after = weights_of(folder_ / "a.safetensors");
  std::map<std::string, int> kept, moved;
  for (const auto& [name, bytes] : before) {
    const bool same = after.at(name) == bytes;
    EXPECT_TRUE(same || !is_frozen(name)) << name;
    ++(same ? kept : moved)[name.substr(0, name.find('.'))];
  }
  for (const char* part : {"g_a", "g_s", "log_gain", "log_inverse_gain"}) EXPECT_GT(kept[part], 0) << part;
  for (const char* part : {"h_a", "h_s", "lf_density", "hyper_density"}) EXPECT_GT(moved[part], 0) << part;

  std::ifstream log(folder_ / "a.jsonl");
  std::vector<nlohmann::json> steps, validations;
  for (std::string line; std::getline(log, line);) {
    const auto entry = nlohmann::json::parse(line);
    (entry.at("kind") == "step" ? steps : validations).push_back(entry);
  }
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_TRUE(steps[0].contains("bpp"));
  EXPECT_FALSE(steps[0].contains("psnr"));
  ASSERT_GE(validations.size(), 2U);
  const auto bpp = [](const nlohmann::json& entry) { return entry.at("bpp_q50").get<double>(); };
  EXPECT_LT(bpp(validations.back()), 0.9 * bpp(validations.front()));
  EXPECT_LT(validations.back().at("loss"), validations.front().at("loss"));
}

TEST_F(OnlyEntropyTest, IsTheSameWithOneThreadAndWithTwo) {
  auto o = only_entropy("a");
  o.overwrite = true;
  o.batch = 3;
  o.steps = 6;
  const auto trained = [&](int threads) {
    Training training(o, 0, threads);
    training.trainer->run();
    return training.weights();
  };
  const auto with_one = trained(1);
  EXPECT_TRUE(torch::equal(with_one, trained(2)));
  o.seed = 4;
  EXPECT_FALSE(torch::equal(with_one, trained(1)));
}

TEST_F(OnlyEntropyTest, ResumesExactly) {
  auto o = only_entropy("whole");
  o.steps = 6;
  Training whole(o);
  whole.trainer->run();
  o.output = folder_ / "part.safetensors";
  Training part(o, 3);
  EXPECT_NE(failure(ErrorCode::kInterrupted, [&] { part.trainer->run(); }), "");
  EXPECT_FALSE(torch::equal(whole.weights(), part.weights()));
  clear_stop_request();
  o.resume = folder_ / "part.ckpt";
  Training resumed(o);
  resumed.trainer->load_checkpoint(o.resume);
  resumed.trainer->run();
  EXPECT_TRUE(torch::equal(whole.weights(), resumed.weights()));
}

TEST_F(OnlyEntropyTest, ResumesNoOtherTraining) {
  auto alone = only_entropy("alone"), joint = only_entropy("joint");
  joint.only.clear();
  for (const auto& o : {alone, joint}) Training(o).trainer->save_checkpoint();
  alone.resume = folder_ / "joint.ckpt";
  EXPECT_NE(failure(ErrorCode::kUsage, [&] { run(alone); }).find("--only"), std::string::npos);
  alone.resume = folder_ / "alone.ckpt";
  const auto refusal = [&] {
    return failure(ErrorCode::kModel, [&] { Training(alone).trainer->load_checkpoint(alone.resume); });
  };
  write_model("other", 2);
  alone.init = folder_ / "other.safetensors";
  EXPECT_NE(refusal().find("give the --init"), std::string::npos);
  auto wider = options("wider");
  wider.sizes.channels = {4, 6, 10};
  wider.steps = 1;
  run(wider);
  alone.init = wider.output;
  EXPECT_NE(refusal().find("--resume needs the --init"), std::string::npos);
  alone.init.clear();  // the checkpoint names it
  Training(alone).trainer->load_checkpoint(alone.resume);
}

TEST_F(OnlyEntropyTest, RefusesWhatItCannotGoWith) {
  const auto refused = [&](const char* what, const std::function<void(Options&)>& change) {
    auto o = only_entropy("a");
    o.data = folder_ / "none.vpack";  // told before the data are looked at
    change(o);
    const auto said = failure(ErrorCode::kUsage, [&] { run(o); });
    EXPECT_NE(said.find(what), std::string::npos) << said;
  };
  refused("--init", [](Options& o) { o.init.clear(); });
  refused("mnist", [](Options& o) { o.architecture = "mnist"; });
  refused("not transforms", [](Options& o) { o.only = "transforms"; });
  refused("--blocks", [](Options& o) { o.sizes.blocks = {1, 2, 2}; });
  refused("--channels", [](Options& o) { o.sizes.channels = {32, 64, 192}; });
  refused("--analysis-blocks", [](Options& o) { o.sizes.analysis_blocks = {1, 2, 2}; });
  refused("--analysis-channels", [](Options& o) { o.sizes.analysis_channels = {32, 64, 192}; });
  refused("--skip", [](Options& o) { o.sizes.skip = true; });
  refused("--distortion", [](Options& o) { o.distortion = "mse"; });
}

}  // namespace
}  // namespace vaec::train
