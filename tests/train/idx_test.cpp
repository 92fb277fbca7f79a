#include "train/idx.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <functional>
#include <string>

#include "bytes_of.hpp"
#include "failure.hpp"
#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

// Two images of 2 rows and 3 columns.
std::vector<std::byte> sample_file() {
  std::vector<std::byte> bytes;
  for (const int value : {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3})
    bytes.push_back(static_cast<std::byte>(value));
  for (int i = 0; i < 12; ++i) bytes.push_back(static_cast<std::byte>(i));
  return bytes;
}

std::string parse_failure(const std::vector<std::byte>& bytes) {
  return failure(ErrorCode::kUnreadable, [&] { static_cast<void>(parse_idx(bytes)); });
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name) : path_(folder_ / name) {}
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(std::span<const std::byte> bytes) const {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  void write_gz(std::span<const std::byte> bytes) const {
    const gzFile out = gzopen(path_.c_str(), "wb");
    gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(out);
  }

 private:
  const TemporaryFolder folder_;
  std::filesystem::path path_;
};

void expect_sample(const IdxImages& images) {
  EXPECT_EQ(images.count, 2U);
  EXPECT_EQ(images.rows, 2U);
  EXPECT_EQ(images.columns, 3U);
  ASSERT_EQ(images.pixels.size(), 12U);
  EXPECT_EQ(images.pixels[11], 11);
}

TEST(Idx, Parses) { expect_sample(parse_idx(sample_file())); }

TEST(Idx, ReadsPlainAndGzip) {
  const TemporaryFile plain("plain-idx3-ubyte"), gz("packed-idx3-ubyte.gz");
  plain.write(sample_file());
  gz.write_gz(sample_file());
  expect_sample(read_idx(plain.path()));
  expect_sample(read_idx(gz.path()));
}

TEST(Idx, RefusesEveryTruncationAndOneByteMore) {
  const auto whole = sample_file();
  const TemporaryFile file("cut");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_failure(cut).empty()) << size;
    file.write(cut);
    EXPECT_FALSE(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(read_idx(file.path())); }).empty())
        << size;
  }
  auto longer = whole;
  longer.emplace_back();
  EXPECT_NE(parse_failure(longer).find("longer than its header says"), std::string::npos);
  file.write(longer);
  EXPECT_NE(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(read_idx(file.path())); }).find("longer"),
            std::string::npos);
}

TEST(Idx, RefusesTruncatedGzip) {
  std::vector<std::byte> bytes = sample_file();
  bytes[7] = std::byte{100};  // 100 images of noise, so that deflate cannot end before them
  std::uint32_t state = 1;
  while (bytes.size() < 16 + 600)
    bytes.push_back(static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 24));
  const TemporaryFile file("cut.gz");
  file.write_gz(bytes);
  std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) - 100);
  EXPECT_FALSE(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(read_idx(file.path())); }).empty());
}

TEST(Idx, RefusesForgedHeaders) {
  auto labels = sample_file();
  labels[3] = std::byte{1};
  EXPECT_NE(parse_failure(labels).find("0x00000801"), std::string::npos);
  auto empty = sample_file();
  empty[7] = std::byte{0};
  EXPECT_NE(parse_failure(empty).find("no pixels"), std::string::npos);
  auto huge = sample_file();
  for (int i = 4; i < 16; ++i) huge[static_cast<std::size_t>(i)] = std::byte{0xff};
  EXPECT_NE(parse_failure(huge).find("more than 2^31 pixels"), std::string::npos);
  auto forged = sample_file();  // 2^31 pixels, within the limit, but not there
  forged[4] = std::byte{0x10}, forged[7] = std::byte{0}, forged[11] = std::byte{2}, forged[15] = std::byte{4};
  EXPECT_NE(parse_failure(forged).find("truncated"), std::string::npos);
  const TemporaryFile file("forged");
  file.write(forged);
  EXPECT_NE(
      failure(ErrorCode::kUnreadable, [&] { static_cast<void>(read_idx(file.path())); }).find("truncated"),
      std::string::npos);
}

TEST(Idx, Labels) {
  const auto whole = bytes_of({0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 255});
  const TemporaryFile plain("labels-idx1-ubyte"), gz("labels-idx1-ubyte.gz"), cut("cut");
  plain.write(whole);
  gz.write_gz(whole);
  EXPECT_EQ(read_idx_labels(plain.path()), (std::vector<std::uint8_t>{7, 2, 255}));
  EXPECT_EQ(read_idx_labels(gz.path()), (std::vector<std::uint8_t>{7, 2, 255}));
  const auto refused = [&](std::span<const std::byte> bytes) {
    cut.write(bytes);
    return failure(ErrorCode::kUnreadable, [&] { static_cast<void>(read_idx_labels(cut.path())); });
  };
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(refused(std::span(whole).first(size)).empty()) << size;
  auto longer = whole;
  longer.emplace_back();
  EXPECT_NE(refused(longer).find("more than the 3"), std::string::npos);
  EXPECT_NE(refused(sample_file()).find("magic number 0x00000803, expected 0x00000801 (bytes, 1 dimension)"),
            std::string::npos);
}

TEST(Idx, MissingFilesAndFolders) {
  EXPECT_NE(failure(ErrorCode::kUnreadable, [] { static_cast<void>(read_idx("/nowhere")); }).find("/nowhere"),
            std::string::npos);
  EXPECT_FALSE(
      failure(ErrorCode::kUnreadable, [] { static_cast<void>(read_idx(testing::TempDir())); }).empty());
}

}  // namespace
}  // namespace vaec::train
