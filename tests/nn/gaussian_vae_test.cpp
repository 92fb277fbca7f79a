#include "nn/gaussian_vae.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "failure.hpp"
#include "model/model_file.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "nn/latent_grid.hpp"
#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

GaussianVae small_vae(int rows = 8, int columns = 12) {
  torch::manual_seed(1);
  GaussianVaeConfig config;
  config.rows = rows, config.columns = columns, config.latent = 5, config.channels = 4;
  return GaussianVae(config);
}

// Of every kind: sides that are no multiples of 4, colours, dense layers, none of them, dropout.
std::vector<GaussianVaeConfig> kinds() {
  GaussianVaeConfig odd;
  odd.rows = 7, odd.columns = 5, odd.latent = 3, odd.channels = 2, odd.hidden = {6};
  auto rgb = odd;
  rgb.colours = 3, rgb.rows = 1, rgb.hidden = {};
  auto dense = odd;
  dense.net = Net::kDense, dense.hidden = {9, 4}, dense.activation = Activation::kTanh, dense.dropout = 0.5;
  auto linear = rgb;
  linear.net = Net::kDense;
  return {odd, rgb, dense, linear};
}

TEST(GaussianVae, EveryKindHasItsShapes) {
  for (const auto& config : kinds()) {
    check_config(config);
    EXPECT_EQ(parse_gaussian_vae_config(to_json(config)), config);
    GaussianVae vae(config);
    const auto x = torch::rand({2, config.colours, config.rows, config.columns});
    const auto mu = vae->encode(x).first;
    EXPECT_EQ(mu.sizes(), (std::vector<std::int64_t>{2, config.latent})) << to_json(config);
    EXPECT_EQ(vae->decode(mu).sizes(), x.sizes()) << to_json(config);
  }
}

// The textbook's 784-128-64-16, there and back.
TEST(GaussianVae, DenseLayersAreMirrored) {
  GaussianVaeConfig config;
  config.net = Net::kDense, config.hidden = {128, 64}, config.latent = 16;
  std::vector<std::vector<std::int64_t>> shapes;
  for (const auto& p : GaussianVae(config)->parameters()) {
    if (p.dim() == 2) shapes.push_back(p.sizes().vec());
  }
  std::sort(shapes.begin(), shapes.end());
  EXPECT_EQ(shapes, (std::vector<std::vector<std::int64_t>>{
                        {32, 64}, {64, 16}, {64, 128}, {128, 64}, {128, 784}, {784, 128}}));
}

TEST(GaussianVae, DropoutLeavesOutWhatItIsTold) {
  auto config = kinds()[2];
  torch::manual_seed(1);
  GaussianVae vae(config);
  ASSERT_EQ(vae->dropped_units(), 26);
  const torch::NoGradGuard no_grad;
  const auto x = torch::rand({2, 1, 7, 5});
  const auto mu = vae->encode(x).first, logits = vae->decode(mu);
  vae->set_dropout(torch::ones({2, 26}));
  EXPECT_TRUE(torch::equal(vae->encode(x).first, mu));
  // Without the last hidden layer of the second picture its mean is what no picture says.
  auto factors = torch::ones({2, 26});
  factors[1].narrow(0, 9, 4).zero_();
  vae->set_dropout(factors);
  const auto dropped = vae->encode(x).first;
  EXPECT_TRUE(torch::equal(dropped[0], mu[0]));
  EXPECT_TRUE(torch::equal(dropped[1], vae->named_parameters()["posterior.bias"].slice(0, 0, 3)));
  EXPECT_TRUE(torch::equal(vae->decode(mu), logits));
  // The decoder's layers come behind the encoder's, the one next to the latent first.
  factors.fill_(1).narrow(1, 13, 4).zero_();
  vae->set_dropout(factors);
  EXPECT_TRUE(torch::equal(vae->encode(x).first, mu));
  EXPECT_TRUE(torch::equal(vae->decode(mu)[0], vae->decode(torch::zeros_like(mu))[0]));
  EXPECT_FALSE(torch::equal(vae->decode(mu), logits));
  vae->set_dropout({});
  EXPECT_TRUE(torch::equal(vae->decode(mu), logits));
}

TEST(GaussianVae, Shapes) {
  auto vae = small_vae();
  const auto x = torch::rand({3, 1, 8, 12});
  const auto [mu, log_var] = vae->encode(x);
  EXPECT_EQ(mu.sizes(), (std::vector<std::int64_t>{3, 5}));
  EXPECT_EQ(log_var.sizes(), mu.sizes());
  EXPECT_EQ(vae->decode(mu).sizes(), x.sizes());
  const auto bytes = to_bytes(torch::tensor({-1e30F, 0.0F, 1e30F, std::nanf("")}));
  EXPECT_EQ(bytes.scalar_type(), torch::kUInt8);
  EXPECT_EQ(bytes[0].item<int>(), 0);
  EXPECT_EQ(bytes[1].item<int>(), 128);
  EXPECT_EQ(bytes[2].item<int>(), 255);
}

// The terms against their definitions, written out in double precision.
TEST(GaussianVae, ElboTermsByHand) {
  const auto x = torch::tensor({0.0, 0.25, 1.0}, torch::kFloat64).view({1, 1, 1, 3});
  const auto logits = torch::tensor({-1.0, 0.5, 2.0}, torch::kFloat64).view({1, 1, 1, 3});
  const auto mu = torch::tensor({{0.5, -2.0}}, torch::kFloat64);
  const auto log_var = torch::tensor({{0.0, -1.0}}, torch::kFloat64);
  double bce = 0, kl = 0;
  for (int i = 0; i < 3; ++i) {
    const double p = 1 / (1 + std::exp(-logits.flatten()[i].item<double>())),
                 t = x.flatten()[i].item<double>();
    bce -= t * std::log(p) + (1 - t) * std::log(1 - p);
  }
  for (int i = 0; i < 2; ++i) {
    const double m = mu[0][i].item<double>(), v = std::exp(log_var[0][i].item<double>());
    kl += 0.5 * (m * m + v - 1 - std::log(v));
  }
  const auto terms = elbo_terms(x, logits, mu, log_var);
  EXPECT_NEAR(terms.bce[0].item<double>(), bce, 1e-12);
  EXPECT_NEAR(terms.kl[0].item<double>(), kl, 1e-12);
}

// The gradient of the whole loss, through sampling, encoder and decoder, against central differences.
void check_gradient(GaussianVae vae) {
  vae->to(torch::kFloat64);
  const auto& config = vae->config();
  const auto x = torch::rand({2, config.colours, config.rows, config.columns}, torch::kFloat64);
  const auto noise = torch::randn({2, config.latent}, torch::kFloat64);
  if (vae->dropped_units() > 0) {
    vae->set_dropout(2 * torch::randint(2, {2, vae->dropped_units()}, torch::kFloat64));
  }
  const auto loss = [&] {
    const auto [mu, log_var] = vae->encode(x);
    const auto terms = elbo_terms(x, vae->decode(mu + (0.5 * log_var).exp() * noise), mu, log_var);
    return (terms.bce + 0.7 * terms.kl).mean();
  };
  loss().backward();
  constexpr double kDelta = 1e-5;
  for (const auto& parameter : vae->named_parameters()) {
    auto values = parameter.value().data().view(-1);
    const auto gradient = parameter.value().grad().view(-1)[0].item<double>();
    const double before = values[0].item<double>();
    values[0] = before + kDelta;
    const double above = loss().item<double>();
    values[0] = before - kDelta;
    const double below = loss().item<double>();
    values[0] = before;
    EXPECT_NEAR(gradient, (above - below) / (2 * kDelta), 1e-6) << parameter.key() << " " << to_json(config);
  }
}

TEST(GaussianVae, GradientOfTheLoss) {
  check_gradient(small_vae(4, 4));
  for (const auto& config : kinds()) check_gradient(GaussianVae(config));
}

TEST(GaussianVae, KeptLatentsComputeTheSame) {
  auto vae = small_vae();
  auto kept = keep_latents(vae, {1, 4});
  EXPECT_EQ(kept->config().latent, 2);
  const torch::NoGradGuard no_grad;
  const auto x = torch::rand({3, 1, 8, 12});
  const auto [mu, log_var] = vae->encode(x);
  const auto [kept_mu, kept_log_var] = kept->encode(x);
  const auto which = torch::tensor({1, 4});
  EXPECT_TRUE(torch::allclose(kept_mu, mu.index_select(1, which)));
  EXPECT_TRUE(torch::allclose(kept_log_var, log_var.index_select(1, which)));
  auto z = torch::zeros({3, 5});
  z.index_copy_(1, which, kept_mu);
  EXPECT_TRUE(torch::allclose(kept->decode(kept_mu), vae->decode(z), 1e-5, 1e-6));
}

TEST(GaussianVaeFile, RoundTrip) {
  const TemporaryFolder folder;
  const auto path = folder / "mnist.safetensors";
  auto vae = small_vae();
  save_gaussian_vae(path, vae, LatentGrid::make(), R"({"steps": 1})");
  const auto file = model::SafeTensors::open(path);
  EXPECT_EQ(model::architecture(file), "mnist");
  EXPECT_EQ(file.metadata().at(model::kCardKey), R"({"steps": 1})");
  auto loaded = load_gaussian_vae(file);
  EXPECT_EQ(loaded.vae->config().columns, 12);
  const torch::NoGradGuard no_grad;
  const auto x = torch::rand({2, 1, 8, 12});
  EXPECT_TRUE(torch::equal(loaded.vae->encode(x).first, vae->encode(x).first));
  EXPECT_TRUE(torch::equal(loaded.vae->decode(torch::ones({2, 5})), vae->decode(torch::ones({2, 5}))));
}

// Writes the tiny model with something changed, and reads it again.
std::string load_failure(const std::function<void(std::map<std::string, model::TensorView>&,
                                                  std::map<std::string, std::string>&)>& change) {
  const TemporaryFolder folder;
  const auto path = folder / "mnist.safetensors";
  save_gaussian_vae(path, small_vae(), LatentGrid::make(), "{}");
  const auto file = model::SafeTensors::open(path);
  auto tensors = file.tensors();
  auto metadata = file.metadata();
  change(tensors, metadata);
  model::write_safetensors(path, tensors, metadata);
  const auto message = failure(ErrorCode::kModel,
                               [&] { static_cast<void>(load_gaussian_vae(model::SafeTensors::open(path))); });
  return message;
}

TEST(GaussianVaeFile, RefusesForgedModels) {
  static const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> bad(5 * 256);
  EXPECT_NE(
      load_failure([](auto& tensors, auto&) { tensors.erase("posterior.bias"); }).find("'posterior.bias'"),
      std::string::npos);
  EXPECT_NE(load_failure([](auto& tensors, auto&) {
              tensors["extra"] = {model::DType::kU8, {0}, {}};
            }).find("tensors"),
            std::string::npos);
  const auto reshape = [](auto& tensors, auto&) { tensors["posterior.bias"].shape = {5, 2}; };
  EXPECT_NE(load_failure(reshape).find("[10]"), std::string::npos);
  EXPECT_NE(load_failure([&](auto& tensors, auto&) {
              bad[17] = nan;
              tensors["latent_in.weight"].data = std::as_bytes(std::span(bad));
            }).find("not finite"),
            std::string::npos);
  EXPECT_NE(load_failure([](auto&, auto& metadata) {
              metadata[model::kArchitectureKey] = "photo";
            }).find("'photo'"),
            std::string::npos);
  const auto config = [](const std::string& text) {
    return load_failure([&](auto&, auto& metadata) { metadata[model::kConfigKey] = text; });
  };
  EXPECT_NE(config("{").find("is not JSON"), std::string::npos);
  EXPECT_NE(config("[1]").find("no JSON object"), std::string::npos);
  EXPECT_NE(
      config(R"({"rows":)" + std::string(30000, '[') + std::string(30000, ']') + "}").find("nests deeper"),
      std::string::npos);
  EXPECT_NE(config(std::string(100000, ' ') + "{}").find("at most 65536"), std::string::npos);
  const auto full = nlohmann::json::parse(to_json(GaussianVaeConfig{}));
  for (const auto& [name, value] : full.items()) {
    auto without = full;
    without.erase(name);
    if (name == "dropout") {  // training alone needs it
      EXPECT_EQ(config(without.dump()).find(name), std::string::npos);
      continue;
    }
    EXPECT_NE(config(without.dump()).find("'" + name + "' is missing"), std::string::npos) << name;
  }
  const auto changed = [&](const std::string& member) {
    auto object = full;
    object.update(nlohmann::json::parse("{" + member + "}"));
    return config(object.dump());
  };
  EXPECT_NE(changed(R"("rows":65)").find("'rows' is 65"), std::string::npos);
  for (const char* wrong :
       {R"("colours":2)", R"("hidden":[0])", R"("hidden":[5000])", R"("hidden":[1,1,1,1,1,1,1,1,1])",
        R"("hidden":7)", R"("hidden":["7"])", R"("hidden":[4096,4096,4096])", R"("net":"deep")", R"("net":1)",
        R"("activation":"gelu")", R"("dropout":1)", R"("dropout":"0")", R"("dropout":-0.1)"}) {
    EXPECT_NE(changed(wrong).find("model config: "), std::string::npos) << wrong;
  }
  EXPECT_NE(changed(R"("latent":1e9)").find("'latent'"), std::string::npos);
  EXPECT_NE(changed(R"("latent":1000000000)").find("1000000000"), std::string::npos);
  EXPECT_NE(changed(R"("channels":8)").find("expected F32"), std::string::npos);
}

TEST(LatentGrid, RefusesForgedTables) {
  std::vector<float> steps(100, 1.0F);
  steps[50] = -1;
  EXPECT_NE(load_failure([&](auto& tensors, auto&) {
              tensors["latent.step"].data = std::as_bytes(std::span(steps));
            }).find("step"),
            std::string::npos);
  std::vector<std::int32_t> sizes(100, 2);
  const auto with_sizes = [&] {
    return load_failure(
        [&](auto& tensors, auto&) { tensors["latent.table_size"].data = std::as_bytes(std::span(sizes)); });
  };
  EXPECT_NE(with_sizes().find("latent.table_frequencies"), std::string::npos);
  sizes[0] = -5;
  EXPECT_FALSE(with_sizes().empty());
  std::vector<std::uint16_t> zeros;
  EXPECT_FALSE(load_failure([&](auto& tensors, auto&) {
                 auto& view = tensors["latent.table_frequencies"];
                 zeros.assign(view.data.size() / 2, 0);
                 view.data = std::as_bytes(std::span(zeros));
               }).empty());
}

TEST(LatentGrid, CodesWhatItQuantizes) {
  const auto grid = LatentGrid::make();
  EXPECT_FLOAT_EQ(grid.step(1), 2.0F);
  EXPECT_FLOAT_EQ(grid.step(100), 0.06F);
  const std::vector<float> mu{0, 1, -1, 3.3F, -40, 1e30F, std::nanf("")};
  for (const int quality : {1, 2, 50, 99, 100}) {
    const auto symbols = grid.quantize(mu, quality);
    EXPECT_EQ(symbols[6], 0);
    EXPECT_EQ(symbols[5], entropy::FrequencyTable::kMaxMagnitude);
    EXPECT_EQ(grid.decode(grid.encode(symbols, quality), mu.size(), quality), symbols);
    const auto z = grid.dequantize(symbols, quality);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(z[i], mu[i], grid.step(quality) / 2 + 1e-6);
  }
  const auto stream = grid.encode(grid.quantize(mu, 50), 50);
  failure(ErrorCode::kCorrupt, [&] { static_cast<void>(grid.decode(stream, mu.size() - 2, 50)); });
}

}  // namespace
}  // namespace vaec::nn
