#include "model/photo_config.hpp"

#include <gtest/gtest.h>

#include <string>

#include "vaec/error.hpp"

namespace vaec::model {
namespace {

TEST(PhotoConfig, SurvivesJson) {
  PhotoConfig config;
  config.latent = 17;
  config.synthesis.blocks = {0, 2, 3};
  const auto again = PhotoConfig::from_json(config.to_json());
  EXPECT_EQ(again.to_json(), config.to_json());
  EXPECT_EQ(again.latent, 17);
}

TEST(PhotoConfig, RefusesNonsense) {
  for (const std::string text : {"", "[]", "{}", R"({"latent":-1})"}) {
    EXPECT_THROW((void)PhotoConfig::from_json(text), Error) << text;
  }
  auto text = PhotoConfig().to_json();
  text.replace(text.find("\"latent\":320"), 12, "\"latent\":1e9");
  EXPECT_THROW((void)PhotoConfig::from_json(text), Error);
}

// What a newer vaec writes: members and distortions of its own do no harm, another version is refused.
TEST(PhotoConfig, ReadsWhatNewerOnesAdd) {
  auto text = PhotoConfig().to_json();
  text.insert(1, R"("mood":"good",)");
  const auto at = text.find(R"("mse")");
  text.replace(at, 5, R"("dists:2")");
  const auto config = PhotoConfig::from_json(text);
  EXPECT_FALSE(config.distortion.is_known());
  EXPECT_FALSE(config.distortion.is_mse());
  EXPECT_EQ(config.latent, PhotoConfig().latent);

  text.insert(1, R"("version":1,)");
  (void)PhotoConfig::from_json(text);
  text.replace(text.find(R"("version":1)"), 11, R"("version":2)");
  EXPECT_THROW((void)PhotoConfig::from_json(text), Error);
}

// The message names the value: to print one of this depth would overflow the stack.
TEST(PhotoConfig, RefusesWhatNestsDeeply) {
  auto text = PhotoConfig().to_json();
  text.replace(text.find("\"latent\":320"), 12,
               "\"latent\":" + std::string(30000, '[') + std::string(30000, ']'));
  for (const std::string& config : {text, text + std::string(70000, ' ')}) {
    try {
      (void)PhotoConfig::from_json(config);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      EXPECT_LT(std::string(error.what()).size(), 200U);
    }
  }
}

TEST(PhotoConfig, LevelsAreTheNearestAnchors) {
  EXPECT_EQ(nearest_level(1, 8), 0);
  EXPECT_EQ(nearest_level(8, 8), 0);   // 0.495
  EXPECT_EQ(nearest_level(9, 8), 1);   // 0.566
  EXPECT_EQ(nearest_level(50, 8), 3);  // 3.46
  EXPECT_EQ(nearest_level(100, 8), 7);
}

}  // namespace
}  // namespace vaec::model
