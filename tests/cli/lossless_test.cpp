// compress --lossless and what follows.
#include <nlohmann/json.hpp>

#include "run_program.hpp"

namespace vaec::cli {
namespace {

using Lossless = CodingTest;

// As if no model were anywhere.
const std::string kNoModels = "VAEC_MODEL_PATH=/nowhere ";

TEST_F(Lossless, GivesTheSamePictureBackWithoutAModel) {
  write_picture("a.ppm", 150, 101);
  const auto packed = run("compress a.ppm --lossless --verify --json", kNoModels);
  ASSERT_EQ(packed.status, 0) << packed.err;
  EXPECT_TRUE(nlohmann::json::parse(packed.out).at("lossless").get<bool>());
  ASSERT_EQ(run("decompress a.vaec -o b.ppm", kNoModels).status, 0);
  EXPECT_EQ(read("a.ppm"), read("b.ppm"));
  EXPECT_EQ(run("compress a.ppm --lossless --skip-existing", kNoModels).status, 0);
}

TEST_F(Lossless, ARegionIsAPartOfTheWhole) {
  write_picture("a.ppm", 150, 101);
  ASSERT_EQ(run("compress a.ppm --lossless").status, 0);
  ASSERT_EQ(run("decompress a.vaec -o part.ppm --region 10,20,5,1").status, 0);
  const std::string whole = read("a.ppm"), part = read("part.ppm");
  ASSERT_EQ(part.substr(0, 11), "P6\n5 1\n255\n");
  EXPECT_EQ(part.substr(11), whole.substr(whole.size() - 3 * (150 * 101 - 20 * 150 - 10), 15));
}

TEST_F(Lossless, InfoSaysSoAndChecks) {
  write_picture("a.ppm", 40, 30);
  ASSERT_EQ(run("compress a.ppm --lossless").status, 0);
  const auto told = run("info a.vaec --check --json", kNoModels);
  ASSERT_EQ(told.status, 0) << told.err;
  const auto object = nlohmann::json::parse(told.out);
  EXPECT_EQ(object.at("profile"), "lossless");
  EXPECT_TRUE(object.at("lossless").get<bool>());
  EXPECT_TRUE(object.at("quality").is_null());
  EXPECT_TRUE(object.at("model_id").is_null());
  EXPECT_GT(object.at("sections").at("pixels").get<int>(), 0);
}

TEST_F(Lossless, RefusesWhatItDoesNotGoWith) {
  write_picture("a.ppm", 40, 30);
  for (const char* other : {"-q 50", "-e 3", "-m photo", "--target-bpp 1", "--target-size 1000",
                            "--target-psnr 40", "--target-ssimulacra2 80"}) {
    const auto outcome = run(std::string("compress a.ppm --lossless ") + other);
    EXPECT_EQ(outcome.status, 2) << other;
    EXPECT_NE(outcome.err.find("--lossless"), std::string::npos) << outcome.err;
  }
  EXPECT_FALSE(exists("a.vaec"));
}

TEST_F(Lossless, DamageIsTold) {
  write_picture("a.ppm", 40, 30);
  ASSERT_EQ(run("compress a.ppm --lossless").status, 0);
  std::string file = read("a.vaec");
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 1);
  write("a.vaec", file);
  EXPECT_EQ(run("decompress a.vaec -o b.ppm").status, 4);
  EXPECT_FALSE(exists("b.ppm"));
}

}  // namespace
}  // namespace vaec::cli
