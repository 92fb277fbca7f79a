#include "train/trainer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "failure.hpp"
#include "train/checkpoint.hpp"
#include "train/trainer_fixture.hpp"
#include "train/write_packed.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

namespace fs = std::filesystem;

// Without the tables, which are counted on crops drawn by chance.
std::map<std::string, std::string> parameters_of(const fs::path& model) {
  auto weights = weights_of(model);
  std::erase_if(weights, [](const auto& named) { return !named.first.starts_with("g_"); });
  return weights;
}

// What a run of `options` leaves, in `folder` as "a": made once, since it repeats exactly (as the second test shows).
void leave_a_run(const fs::path& folder, Options options) {
  static const TemporaryFolder made;
  options.output = made / "a.safetensors";
  if (!fs::exists(options.output)) run(options);
  fs::copy(made.path(), folder);
}

TEST_F(TrainerTest, WritesAModelThatLoadsALogAndAPicture) {
  leave_a_run(folder_.path(), options("a"));
  const auto file = model::SafeTensors::open(folder_ / "a.safetensors");
  EXPECT_EQ(model::PhotoConfig::from_file(file).latent, 12);
  EXPECT_TRUE(fs::exists(folder_ / "a.ckpt"));
  EXPECT_TRUE(fs::exists(folder_ / "a.ppm"));
  EXPECT_NE(contents(folder_ / "a.jsonl").find("\"kind\":\"validation\""), std::string::npos);
  EXPECT_NE(file.metadata().at("vaec.card").find("\"steps\":12"), std::string::npos);
}

TEST_F(TrainerTest, RepeatsExactlyForOneSeed) {
  leave_a_run(folder_.path(), options("a"));
  run(options("b"));
  EXPECT_EQ(weights_of(folder_ / "a.safetensors"), weights_of(folder_ / "b.safetensors"));
  auto other = options("c");
  other.seed = 4;
  run(other);
  EXPECT_NE(weights_of(folder_ / "a.safetensors"), weights_of(folder_ / "c.safetensors"));
}

TEST_F(TrainerTest, ResumesExactly) {
  leave_a_run(folder_.path(), options("a"));
  const auto stopped = options("part");
  torch::manual_seed(stopped.seed);
  Workers workers(at::get_num_threads());
  Trainer trainer(std::make_unique<StoppingTask>(make_photo_task(stopped, torch::kCPU, workers), 5), workers);
  try {
    trainer.run();
    FAIL() << "not interrupted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
  EXPECT_TRUE(fs::exists(folder_ / "part.safetensors"));
  clear_stop_request();
  auto resumed = options("part");
  resumed.resume = folder_ / "part.ckpt";
  run(resumed);
  EXPECT_EQ(weights_of(folder_ / "a.safetensors"), weights_of(folder_ / "part.safetensors"));
}

TEST_F(TrainerTest, GoesOnWithItsLogAndRefusesToStartOverIt) {
  leave_a_run(folder_.path(), options("a"));
  const auto log = contents(folder_ / "a.jsonl");
  EXPECT_NE(failure(ErrorCode::kWrite, [&] { run(options("a")); }).find("a."), std::string::npos);
  EXPECT_EQ(contents(folder_ / "a.jsonl"), log);
  auto more = options("a");
  more.resume = folder_ / "a.ckpt";
  more.steps = 14;
  run(more);
  const auto longer = contents(folder_ / "a.jsonl");
  EXPECT_EQ(longer.substr(0, log.size()), log);
  EXPECT_NE(longer.find("\"step\":14"), std::string::npos);
  auto again = options("a");
  again.overwrite = true;
  run(again);
  EXPECT_EQ(contents(folder_ / "a.jsonl").find("\"step\":14"), std::string::npos);
}

TEST_F(TrainerTest, BurnInMovesNoWeightAndTheLastWeightsAreKeptIfAsked) {
  auto o = options("start");
  o.burn_in = o.steps = 3;
  o.keep = "last";
  run(o);
  auto longer = options("gathered");
  longer.burn_in = longer.steps = 9;
  longer.keep = "last";
  run(longer);
  EXPECT_EQ(parameters_of(folder_ / "start.safetensors"), parameters_of(folder_ / "gathered.safetensors"));

  auto best = options("best"), last = options("last");
  best.learning_rate = last.learning_rate = 0.3;  // gets worse
  last.keep = "last";
  run(best);
  run(last);
  EXPECT_EQ(parameters_of(folder_ / "best.safetensors"), parameters_of(folder_ / "start.safetensors"));
  EXPECT_NE(parameters_of(folder_ / "last.safetensors"), parameters_of(folder_ / "start.safetensors"));
}

TEST_F(TrainerTest, LowersTheLoss) {
  auto o = options("a");
  o.steps = 120;
  o.learning_rate = 4e-3;
  run(o);
  std::ifstream log(folder_ / "a.jsonl");
  std::vector<double> losses;
  for (std::string line; std::getline(log, line);) {
    const auto at = line.find("\"loss\":");
    if (line.find("validation") != std::string::npos) losses.push_back(std::stod(line.substr(at + 7)));
  }
  ASSERT_GE(losses.size(), 2U);
  EXPECT_LT(losses.back(), 0.95 * losses.front());
}

// MS-SSIM needs pictures of 192 pixels; --init keeps to it without being told.
TEST_F(TrainerTest, TrainsForMsSsim) {
  Image image{256, 256, 3, {}};
  for (std::size_t i = 0; i < std::size_t{256} * 256 * 3; ++i) {
    image.samples.push_back(
        static_cast<std::uint8_t>(128 + 90 * std::sin(static_cast<double>(i % 768) * 0.05)));
  }
  write_packed(folder_ / "data.vpack", std::vector<Image>{image});
  auto o = options("a");
  o.valid.clear();
  o.distortion = "ms-ssim";
  EXPECT_THROW(run(o), Error);  // crops of 64
  o.crop = 192;
  EXPECT_THROW(run(o), Error);  // what is held back is 64 rows high
  o.valid = folder_ / "data.vpack";
  o.steps = 1;
  run(o);
  EXPECT_NE(contents(folder_ / "a.jsonl").find("\"ms_ssim_q50\""), std::string::npos);

  auto more = o;
  more.output = folder_ / "b.safetensors";
  more.init = o.output;
  more.latent = 0;
  more.distortion.clear();
  run(more);
  EXPECT_EQ(model::PhotoConfig::from_file(model::SafeTensors::open(more.output)).distortion,
            (model::Distortion{.mse = 0, .ms_ssim = 1}));
}

TEST_F(TrainerTest, StopsWhenTheLossIsNoNumber) {
  auto o = options("a");
  o.learning_rate = 1e30;
  try {
    run(o);
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTraining) << error.what();
  }
}

// What decides a training cannot change on the way; what is left open is as it was.
TEST_F(TrainerTest, ResumesNoOtherTraining) {
  auto o = options("a");
  o.lambda_max = 1.5;
  o.distortion = "xyb";
  o.enlarged = 0.5;
  o.steps = 2;
  run(o);
  const auto refused = [&](const std::string& option, const std::function<void(Options&)>& change) {
    auto other = options("b");
    other.resume = folder_ / "a.ckpt";
    change(other);
    const auto said = failure(ErrorCode::kUsage, [&] { run(other); });
    EXPECT_EQ(said.find(option + ": this training has "), 0U) << said;
  };
  refused("--arch", [](Options& other) { other.architecture = "mnist"; });
  refused("--only", [](Options& other) { other.only = "entropy"; });
  refused("--quantization-aware", [](Options& other) { other.quantization_aware = true; });
  refused("--fold", [](Options& other) { other.fold = 1, other.folds = 2; });
  refused("--seed", [](Options& other) { other.seed = 9; });
  refused("--seed", [](Options& other) { other.seed = 1, other.given = {"--seed"}; });
  refused("--lambda-min", [](Options& other) { other.lambda_min = 0.0001; });
  refused("--lambda-max", [](Options& other) { other.lambda_max = 0.2; });
  refused("--distortion", [](Options& other) { other.distortion = "mse"; });
  refused("--latent", [](Options& other) { other.latent = 16; });
  refused("--blocks", [](Options& other) { other.sizes.blocks = {1, 2, 2}; });
  refused("--channels", [](Options& other) { other.sizes.channels = {4, 6, 9}; });
  refused("--analysis-blocks", [](Options& other) { other.sizes.analysis_blocks = {1, 2, 2}; });
  refused("--analysis-channels", [](Options& other) { other.sizes.analysis_channels = {4, 6, 9}; });

  Options few;  // all that must be said
  few.data = o.data;
  few.output = folder_ / "b.safetensors";
  few.resume = folder_ / "a.ckpt";
  few.steps = 4;
  few.progress = false;
  run(few);
  o.output = folder_ / "c.safetensors";
  o.resume = few.resume;
  o.steps = few.steps;
  run(o);
  EXPECT_EQ(weights_of(few.output), weights_of(o.output));
  const auto config = model::PhotoConfig::from_file(model::SafeTensors::open(few.output));
  EXPECT_EQ(config.lambda_max, 1.5);
  EXPECT_EQ(to_text(config.distortion), "xyb");
}

TEST_F(TrainerTest, RefusesWhatIsNoCheckpoint) {
  leave_a_run(folder_.path(), options("a"));
  auto o = options("b");
  o.resume = folder_ / "a.jsonl";
  EXPECT_NE(failure(ErrorCode::kModel, [&] { run(o); }).find("not a checkpoint"), std::string::npos);
}

// From a model: a learning rate that leaves most of what it knows, and statistics before the first step.
TEST_F(TrainerTest, TunesAModelMoreCarefullyThanItMakesOne) {
  write_model("init", 1);
  Workers workers(1);
  const auto chosen = [&](const std::function<void(Options&)>& change) {
    auto o = options("a");
    change(o);
    return make_photo_task(o, torch::kCPU, workers)->options();
  };
  const auto from_init = [&](Options& o) {
    o.latent = 0;
    o.sizes = {};
    o.init = folder_ / "init.safetensors";
  };
  const auto made = chosen([](Options&) {}), tuned = chosen(from_init), grown = chosen([&](Options&o) {
                                                                          from_init(o);
                                                                          o.sizes.blocks = {1, 2, 1};
                                                                        });
  EXPECT_EQ(made.learning_rate, 1.5e-3);
  EXPECT_EQ(made.burn_in, 0);
  EXPECT_EQ(tuned.learning_rate, 2e-4);
  EXPECT_EQ(tuned.burn_in, 60);
  EXPECT_EQ(grown.learning_rate, 1.5e-3);
  EXPECT_EQ(grown.burn_in, 60);
  EXPECT_EQ(chosen([&](Options& o) { from_init(o), o.burn_in = 0, o.learning_rate = 1e-3; }).burn_in, 0);
}

// The range of the shipped models: quality means with a new one what it means with them.
TEST_F(TrainerTest, ANewModelSpansTheRangeOfTheShippedOnes) {
  Workers workers(1);
  const auto o = make_photo_task(options("a"), torch::kCPU, workers)->options();
  EXPECT_EQ(o.lambda_min, 0.0007);
  EXPECT_EQ(o.lambda_max, 1.2);
}

TEST_F(TrainerTest, RefusesACheckpointWhoseDescriptionNestsDeeply) {
  torch::serialize::OutputArchive archive;
  archive.write("about", c10::IValue(std::string(100000, '[') + std::string(100000, ']')));
  archive.save_to((folder_ / "deep.ckpt").string());
  Checkpoint checkpoint;
  try {
    read_checkpoint(folder_ / "deep.ckpt", checkpoint);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_NE(std::string(error.what()).find("nests deeper"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace vaec::train
