#include "train/trainer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

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
  Trainer trainer(stopped, std::make_unique<StoppingTask>(make_photo_task(stopped, torch::kCPU, workers), 5),
                  workers);
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

TEST_F(TrainerTest, RefusesACheckpointOfOtherSizes) {
  leave_a_run(folder_.path(), options("a"));
  auto o = options("b");
  o.latent = 16;
  o.resume = folder_ / "a.ckpt";
  try {
    run(o);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel) << error.what();
  }
  o.resume = folder_ / "a.jsonl";
  EXPECT_THROW(run(o), Error);
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
