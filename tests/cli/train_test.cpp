// Training from the shell: Ctrl-C, resuming, and using what came out.
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

constexpr const char* kTrain =
    "train --data in --valid in --batch 1 --crop 64 --latent 12 --channels 4,6,8 --precision fp32 -j 1 -o "
    "m.safetensors ";

using Train = ProgramTest;

TEST_F(Train, InterruptSavesAndResumeGoesOn) {
  for (const char* name : {"in/a.ppm", "in/b.ppm"}) write_picture(name, 128, 128);
  const Outcome stopped = run_and_signal(std::string(kTrain) + "--steps 1000000", SIGINT, "m.safetensors");
  EXPECT_EQ(stopped.status, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("go on with --resume m.ckpt"), std::string::npos) << stopped.err;
  ASSERT_TRUE(exists("m.ckpt"));
  EXPECT_EQ(run("info m.safetensors").status, 0);

  // The checkpoint knows the rest.
  const Outcome other = run("train --data in --steps 1 -j 1 --resume m.ckpt --seed 2");
  EXPECT_EQ(other.status, 2) << other.err;
  EXPECT_EQ(other.err, "vaec: --seed: this training has 1, not 2; to resume it, leave the option away\n");
  const Outcome resumed = run("train --data in --steps 1 -j 1 --resume m.ckpt");
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(run("compress in/a.ppm -m m.safetensors -o a.vaec -j 1").status, 0);
  EXPECT_EQ(run("decompress a.vaec -m m.safetensors -o b.png -j 1").status, 0);
  EXPECT_TRUE(exists("b.png"));
}

// As a long run ends.
TEST_F(Train, ResumesWithLargerCropsAndAnotherRate) {
  write_picture("in/a.ppm", 128, 128);
  ASSERT_EQ(run(std::string(kTrain) + "--steps 1").status, 0);
  const Outcome larger = run(
      "train --data in --steps 2 -j 1 --resume m.ckpt --crop 128 --batch 2 --lr 1e-4 --schedule constant");
  EXPECT_EQ(larger.status, 0) << larger.err;
  EXPECT_NE(read("m.safetensors").find("\\\"batch\\\":2"), std::string::npos);
  // From then on that is how it goes.
  EXPECT_EQ(run("train --data in --steps 3 -j 1 --resume m.ckpt").status, 0);
  EXPECT_NE(read("m.safetensors").find("\\\"batch\\\":2"), std::string::npos);
}

TEST_F(Train, NothingOfAnEarlierRunIsOverwrittenUnasked) {
  write_picture("in/a.ppm", 128, 128);
  ASSERT_EQ(run(std::string(kTrain) + "--steps 1").status, 0);
  const auto model = read("m.safetensors"), log = read("m.jsonl"), checkpoint = read("m.ckpt");
  // Before the data are looked at.
  const Outcome again = run("train --data none -o m.safetensors --steps 1");
  EXPECT_EQ(again.status, 6) << again.err;
  EXPECT_NE(again.err.find("m.safetensors"), std::string::npos) << again.err;
  std::filesystem::remove(path("m.safetensors"));
  EXPECT_EQ(run(std::string(kTrain) + "--steps 1").status, 6) << "the checkpoint and the log are there";
  EXPECT_EQ(read("m.jsonl"), log);
  EXPECT_EQ(read("m.ckpt"), checkpoint);
  EXPECT_EQ(run(std::string(kTrain) + "--steps 1 -f --seed 5").status, 0);
  EXPECT_NE(read("m.safetensors"), model);
}

TEST_F(Train, NamesWhatIsWrong) {
  const Outcome missing = run(std::string(kTrain) + "--steps 1");
  EXPECT_EQ(missing.status, 3) << missing.err;
  EXPECT_EQ(run("train --data in -o model.bin").status, 2);
  EXPECT_EQ(run("train --data in --steps 1 --minutes 1").status, 2);
  EXPECT_EQ(run("train --data in --blocks 1,2,17").status, 2);
}

TEST_F(Train, AModelsLambdaRangeCanChange) {
  write_picture("in/a.ppm", 128, 128);
  write("m.safetensors", contents(kModel));
  const Outcome outcome =
      run("train --data in --valid in --batch 1 --crop 64 --precision fp32 -j 1 --init m.safetensors "
          "-o n.safetensors --lambda-max 1.5 --steps 1");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(read("n.safetensors").find("lambda_max\\\":1.5"), std::string::npos);
}

TEST_F(Train, NamesTheModelThatItCannotStartFrom) {
  write_picture("in/a.ppm", 128, 128);
  std::string model = contents(kModel);
  const auto at = model.find("lambda_max\\\":0.2");
  ASSERT_NE(at, std::string::npos);
  model[at + 13] = '-';
  write("bad.safetensors", model);
  const Outcome outcome = run("train --data in --init ./bad.safetensors -o n.safetensors --steps 1");
  EXPECT_EQ(outcome.status, 7) << outcome.err;
  EXPECT_NE(outcome.err.find("bad.safetensors: model configuration"), std::string::npos) << outcome.err;
}

TEST_F(Train, TheEntropyModelAloneNeedsAModel) {
  write_picture("in/a.ppm", 128, 128);
  write("m.safetensors", contents(kModel));
  const std::string only =
      "train --data in --valid in --batch 1 --crop 64 -j 1 --steps 1 -o n.safetensors --only ";
  const Outcome alone = run(only + "entropy --init ./m.safetensors");
  EXPECT_EQ(alone.status, 0) << alone.err;
  EXPECT_NE(alone.err.find("windows of latents: 4"), std::string::npos) << alone.err;
  EXPECT_TRUE(exists("n.safetensors"));
  const Outcome of_nothing = run(only + "entropy -f");
  EXPECT_EQ(of_nothing.status, 2) << of_nothing.err;
  EXPECT_NE(of_nothing.err.find("--init"), std::string::npos) << of_nothing.err;
  EXPECT_EQ(run(only + "entropy -f --init ./m.safetensors --arch mnist").status, 2);
  EXPECT_EQ(run(only + "transforms -f --init ./m.safetensors").status, 2);
}

// A model that could not be read again is not trained: told before the data are looked at.
TEST_F(Train, LambdasThatNoModelMayHaveAreRefused) {
  for (const std::string range : {"--lambda-min 1e7 --lambda-max 1e8", "--lambda-min 1e8",
                                  "--lambda-max 0.0005", "--lambda-min 0.1 --lambda-max 0.1"}) {
    const Outcome outcome = run("train --data none -o m.safetensors --steps 1 " + range);
    EXPECT_EQ(outcome.status, 2) << range << ": " << outcome.err;
  }
}

// Small pictures of any size, in colours: trained on, drawn, compressed, decompressed.
TEST_F(Train, SmallPicturesOfAnySize) {
  for (const char* name : {"in/a.ppm", "in/b.ppm", "in/c.ppm"}) write_picture(name, 21, 13);
  const std::string train =
      "train --arch mnist --data in --batch 4 --latent 3 --steps 3 -j 1 -f -o m.safetensors ";
  for (const std::string network :
       {"--net dense --hidden 16,8 --activation relu --dropout 0.5 --distortion mse",
        "--width 4 --hidden 10"}) {
    const Outcome trained = run(train + network);
    ASSERT_EQ(trained.status, 0) << network << trained.err;
    EXPECT_EQ(run("sample -f -m m.safetensors -n 4 -o grid.ppm").status, 0);
    EXPECT_EQ(read("grid.ppm").substr(0, 8), "P6\n48 32") << network;
    EXPECT_EQ(run("sample -f -m m.safetensors --traverse in/a.ppm -n 3 -o rows.ppm").status, 0);
    EXPECT_EQ(read("rows.ppm").substr(0, 2), "P6");
    EXPECT_EQ(run("compress -f -m m.safetensors in/a.ppm -o a.vaec").status, 0);
    EXPECT_EQ(run("decompress -f -m m.safetensors a.vaec -o a.ppm").status, 0);
    EXPECT_EQ(read("a.ppm").substr(0, 8), "P6\n21 13");
  }
  // A resumed one is the training that it was, whatever is left unsaid.
  const std::string resume = "train --data in --steps 4 -j 1 --resume m.ckpt ";
  ASSERT_EQ(run(train + "--net dense --hidden 8 --activation relu --beta 2 --distortion mse").status, 0);
  for (const auto& [option, value] : {std::pair("--activation", "silu"),
                                      {"--net", "conv"},
                                      {"--hidden", "9"},
                                      {"--latent", "4"},
                                      {"--dropout", "0.5"},
                                      {"--beta", "1"},
                                      {"--distortion", "bce"},
                                      {"--arch", "photo"},
                                      {"--fold", "1/2"}}) {
    const Outcome refused = run(resume + option + " " + value);
    EXPECT_EQ(refused.status, 2) << option << refused.err;
    EXPECT_EQ(refused.err.rfind(std::string("vaec: ") + option + ": this training has ", 0), 0U)
        << refused.err;
  }
  EXPECT_EQ(run(resume).status, 0);
  EXPECT_NE(read("m.safetensors").find("\\\"activation\\\":\\\"relu\\\""), std::string::npos);
  const Outcome folded = run(train + "--fold 3/3");
  EXPECT_EQ(folded.status, 0) << folded.err;
  EXPECT_NE(read("m.safetensors").find("\\\"validation_images\\\":1"), std::string::npos);
  for (const std::string wrong : {"--fold 1/4", "--fold 1/1", "--fold 4/3", "--fold 1/3 --valid in"}) {
    EXPECT_EQ(run(train + wrong).status, 2) << wrong;
  }
  const std::string next =
      "train --arch mnist --data in --steps 1 -j 1 -f -o n.safetensors --init ./m.safetensors ";
  const Outcome other = run(next + "--width 8");
  EXPECT_EQ(other.status, 7) << other.err;
  EXPECT_EQ(run(next).status, 0);
  for (const std::string wrong :
       {"--hidden 16,0", "--hidden 4096,4096,4096", "--dropout 0.95", "--distortion ms-ssim", "--crop 64"}) {
    const Outcome refused = run(train + wrong);
    EXPECT_EQ(refused.status, 2) << wrong << refused.err;
  }
  for (const std::string wrong : {"--net dense", "--beta 2", "--distortion bce", "--distortion sharp",
                                  "--distortion mse,mse", "--distortion mse:0"}) {
    const Outcome refused = run("train --data in --steps 1 -f -o m.safetensors " + wrong);
    EXPECT_EQ(refused.status, 2) << wrong << refused.err;
  }
  write_picture("in/d.ppm", 65, 13);
  EXPECT_EQ(run(train).status, 3);
}

// Whatever becomes of the weights, that is no internal error.
TEST_F(Train, ALearningRateThatIsTooHighIsSaid) {
  write_picture("in/a.ppm", 128, 128);
  const Outcome outcome = run(std::string(kTrain) + "--steps 1 --lr 1e30");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("lower --lr"), std::string::npos) << outcome.err;
}

TEST_F(Train, HoldsBackEnoughToValidateOn) {
  write_picture("in/a.ppm", 128, 192);
  const std::string train =
      "train --batch 1 --crop 64 --latent 12 --channels 4,6,8 --precision fp32 -j 1 --steps 1 -o "
      "m.safetensors --data ";
  EXPECT_EQ(run(train + "in").status, 0);
  write_picture("small/a.ppm", 127, 127);
  const Outcome small = run(train + "small -f");
  EXPECT_EQ(small.status, 3);
  EXPECT_NE(small.err.find("--valid"), std::string::npos) << small.err;
}

}  // namespace
}  // namespace vaec::cli
