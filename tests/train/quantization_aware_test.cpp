// Training of g_s on the grid of the integer network.
#include <gtest/gtest.h>

#include <functional>

#include "failure.hpp"
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

  [[nodiscard]] Options on_grid(const std::string& name) const {
    auto o = options(name);
    o.latent = 0;
    o.sizes = {};
    o.init = folder_ / "init.safetensors";
    o.quantization_aware = true;
    o.keep = "last";
    o.steps = 6;
    o.burn_in = 0;
    return o;
  }

  using Training = TrainingOf<StoppingTask>;
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

// The grid goes along: found once more it would differ with the threads, the machine and the data.
TEST_F(QuantizationAwareTest, ResumesExactlyAndOnThatGrid) {
  const auto o = on_grid("whole");
  Training whole(o);
  whole.trainer->run();
  auto cut = on_grid("part");
  Training part(cut, 3);
  EXPECT_NE(failure(ErrorCode::kInterrupted, [&] { part.trainer->run(); }), "");
  clear_stop_request();
  Options rest;
  rest.data = cut.data;
  rest.output = folder_ / "rest.safetensors";
  rest.resume = folder_ / "part.ckpt";
  rest.steps = cut.steps;
  rest.progress = false;
  std::filesystem::remove(cut.init);
  Training resumed(rest);
  resumed.trainer->load_checkpoint(rest.resume);
  resumed.trainer->run();
  EXPECT_TRUE(torch::equal(whole.weights(), resumed.weights()));
  EXPECT_EQ(weights_of(o.output), weights_of(rest.output));

  rest.data = folder_ / "few.vpack";  // other crops are measured
  const Image grey{128, 128, 3, std::vector<std::uint8_t>(std::size_t{128} * 128 * 3, 90)};
  write_packed(rest.data, std::vector{grey});
  rest.overwrite = true;
  Training(rest).trainer->load_checkpoint(rest.resume);
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
