#include "base/npy.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "failure.hpp"

namespace vaec::base {
namespace {

std::vector<std::byte> npy_bytes_of(const std::string& text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

// Of version 1.0, the header not padded.
std::vector<std::byte> npy_file(const std::string& literal, std::size_t data_bytes) {
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(literal.size() & 255);
  text += static_cast<char>(literal.size() >> 8);
  text += literal;
  for (std::size_t i = 0; i < data_bytes; ++i) text += static_cast<char>(i);
  return npy_bytes_of(text);
}

std::string npy_failure(const std::vector<std::byte>& bytes) {
  return failure(ErrorCode::kUnreadable, [&] { static_cast<void>(parse_npy(bytes)); });
}

// Why a header is refused.
std::string literal_failure(const std::string& literal, std::size_t data_bytes = 0) {
  return npy_failure(npy_file(literal, data_bytes));
}

void expect_says(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

// numpy.save of numpy.arange(6, dtype='u1').reshape(1, 2, 3), by NumPy 1.24.2.
std::string saved_by_numpy() {
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
         "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), }" + std::string(55, ' ') + "\n" +
         std::string("\x00\x01\x02\x03\x04\x05", 6);
}

TEST(Npy, ReadsWhatNumpySaves) {
  const auto bytes = npy_bytes_of(saved_by_numpy());
  const auto array = parse_npy(bytes);
  EXPECT_EQ(array.descr, "|u1");
  EXPECT_FALSE(array.is_fortran_order);
  EXPECT_EQ(array.shape, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(array.shape_text(), "(1, 2, 3)");
  ASSERT_EQ(array.data.size(), 6U);
  EXPECT_EQ(array.data.data(), bytes.data() + 128);
}

TEST(Npy, ReadsVersions2And3) {
  for (const char version : {'\x02', '\x03'}) {
    auto text = saved_by_numpy();
    text[6] = version;
    text.insert(10, 2, '\0');  // the length has four bytes
    EXPECT_EQ(parse_npy(npy_bytes_of(text)).data.size(), 6U);
  }
}

TEST(Npy, KeysInAnyOrderQuotesAndSpacesOfEitherKind) {
  const auto bytes = npy_file("{ \"shape\":( 3, ),\n'fortran_order' :True, 'descr':\"<f8\"}", 24);
  const auto array = parse_npy(bytes);
  EXPECT_EQ(array.descr, "<f8");
  EXPECT_TRUE(array.is_fortran_order);
  EXPECT_EQ(array.shape_text(), "(3,)");
  const auto single = npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4);
  EXPECT_EQ(parse_npy(single).shape_text(), "()");
  const auto none = npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 0)}", 0);
  EXPECT_TRUE(parse_npy(none).data.empty());
}

TEST(Npy, RefusesEveryTruncationAndOneByteMore) {
  const auto whole = npy_bytes_of(saved_by_numpy());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(npy_failure({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).empty())
        << size;
  }
  auto longer = whole;
  longer.emplace_back();
  expect_says(npy_failure(longer),
              "longer than its header says: an array (1, 2, 3) of '|u1' has 6 bytes, found 7");
}

TEST(Npy, RefusesOtherFiles) {
  expect_says(npy_failure({}), "not a .npy file");
  expect_says(npy_failure(npy_bytes_of("PK\x03\x04 an archive")), "save its array alone, with numpy.save");
  auto later = npy_bytes_of(saved_by_numpy());
  later[6] = std::byte{4};
  expect_says(npy_failure(later), "version 4.0");
  later[6] = std::byte{1}, later[7] = std::byte{1};
  expect_says(npy_failure(later), "version 1.1");
  auto long_header = npy_bytes_of(saved_by_numpy());
  long_header[9] = std::byte{0xff};
  expect_says(npy_failure(long_header), "its header has 65398 bytes, 124 are left");
}

TEST(Npy, RefusesDamagedLiterals) {
  const std::string rest = "'fortran_order': False, 'shape': (1,)}";
  expect_says(literal_failure(""), "expected '{' at character 0, found its end");
  expect_says(literal_failure("{'descr': '<f4', " + rest + " 7", 4), "expected its end");
  expect_says(literal_failure("{'descr': '<f4' " + rest), "expected '}'");
  expect_says(literal_failure("{descr: '<f4', " + rest),
              "expected a string at character 1, found \"descr: '<f4', 'f\"");
  expect_says(literal_failure("{'descr"), "expected a string that ends");
  expect_says(literal_failure("{'de\\x73cr': '<f4', " + rest), "without a backslash");
  expect_says(literal_failure("{'descr': '<f4', 'descr': '<f4', " + rest),
              "'descr' is unknown or there twice");
  expect_says(literal_failure("{'Descr': '<f4', " + rest), "'Descr' is unknown");
  expect_says(literal_failure("{" + rest), "has no 'descr'");
  expect_says(literal_failure("{'descr': '<f4', 'shape': (1,)}"), "has no 'fortran_order'");
  expect_says(literal_failure("{'descr': '<f4', 'fortran_order': False}"), "has no 'shape'");
  const std::string before = "{'descr': '<f4', 'fortran_order': ";
  expect_says(literal_failure(before + "0, 'shape': (1,)}"), "expected True or False");
  expect_says(literal_failure(before + "False, 'shape': [1]}"), "expected '('");
  expect_says(literal_failure(before + "False, 'shape': (1)}"), "expected ','");
  expect_says(literal_failure(before + "False, 'shape': (1 2)}"), "expected ','");
  expect_says(literal_failure(before + "False, 'shape': (,)}"), "expected a whole number");
  expect_says(literal_failure(before + "False, 'shape': (-1,)}"), "expected a whole number");
  expect_says(literal_failure(before + "False, 'shape': (1, 2"), "expected ')'");
}

TEST(Npy, RefusesForgedShapesAndTypes) {
  const auto with_shape = [](const std::string& shape) {
    return literal_failure("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}");
  };
  expect_says(with_shape("(18446744073709551616,)"), "a number of 64 bits");
  expect_says(with_shape("(18446744073709551615,)"), "more than 2^64 bytes");
  expect_says(with_shape("(4294967296, 4294967296)"),
              "(4294967296, 4294967296): that is more than 2^64 bytes");
  expect_says(with_shape("(4294967296, 1073741823)"), "truncated");
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1,";
  expect_says(with_shape(many + ")"), "at most 64 dimensions");
  const auto with_type = [](const std::string& descr) {
    return literal_failure("{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,)}");
  };
  expect_says(with_type("[('x', '<f4')]"), "records");
  for (const char* type :
       {"''", "'<f'", "'f4'", "'|O'", "'<U4'", "'<M8[ns]'", "'<f0'", "'<f9999999'", "'<f4x'"})
    expect_says(with_type(type), "expected plain numbers");
}

TEST(Npy, WritesWhatNumpySaves) {
  const std::array<float, 6> values{0, 1, -2.5F, 3e-40F, 1e38F, 6};
  const auto file = encode_npy(values, 2);
  const std::string header = std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }" +
                             std::string(58, ' ') + "\n";
  ASSERT_EQ(file.size(), 128 + sizeof values);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(file.data()), 128), header);
  EXPECT_EQ(std::memcmp(file.data() + 128, values.data(), sizeof values), 0);
  const auto array = parse_npy(file);
  EXPECT_EQ(array.descr, "<f4");
  EXPECT_EQ(array.shape, (std::vector<std::uint64_t>{3, 2}));
  EXPECT_EQ(parse_npy(encode_npy({}, 7)).shape, (std::vector<std::uint64_t>{0, 7}));
}

}  // namespace
}  // namespace vaec::base
