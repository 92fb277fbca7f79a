#include "model/safetensors.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <functional>

#include "failure.hpp"
#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::model {
namespace {

std::vector<std::byte> file_of(std::uint64_t header_length, const std::string& header, std::size_t data) {
  std::vector<std::byte> bytes(8 + header.size() + data);
  std::memcpy(bytes.data(), &header_length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

std::vector<std::byte> file_of(const std::string& header, std::size_t data) {
  return file_of(header.size(), header, data);
}

std::string parse_failure(const std::vector<std::byte>& bytes) {
  return failure(ErrorCode::kModel, [&] { static_cast<void>(SafeTensors::parse(bytes)); });
}

void expect_refused(const std::string& header, std::size_t data, const std::string& message) {
  EXPECT_NE(parse_failure(file_of(header, data)).find(message), std::string::npos)
      << parse_failure(file_of(header, data));
}

TEST(SafeTensors, ReadsWhatItWrites) {
  const TemporaryFolder folder;
  const std::array<float, 6> weights{1, 2, 3, 4, 5, 6};
  const std::array<std::uint8_t, 3> odd{7, 8, 9};
  const std::array<std::int32_t, 1> number{-5};
  const auto file = folder / "round_trip.safetensors";
  write_safetensors(file,
                    {{"a.odd", {DType::kU8, {3}, std::as_bytes(std::span(odd))}},
                     {"b.number", {DType::kI32, {}, std::as_bytes(std::span(number))}},
                     {"c.weights", {DType::kF32, {2, 3}, std::as_bytes(std::span(weights))}},
                     {"d.empty", {DType::kF32, {0, 4}, {}}}},
                    {{"format", "vaec"}, {"vaec.card", R"({"data": "\u00e9"})"}});
  const auto read = SafeTensors::open(file);
  EXPECT_EQ(read.metadata().at("vaec.card"), R"({"data": "\u00e9"})");
  ASSERT_EQ(read.tensors().size(), 4U);
  const auto& view = read.tensor("c.weights", DType::kF32, std::array<std::int64_t, 2>{2, 3});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view.data.data()) % 4, 0U);
  EXPECT_EQ(std::memcmp(view.data.data(), weights.data(), sizeof weights), 0);
  EXPECT_EQ(std::memcmp(read.tensors().at("a.odd").data.data(), odd.data(), 3), 0);
  EXPECT_EQ(read.tensor("b.number", DType::kI32, {}).data.size(), 4U);
  EXPECT_TRUE(read.tensors().at("d.empty").data.empty());
}

TEST(SafeTensors, ViewsOutliveTheFileAndTheFirstObject) {
  const TemporaryFolder folder;
  const std::array<std::uint8_t, 2> data{1, 2};
  const auto file = folder / "lifetime.safetensors";
  write_safetensors(file, {{"t", {DType::kU8, {2}, std::as_bytes(std::span(data))}}}, {});
  auto first = std::make_unique<SafeTensors>(SafeTensors::open(file));
  const SafeTensors copy = *first;
  first.reset();
  EXPECT_EQ(std::to_integer<int>(copy.tensors().at("t").data[1]), 2);
}

TEST(SafeTensors, NamesWhatIsWrongWithATensor) {
  const auto file =
      SafeTensors::parse(file_of(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8));
  const auto ask = [&](const std::string& name, DType dtype, std::vector<std::int64_t> shape) {
    return failure(ErrorCode::kModel, [&] { static_cast<void>(file.tensor(name, dtype, shape)); });
  };
  EXPECT_EQ(ask("t", DType::kF32, {3}), "model tensor 't': expected F32 [3], found F32 [2]");
  EXPECT_EQ(ask("t", DType::kF32, {2, 1}), "model tensor 't': expected F32 [2, 1], found F32 [2]");
  EXPECT_EQ(ask("t", DType::kI32, {2}), "model tensor 't': expected I32 [2], found F32 [2]");
  EXPECT_EQ(ask("u", DType::kI32, {2}), "model has no tensor 'u' (expected I32 [2])");
}

TEST(SafeTensors, RefusesTruncationAtEveryByte) {
  const auto whole = file_of(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_failure({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty())
        << size;
  }
  auto longer = whole;
  longer.emplace_back();
  EXPECT_FALSE(parse_failure(longer).empty());
}

TEST(SafeTensors, RefusesForgedLengths) {
  EXPECT_NE(parse_failure(file_of(std::uint64_t{20} << 30, "{}", 0)).find("header length 21474836480"),
            std::string::npos);
  EXPECT_FALSE(parse_failure(file_of(~std::uint64_t{0}, "{}", 0)).empty());
  EXPECT_NE(parse_failure(file_of(3, "{}", 0)).find("truncated"), std::string::npos);
}

TEST(SafeTensors, RefusesForgedHeaders) {
  expect_refused("", 0, "not JSON");
  expect_refused("{", 0, "not JSON");
  expect_refused("\xff\xfe{}", 0, "not JSON");
  expect_refused("[]", 0, "no JSON object");
  expect_refused(R"({"t":[]})", 0, "no object");
  expect_refused(R"({"t":{"shape":[1],"data_offsets":[0,1]}})", 1, "no dtype");
  expect_refused(R"({"t":{"dtype":"U8","data_offsets":[0,1]}})", 1, "no shape");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1]}})", 1, "no data_offsets");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, "no data_offsets");
  expect_refused(R"({"t":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}})", 1, "unknown dtype 'F8'");
  expect_refused(R"({"t":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, ">= 0, found -1");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1, "found 1.0");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1e3]}})", 1, "found 1000.0");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1,
                 "9 dimensions");
  expect_refused(R"({"__metadata__":{"a":1}})", 0, "no string");
  expect_refused(R"({"__metadata__":[]})", 0, "no JSON object");
  expect_refused(std::string(100000, '['), 0, "nests deeper");
  const std::string entry = R"("t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  expect_refused("{" + entry + "," + entry + "}", 1, "'t' twice");
}

TEST(SafeTensors, RefusesForgedOffsets) {
  expect_refused(R"({"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1,
                 "outside the file's 1 data bytes");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, "outside");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}})", 1, "outside");
  expect_refused(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,2]}})", 2, "do not fit");
  // 2^62 * 4 bytes and 2^32 * 2^32: both wrap to 0 in 64 bits.
  expect_refused(R"({"t":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0,
                 "do not fit");
  expect_refused(R"({"t":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
                 "do not fit");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, "a gap");
  expect_refused(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2, "tensors end at data byte 1");
  expect_refused(R"({"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                 R"("u":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                 3, "overlap");
}

TEST(SafeTensors, MissingAndForeignFiles) {
  const TemporaryFolder folder;
  EXPECT_NE(failure(ErrorCode::kModel, [] { static_cast<void>(SafeTensors::open("/nowhere/x.safetensors")); })
                .find("/nowhere"),
            std::string::npos);
  EXPECT_NE(failure(ErrorCode::kModel, [] { static_cast<void>(SafeTensors::open(testing::TempDir())); })
                .find("not a regular file"),
            std::string::npos);
  const auto file = folder / "empty.safetensors";
  std::ofstream(file).close();
  EXPECT_NE(failure(ErrorCode::kModel, [&] { static_cast<void>(SafeTensors::open(file)); }).find("0 bytes"),
            std::string::npos);
}

TEST(SafeTensors, WriteFailures) {
  const TemporaryFolder folder;
  const auto code = [](const auto& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kUsage;
  };
  const std::array<std::uint8_t, 2> data{1, 2};
  const auto bytes = std::as_bytes(std::span(data));
  const auto no_folder = [&] { write_safetensors("/nowhere/x", {{"t", {DType::kU8, {2}, bytes}}}, {}); };
  EXPECT_EQ(code(no_folder), ErrorCode::kWrite);
  const auto wrong_size = [&] { write_safetensors(folder / "bad", {{"t", {DType::kU8, {3}, bytes}}}, {}); };
  EXPECT_EQ(code(wrong_size), ErrorCode::kInternal);
  EXPECT_FALSE(std::filesystem::exists(folder / "bad"));
}

}  // namespace
}  // namespace vaec::model
