#include "train/dataset.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "failure.hpp"
#include "temporary_folder.hpp"
#include "train/image_reader.hpp"
#include "train/packed.hpp"
#include "train/write_packed.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

namespace fs = std::filesystem;

Image image_of(std::uint32_t width, std::uint32_t height, std::uint32_t channels, std::uint8_t value) {
  return {width, height, channels, std::vector<std::uint8_t>(std::size_t{width} * height * channels, value)};
}

class DatasetTest : public testing::Test {
 protected:
  void TearDown() override { set_image_io({}); }

  // `count` images of 4x8 pixels of one value.
  void write_idx(const std::string& name, std::uint8_t count, char value) const {
    std::ofstream out(folder_ / name, std::ios::binary);
    const char header[16] = {0, 0, 8, 3, 0, 0, 0, static_cast<char>(count), 0, 0, 0, 8, 0, 0, 0, 4};
    out.write(header, sizeof header);
    out << std::string(std::size_t{count} * 32, value);
  }

  // A reader for "pictures" that hold one byte: an 8x4 picture of that value; an empty one is damaged.
  static void set_fake_reader() {
    set_image_io({[](const fs::path& file) {
                    const auto bytes = contents(file);
                    if (bytes.empty()) throw Error(ErrorCode::kUnreadable, file.string() + ": damaged");
                    return image_of(8, 4, 3, static_cast<std::uint8_t>(bytes[0]));
                  },
                  {},
                  {}});
  }

  void write_picture_file(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
  }

  const TemporaryFolder folder_;
};

TEST_F(DatasetTest, IdxFoldersHaveSplits) {
  write_idx("train-images-idx3-ubyte", 3, 'a');
  EXPECT_FALSE(has_test_split(folder_.path()));
  EXPECT_NE(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(load_dataset(folder_.path(), false)); })
                .find("test images"),
            std::string::npos);
  write_idx("t10k-images-idx3-ubyte", 2, 'b');
  std::ofstream(folder_ / "train-labels-idx1-ubyte") << "ignored";
  EXPECT_TRUE(has_test_split(folder_.path()));
  const auto train = load_dataset(folder_.path()), test = load_dataset(folder_.path(), false);
  ASSERT_EQ(train.images.size(), 3U);
  ASSERT_EQ(test.images.size(), 2U);
  EXPECT_EQ(train.images[2].sizes(), (std::vector<std::int64_t>{8, 4, 1}));
  EXPECT_TRUE(train.images[2].is_contiguous());
  EXPECT_EQ(train.images[2].min().item<int>(), 'a');
  EXPECT_EQ(test.images[1].max().item<int>(), 'b');
  EXPECT_EQ(train.description, "3 images, 0.0 MP, from " + folder_.path().filename().string());
  EXPECT_EQ(load_dataset(folder_ / "t10k-images-idx3-ubyte").images.size(), 2U);
}

TEST_F(DatasetTest, PackedRoundTrip) {
  const std::vector<Image> images{image_of(3, 2, 3, 7), image_of(1, 5, 1, 9)};
  const auto file = folder_ / "set.vpack";
  write_packed(file, images);
  const auto dataset = load_dataset(file);
  ASSERT_EQ(dataset.images.size(), 2U);
  EXPECT_EQ(dataset.images[0].sizes(), (std::vector<std::int64_t>{2, 3, 3}));
  EXPECT_EQ(dataset.images[1].sizes(), (std::vector<std::int64_t>{5, 1, 1}));
  EXPECT_EQ(dataset.images[0].min().item<int>(), 7);
  EXPECT_EQ(dataset.images[1].max().item<int>(), 9);
  EXPECT_EQ(load_dataset(folder_.path()).images.size(), 2U);
}

TEST_F(DatasetTest, PackedRefusesForgedBytes) {
  const std::vector<Image> images{image_of(3, 2, 3, 7), image_of(1, 5, 1, 9)};
  write_packed(folder_ / "set.vpack", images);
  const auto text = contents(folder_ / "set.vpack");
  const auto view = std::as_bytes(std::span(text));
  const std::vector<std::byte> whole(view.begin(), view.end());
  const auto refused = [&](std::vector<std::byte> bytes) {
    return failure(ErrorCode::kUnreadable, [&] { static_cast<void>(parse_packed(bytes)); });
  };
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(refused({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty()) << size;
  }
  const auto changed = [&](std::size_t at, std::initializer_list<int> values) {
    auto bytes = whole;
    for (const int value : values) bytes[at++] = static_cast<std::byte>(value);
    return refused(bytes);
  };
  EXPECT_NE(changed(0, {'X'}).find("VPCK"), std::string::npos);
  EXPECT_NE(changed(4, {2}).find("version 2"), std::string::npos);
  EXPECT_NE(changed(8, {255, 255, 255, 255}).find("4294967295 images cannot stand"), std::string::npos);
  EXPECT_NE(changed(12, {0}).find("0x2"), std::string::npos);
  EXPECT_NE(changed(20, {2}).find("2 channels"), std::string::npos);
  EXPECT_NE(changed(12, {255, 255, 255, 255, 255, 255, 255, 255}).find("truncated"), std::string::npos);
  auto longer = whole;
  longer.emplace_back();
  EXPECT_NE(refused(longer).find("1 bytes after its last image"), std::string::npos);
}

TEST_F(DatasetTest, FoldersOfPicturesInSortedOrderWithoutTheDamaged) {
  set_fake_reader();
  write_picture_file("b.PNG", "2");
  write_picture_file("a/z.jpeg", "1");
  write_picture_file("c.png", "");
  write_picture_file("notes.txt", "no picture");
  const auto dataset = load_dataset(folder_.path());
  ASSERT_EQ(dataset.images.size(), 2U);
  EXPECT_EQ(dataset.images[0].max().item<int>(), '1');
  EXPECT_EQ(dataset.images[1].max().item<int>(), '2');
  EXPECT_EQ(dataset.images[0].sizes(), (std::vector<std::int64_t>{4, 8, 3}));
}

// As compress does: by content where the program can tell it, else by any picture format's name.
TEST_F(DatasetTest, PicturesOfAnyFormatAreTakenAndTheOthersTold) {
  set_fake_reader();
  for (const char* name : {"a.heic", "b.GIF", "c.avif", "d.jxl", "e"}) write_picture_file(name, "1");
  EXPECT_EQ(load_dataset(folder_.path()).images.size(), 4U);
  set_image_io({[](const fs::path&) { return image_of(8, 4, 3, 1); },
                {},
                [](const fs::path& file) { return file.filename() == "e"; }});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(load_dataset(folder_.path()).images.size(), 1U);
  spdlog::default_logger()->flush();
  const auto told = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  EXPECT_NE(told.find("4 file(s) left out that are no pictures: "), std::string::npos) << told;
  EXPECT_NE(told.find("a.heic"), std::string::npos) << told;
}

TEST_F(DatasetTest, PicturesAreReadByAsManyThreadsAsAreAllowed) {
  std::mutex mutex;
  std::set<std::thread::id> readers;
  set_image_io({[&](const fs::path&) {
                  std::this_thread::sleep_for(std::chrono::milliseconds(2));
                  const std::lock_guard lock(mutex);
                  readers.insert(std::this_thread::get_id());
                  return image_of(8, 4, 3, 1);
                },
                {},
                {}});
  for (int i = 0; i < 30; ++i) write_picture_file(std::to_string(i) + ".png", "1");
  EXPECT_EQ(load_dataset(folder_.path(), true, 1).images.size(), 30U);
  EXPECT_EQ(readers.size(), 1U);
  readers.clear();
  EXPECT_EQ(load_dataset(folder_.path(), true, 3).images.size(), 30U);
  EXPECT_EQ(readers.size(), 3U);
}

TEST_F(DatasetTest, NothingReadableIsAnError) {
  EXPECT_NE(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(load_dataset(folder_.path())); })
                .find("no image"),
            std::string::npos);
  EXPECT_NE(failure(ErrorCode::kUnreadable, [] { static_cast<void>(load_dataset("/nowhere")); })
                .find("no such file"),
            std::string::npos);
  write_picture_file("a.png", "1");
  EXPECT_FALSE(failure(ErrorCode::kUnreadable, [&] {
                 static_cast<void>(load_dataset(folder_.path()));
               }).empty());  // no reader was set
}

// Each image is in one fold, and all folds are as large as they can be equally.
TEST_F(DatasetTest, FoldsShareOutTheImages) {
  auto times = torch::zeros({17}, torch::kInt64);
  for (int fold = 1; fold <= 5; ++fold) {
    const auto chosen = fold_of(17, fold, 5);
    EXPECT_TRUE(torch::equal(chosen, fold_of(17, fold, 5)));
    EXPECT_EQ(chosen.sum().item<int>(), fold <= 2 ? 4 : 3);
    times += chosen;
  }
  EXPECT_TRUE(torch::equal(times, torch::ones({17}, torch::kInt64)));
  // Not one behind the other: a folder may be sorted by class.
  EXPECT_GT(fold_of(100, 1, 2).slice(0, 0, 50).sum().item<int>(), 10);
  EXPECT_GT(fold_of(100, 1, 2).slice(0, 50).sum().item<int>(), 10);
  EXPECT_FALSE(torch::equal(fold_of(100, 1, 2).slice(0, 0, 50), fold_of(100, 1, 2).slice(0, 50)));
  EXPECT_NE(failure(ErrorCode::kUsage, [] { static_cast<void>(fold_of(4, 1, 5)); }).find("4 images"),
            std::string::npos);
}

TEST_F(DatasetTest, StacksSmallImages) {
  Dataset dataset;
  const auto grey = torch::full({7, 5, 1}, 50, torch::kUInt8);
  dataset.images = {grey, grey.expand({7, 5, 3}).contiguous()};
  EXPECT_EQ(colours_of(dataset), 1);
  dataset.images[1] = torch::tensor({255, 0, 0}, torch::kUInt8).expand({7, 5, 3}).contiguous();
  EXPECT_EQ(colours_of(dataset), 3);
  const auto stacked = stack_images(dataset, 1, 64);
  EXPECT_EQ(stacked.sizes(), (std::vector<std::int64_t>{2, 1, 7, 5}));
  EXPECT_EQ(stacked[0].max().item<int>(), 50);
  EXPECT_EQ(stacked[1].min().item<int>(), 76);  // 0.299 * 255
  const auto coloured = stack_images(dataset, 3, 64);
  EXPECT_EQ(coloured.sizes(), (std::vector<std::int64_t>{2, 3, 7, 5}));
  EXPECT_EQ(coloured[0].min().item<int>(), 50);
  EXPECT_EQ(coloured[1][0].min().item<int>(), 255);
  EXPECT_EQ(coloured[1][1].max().item<int>(), 0);
  EXPECT_NE(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(stack_images(dataset, 1, 6)); })
                .find("5x7: each side must be at most 6"),
            std::string::npos);
  dataset.images.push_back(torch::zeros({5, 7, 1}, torch::kUInt8));
  EXPECT_NE(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(stack_images(dataset, 1, 64)); })
                .find("image 2 is 7x5, the first is 5x7"),
            std::string::npos);
}

TEST_F(DatasetTest, PicturesAreWrittenAsPpmWithoutAWriter) {
  EXPECT_STREQ(picture_extension(), ".ppm");
  const auto file = folder_ / "preview.ppm";
  write_picture(file, image_of(2, 1, 3, 65));
  EXPECT_EQ(contents(file), "P6\n2 1\n255\nAAAAAA");
}

}  // namespace
}  // namespace vaec::train
