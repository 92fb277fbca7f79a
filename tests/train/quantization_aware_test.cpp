// Training of g_s on the grid of the integer network.
#include <gtest/gtest.h>

#include <optional>

#include "failure.hpp"
#include "nn/photo_file.hpp"
#include "nn/two_level_vae.hpp"
#include "train/trainer_fixture.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

class QuantizationAwareTest : public TrainerTest {
 protected:
  void SetUp() override {
    TrainerTest::SetUp();
    write_model("init", 1);
  }

  void write_model(const std::string& name, std::uint64_t seed) const {
    torch::manual_seed(seed);
    model::PhotoConfig config;
    config.latent = 12;
    config.set(options("").sizes);
    nn::TwoLevelVae vae(config);
    vae->set_closed_form(torch::upsample_bilinear2d(torch::rand({2000, 3, 2, 2}), {16, 16}, false));
    nn::save_photo(vae, folder_ / (name + ".safetensors"), "{}");
  }

  [[nodiscard]] Options on_grid(const std::string& name) const {
    auto o = options(name);
    o.latent = 0;
    o.sizes = {};
    o.init = folder_ / "init.safetensors";
    o.quantization_aware = true;
    o.keep = "last";
    o.steps = 6;
    return o;
  }

  struct Training {
    explicit Training(const Options& options, int stop = 0) : workers(1) {
      torch::manual_seed(options.seed);
      auto made = std::make_unique<StoppingTask>(make_photo_task(options, torch::kCPU, workers), stop);
      task = made.get();
      trainer.emplace(options, std::move(made), workers);
    }
    [[nodiscard]] torch::Tensor weights() const {
      std::vector<torch::Tensor> flat;
      for (const auto& p : task->module().parameters()) flat.push_back(p.detach().flatten());
      return torch::cat(flat);
    }

    Workers workers;
    Task* task = nullptr;
    std::optional<Trainer> trainer;
  };
};

TEST_F(QuantizationAwareTest, TrainsAllWeights) {
  auto o = on_grid("a");
  o.learning_rate = 1e-2;
  run(o);
  const auto before = weights_of(folder_ / "init.safetensors"), after = weights_of(folder_ / "a.safetensors");
  for (const auto* name : {"integer_g_s.stages.0.first.weight", "integer_g_s.stages.1.weight",
                           "integer_g_s.last.weight", "g_s.stages.0.second.weight", "g_a.stem.weight"}) {
    EXPECT_NE(after.at(name), before.at(name)) << name;
  }
}

TEST_F(QuantizationAwareTest, ResumesExactlyAndOnThatGridAlone) {
  const auto o = on_grid("whole");
  Training whole(o);
  whole.trainer->run();
  auto cut = on_grid("part");
  Training part(cut, 3);
  EXPECT_NE(failure(ErrorCode::kInterrupted, [&] { part.trainer->run(); }), "");
  clear_stop_request();
  cut.resume = folder_ / "part.ckpt";
  Training resumed(cut);
  resumed.trainer->load_checkpoint(cut.resume);
  resumed.trainer->run();
  EXPECT_TRUE(torch::equal(whole.weights(), resumed.weights()));

  const auto refusal = [&](const Options& options) {
    Training training(options);
    return failure(ErrorCode::kModel, [&] { training.trainer->load_checkpoint(cut.resume); });
  };
  auto without = cut;
  without.quantization_aware = false;
  EXPECT_NE(refusal(without).find("not what it was"), std::string::npos);
  write_model("other", 2);
  cut.init = folder_ / "other.safetensors";
  EXPECT_NE(refusal(cut).find("--init"), std::string::npos);
}

TEST_F(QuantizationAwareTest, RefusesWhatItCannotGoWith) {
  const auto refused = [&](const char* what, const std::function<void(Options&)>& change) {
    auto o = on_grid("a");
    o.data = folder_ / "none.vpack";  // told before the data are looked at
    change(o);
    const auto said = failure(ErrorCode::kUsage, [&] { run(o); });
    EXPECT_NE(said.find(what), std::string::npos) << said;
  };
  refused("--init", [](Options& o) { o.init.clear(); });
  refused("mnist", [](Options& o) { o.architecture = "mnist"; });
  refused("entropy", [](Options& o) { o.only = "entropy"; });
}

}  // namespace
}  // namespace vaec::train
