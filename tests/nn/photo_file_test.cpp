#include "nn/photo_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "failure.hpp"
#include "model/hyper_tensors.hpp"
#include "model/model_file.hpp"
#include "model/tables.hpp"
#include "model_files.hpp"
#include "temporary_folder.hpp"
#include "tiny_vae.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

class PhotoFile : public testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "photo.safetensors";
};

TEST_F(PhotoFile, LoadsWhatWasSaved) {
  auto vae = tiny_vae();
  save_photo(vae, file_, R"({"data":"made pictures"})");
  const auto file = model::SafeTensors::open(file_);
  auto m = trainable(file);
  EXPECT_EQ(m->config().to_json(), vae->config().to_json());
  EXPECT_EQ(model::load_tables(file, "tables.y", 1044).size(), 1044U);
  EXPECT_EQ(model::load_tables(file, "tables.z", entropy::kPredictedTables).size(), 78U);
  EXPECT_EQ(model::load_tables(file, "tables.lf", 3 * entropy::kPredictedTables).size(), 234U);
  EXPECT_TRUE(torch::allclose(m->analysis->linear->weight, vae->analysis->linear->weight, 1e-3, 1e-3));
  const auto before = vae->hyper_synthesis->quantized(), after = m->hyper_synthesis->quantized();
  for (const std::string part : model::kHyperParts) {
    EXPECT_TRUE(torch::equal(before.part(part).layers()[0].weight, after.part(part).layers()[0].weight));
  }
}

// A small file that says it is a large model is refused before anything of that size is made.
TEST_F(PhotoFile, RefusesSizesThatItsTensorsDoNotHave) {
  auto vae = tiny_vae();
  save_photo(vae, file_, "{}");
  const auto saved = model::SafeTensors::open(file_);
  const auto refused = [&](const auto& change) {
    auto config = vae->config();
    change(config);
    auto metadata = saved.metadata();
    metadata.at(model::kConfigKey) = config.to_json();
    const auto forged = folder_ / "forged.safetensors";
    model::write_safetensors(forged, saved.tensors(), metadata);
    return failure(ErrorCode::kModel,
                   [&] { static_cast<void>(trainable(model::SafeTensors::open(forged))); });
  };
  for (const auto side : {&model::PhotoConfig::analysis, &model::PhotoConfig::synthesis}) {
    EXPECT_NE(refused([&](model::PhotoConfig& config) {
                (config.*side).blocks = {16, 16, 16};
                (config.*side).channels = {1024, 1024, 1024};
              }).find("its configuration asks for "),
              std::string::npos);
  }
  EXPECT_NE(refused([](model::PhotoConfig& config) { config.hyper_width = 1024; }).find("asks for "),
            std::string::npos);
  EXPECT_NE(refused([](model::PhotoConfig& config) { config.context_width = 1024; }).find("h_s"),
            std::string::npos);
}

TEST_F(PhotoFile, HoldsTheContextOfItsLatents) {
  auto vae = tiny_vae();
  const auto statistics = tiny_statistics(vae);
  save_photo(vae, file_, "{}", &statistics);
  const auto file = model::SafeTensors::open(file_);
  const auto context = model::load_latent_context(file, vae->config());
  EXPECT_EQ(context.weights, statistics.context().weights);
  EXPECT_EQ(context.expected, statistics.context().expected);
  const auto tables = model::load_tables(file, "tables.y", 1044);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    EXPECT_EQ(tables[t].first(), statistics.tables()[t].first) << t;
    EXPECT_TRUE(std::ranges::equal(tables[t].frequencies(), statistics.tables()[t].frequencies)) << t;
  }
  const auto of_last = context.at(vae->config().levels - 1, vae->config().levels);
  EXPECT_EQ(of_last.weights.data() + of_last.weights.size(), context.weights.data() + context.weights.size());
}

TEST_F(PhotoFile, RefusesABrokenContext) {
  auto vae = tiny_vae();
  const auto statistics = tiny_statistics(vae);
  save_photo(vae, file_, "{}", &statistics);
  const auto file = model::SafeTensors::open(file_);
  for (const auto* name : {model::kContextWeights, model::kContextExpected}) {
    auto tensors = file.tensors();
    tensors.erase(name);
    model::write_safetensors(file_, tensors, file.metadata());
    EXPECT_THROW((void)model::load_latent_context(model::SafeTensors::open(file_), vae->config()), Error)
        << name;
  }
  for (const std::int32_t value : {-1, entropy::kMagnitudeMaximum * entropy::kMagnitudeUnit + 1}) {
    auto tensors = file.tensors();
    auto expected = statistics.context().expected;
    expected[63] = value;
    tensors[model::kContextExpected].data = std::as_bytes(std::span(expected));
    model::write_safetensors(file_, tensors, file.metadata());
    EXPECT_THROW((void)model::load_latent_context(model::SafeTensors::open(file_), vae->config()), Error)
        << value;
  }
}

TEST_F(PhotoFile, RefusesABrokenHyperPredictor) {
  auto vae = tiny_vae();
  save_photo(vae, file_, "{}");
  const auto file = model::SafeTensors::open(file_);
  const auto load = [&] { return model::load_hyper_tensors(model::SafeTensors::open(file_), vae->config()); };
  const auto sound = load();
  for (const auto* name : {model::kHyperMeans, model::kHyperExpected, model::kHyperWeights}) {
    auto tensors = file.tensors();
    tensors.erase(name);
    model::write_safetensors(file_, tensors, file.metadata());
    EXPECT_THROW((void)load(), Error) << name;
  }
  const auto expect_refused = [&](const char* name, std::vector<std::int32_t> values, std::int32_t wrong) {
    auto tensors = file.tensors();
    values.back() = wrong;
    tensors[name].data = std::as_bytes(std::span(values));
    model::write_safetensors(file_, tensors, file.metadata());
    EXPECT_THROW((void)load(), Error) << name << " " << wrong;
  };
  for (const std::int32_t wrong : {-2033, 2033}) expect_refused(model::kHyperMeans, sound.means, wrong);
  for (const std::int32_t wrong : {0, entropy::kHyperExpectedMaximum + 1})
    expect_refused(model::kHyperExpected, sound.expected, wrong);
}

TEST_F(PhotoFile, GoesOnTrainingFromWhatWasSaved) {
  auto vae = tiny_vae();
  save_photo(vae, file_, "{}");
  auto again = trainable(model::SafeTensors::open(file_));
  torch::manual_seed(2);
  const auto x = made_pictures(1, 64);
  const auto quality = torch::full({1}, 60.0F);
  const auto a = vae->forward(x, quality, std::nullopt), b = again->forward(x, quality, std::nullopt);
  EXPECT_NEAR(a.y_bits.item<double>(), b.y_bits.item<double>(), 0.02 * a.y_bits.item<double>());
  EXPECT_TRUE(torch::allclose(a.x_hat, b.x_hat, 0.02, 0.02));
  b.x_hat.sum().backward();
  EXPECT_TRUE(again->analysis->linear->weight.grad().defined());
}

TEST_F(PhotoFile, GrowsWithoutAnotherAnswer) {
  auto vae = tiny_vae();
  save_photo(vae, file_, "{}");
  const auto file = model::SafeTensors::open(file_);
  model::TransformSizes sizes;
  sizes.blocks = {2, 1, 3};
  sizes.analysis_blocks = {0, 2, 0};
  sizes.channels = {0, 12, 40};
  sizes.analysis_channels = {9, 0, 0};
  sizes.skip = true;
  auto same = trainable(file), grown = trainable(file, sizes);
  EXPECT_EQ(grown->config().analysis.blocks, (std::array<int, 3>{2, 2, 3}));
  EXPECT_EQ(grown->config().synthesis.blocks, (std::array<int, 3>{2, 1, 3}));
  EXPECT_EQ(grown->config().analysis.channels, (std::array<int, 3>{9, 12, 40}));
  EXPECT_EQ(grown->config().synthesis.channels,
            (std::array<int, 3>{tiny_config().synthesis.channels[0], 12, 40}));
  torch::manual_seed(2);
  const auto x = made_pictures(1, 64);
  const auto y = torch::randn({1, tiny_config().latent, 4, 4}) * 5;
  const auto plane = quality_plane(torch::full({1}, 60.0F), 4, 4);
  EXPECT_TRUE(torch::allclose(same->analysis(x), grown->analysis(x), 1e-5, 1e-5));
  EXPECT_TRUE(torch::allclose(same->synthesis(y, plane), grown->synthesis(y, plane), 1e-5, 1e-5));
  EXPECT_GT(grown->parameters().size(), same->parameters().size());
  save_photo(grown, file_, "{}");
  auto again = trainable(model::SafeTensors::open(file_));
  EXPECT_TRUE(again->config().synthesis.skip);
  EXPECT_TRUE(torch::allclose(grown->synthesis(y, plane), again->synthesis(y, plane), 1e-2, 1e-2));
}

TEST_F(PhotoFile, RefusesToShrink) {
  TwoLevelVae small(tiny_config());
  auto config = tiny_config();
  config.analysis.blocks[2] = 2;
  TwoLevelVae large(config);
  EXPECT_NO_THROW(large->analysis->grow_from(*small->analysis));
  try {
    small->analysis->grow_from(*large->analysis);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
  }
}

TEST_F(PhotoFile, NamesWhatIsMissing) {
  auto vae = tiny_vae();
  save_photo(vae, file_, "{}");
  const auto whole = model::SafeTensors::open(file_);
  auto tensors = whole.tensors();
  tensors.erase("h_s.context0.shift");
  const auto broken = file_.string() + ".broken.safetensors";
  model::write_safetensors(broken, tensors, whole.metadata());
  try {
    (void)trainable(model::SafeTensors::open(broken));
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_NE(std::string(error.what()).find("h_s.context0.shift"), std::string::npos) << error.what();
  }
  std::filesystem::remove(broken);
}

// Multiply-accumulates a pixel of the shipped architecture: the budget of the decoder.
double kernel_macs(const torch::Tensor& weight, double stride) {
  return static_cast<double>(weight.numel()) / (stride * stride);
}

void expect_within_budget(const model::PhotoConfig& config) {
  TwoLevelVae vae(config);
  // Where a layer's output positions stand, in pixels: by its place in the network.
  const auto count = [](const torch::nn::Module& module, const model::TransformConfig& sizes,
                        bool synthesis) {
    double macs = 0;
    std::vector<double> strides;
    for (int k = 0; k < 3; ++k) {
      const auto level = static_cast<std::size_t>(synthesis ? 2 - k : k);
      const double stride = level == 0 ? 4 : level == 1 ? 8 : 16;
      for (int b = 0; b < sizes.blocks[level]; ++b) strides.insert(strides.end(), 2, stride);
      if (k < 2) strides.push_back(synthesis ? stride : 2 * stride);
    }
    std::size_t next = 0;
    for (const auto& p : module.named_parameters()) {
      if (p.value().dim() != 4) continue;
      const auto& name = p.key();
      double stride = 16;
      if (name.starts_with("stages.")) {
        stride = strides.at(next++);
      } else if (name.starts_with(synthesis ? "last." : "stem.")) {
        stride = 4;
      }
      macs += kernel_macs(p.value(), stride);
    }
    EXPECT_EQ(next, strides.size());
    return macs;
  };
  const double g_s = count(*vae->synthesis, config.synthesis, true);
  const double g_a = count(*vae->analysis, config.analysis, false);
  double h_s = 0;
  for (const std::string part : model::kHyperParts) {
    double stride = part == "trunk" ? 64 : 16;
    for (const auto& s : model::hyper_synthesis_shape(config, part)) {
      h_s += static_cast<double>(s.in * s.out * s.kernel * s.kernel) / (stride * stride);
      stride /= static_cast<double>(s.upsample);
    }
  }
  testing::Test::RecordProperty("g_s_mac_per_pixel", std::to_string(g_s));
  testing::Test::RecordProperty("g_a_mac_per_pixel", std::to_string(g_a));
  testing::Test::RecordProperty("h_s_mac_per_pixel", std::to_string(h_s));
  EXPECT_LT(g_s, 20000);
  EXPECT_LT(g_a, 40000);
  EXPECT_LT(h_s, 3000);
  EXPECT_GT(g_s, 3000);
}

TEST(Budget, HoldsForTheDefaultSizes) { expect_within_budget(model::PhotoConfig{}); }

TEST(Budget, HoldsForTheShippedModel) {
  expect_within_budget(model::PhotoConfig::from_file(model::SafeTensors::open(kShippedModel)));
}

}  // namespace
}  // namespace vaec::nn
