#include "train/npy_images.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "failure.hpp"
#include "temporary_folder.hpp"
#include "train/dataset.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

namespace fs = std::filesystem;

std::string npy_text(const std::string& descr, const std::string& shape, const void* data, std::size_t size,
                     const char* fortran_order = "False") {
  const std::string literal =
      "{'descr': '" + descr + "', 'fortran_order': " + fortran_order + ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(literal.size()) + '\0' + literal +
         std::string(static_cast<const char*>(data), size);
}

PictureArray parse_text(const std::string& text) { return parse_npy_images(std::as_bytes(std::span(text))); }

template <typename Value, std::size_t kCount>
std::string refused(const std::string& descr, const std::string& shape,
                    const std::array<Value, kCount>& values, const char* fortran_order = "False") {
  const auto text = npy_text(descr, shape, values.data(), sizeof values, fortran_order);
  return failure(ErrorCode::kUnreadable, [&] { static_cast<void>(parse_text(text)); });
}

void expect_has(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

constexpr std::array<std::uint8_t, 12> kTwelve{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255};

TEST(NpyImages, BytesStayWhereTheyAre) {
  const auto text = npy_text("|u1", "(2, 3, 2)", kTwelve.data(), 12);
  const auto grey = parse_text(text);
  EXPECT_EQ(grey.count, 2U);
  EXPECT_EQ(grey.rows, 3U);
  EXPECT_EQ(grey.columns, 2U);
  EXPECT_EQ(grey.channels, 1U);
  ASSERT_EQ(grey.samples.size(), 12U);
  EXPECT_EQ(grey.samples[11], 255);
  EXPECT_EQ(static_cast<const void*>(grey.samples.data()), text.data() + text.size() - 12);
  EXPECT_FALSE(grey.storage);
  EXPECT_EQ(parse_text(npy_text("|u1", "(2, 3, 2, 1)", kTwelve.data(), 12)).channels, 1U);
  const auto rgb = parse_text(npy_text("|u1", "(2, 2, 1, 3)", kTwelve.data(), 12));
  EXPECT_EQ(rgb.channels, 3U);
  EXPECT_EQ(rgb.columns, 1U);
}

TEST(NpyImages, FloatsAreRounded) {
  const std::array<float, 4> floats{0, 1, 0.5F, 0.4999F / 255};
  const std::array<double, 4> doubles{-0.0, 1, 127.4999 / 255, 127.5001 / 255};
  const auto from_floats = parse_text(npy_text("<f4", "(1, 2, 2)", floats.data(), sizeof floats));
  EXPECT_EQ((std::vector<std::uint8_t>(from_floats.samples.begin(), from_floats.samples.end())),
            (std::vector<std::uint8_t>{0, 255, 128, 0}));
  const auto from_doubles = parse_text(npy_text("<f8", "(1, 2, 2)", doubles.data(), sizeof doubles));
  EXPECT_EQ((std::vector<std::uint8_t>(from_doubles.samples.begin(), from_doubles.samples.end())),
            (std::vector<std::uint8_t>{0, 255, 127, 128}));
}

TEST(NpyImages, RefusesFloatsOutside) {
  std::array<float, 12> floats{};
  floats[7] = 1.5F;
  expect_has(refused("<f4", "(2, 3, 2)", floats), "image 1, row 0, column 1 (counted from 0) is 1.5");
  expect_has(refused("<f4", "(1, 2, 2, 3)", floats),
             "image 0, row 1, column 0, channel 1 (counted from 0) is 1.5");
  for (const float bad : {-1e-6F, 255.0F, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    floats[7] = bad;
    expect_has(refused("<f4", "(2, 3, 2)", floats), "expected 0 to 1");
  }
  expect_has(refused("<f8", "(1, 1, 2)", std::array<double, 2>{0, std::nan("")}),
             "column 1 (counted from 0) is nan");
}

TEST(NpyImages, RefusesOtherTypesShapesAndOrders) {
  expect_has(refused(">f4", "(1, 1, 2)", std::array<float, 2>{}), "of the type '>f4'; expected '|u1'");
  expect_has(refused("<i8", "(1, 1, 2)", std::array<std::int64_t, 2>{}), "of the type '<i8'");
  expect_has(refused("|b1", "(1, 3, 4)", kTwelve), "array.astype('uint8')");
  expect_has(refused("|u1", "(1, 3, 4)", kTwelve, "True"), "Fortran order");
  expect_has(refused("|u1", "(12,)", kTwelve), "of the shape (12,): expected (N, H, W)");
  expect_has(refused("|u1", "(3, 4)", kTwelve), "array[None]");
  expect_has(refused("|u1", "(2, 2, 3)", kTwelve), "3 pixels wide");
  expect_has(refused("|u1", "(1, 3, 2, 2)", kTwelve), "array.transpose(0, 2, 3, 1)");
  expect_has(refused("|u1", "(1, 1, 3, 1, 4)", kTwelve), "(1, 1, 3, 1, 4): expected");
  for (const char* shape : {"(0, 28, 28)", "(18446744073709551615, 0, 28)"}) {
    const auto text = npy_text("|u1", shape, "", 0);
    expect_has(failure(ErrorCode::kUnreadable, [&] { static_cast<void>(parse_text(text)); }),
               "holds no pixels");
  }
}

class NpyDataset : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string refused_data(const fs::path& path) const {
    return failure(ErrorCode::kUnreadable, [&] { static_cast<void>(load_dataset(path)); });
  }
  const TemporaryFolder folder_;
};

TEST_F(NpyDataset, AFileOrAFolderOfThem) {
  write("a.npy", npy_text("|u1", "(2, 3, 2)", kTwelve.data(), 12));
  write("b.NPY", npy_text("|u1", "(1, 2, 2, 3)", kTwelve.data(), 12));
  write("notes.txt", "nothing");
  const auto file = load_dataset(folder_ / "a.npy");
  ASSERT_EQ(file.images.size(), 2U);
  EXPECT_EQ(file.images[1].sizes(), (std::vector<std::int64_t>{3, 2, 1}));
  EXPECT_EQ(file.images[1][2][1][0].item<int>(), 255);
  const auto folder = load_dataset(folder_.path());
  ASSERT_EQ(folder.images.size(), 3U);
  EXPECT_EQ(folder.images[2].sizes(), (std::vector<std::int64_t>{2, 2, 3}));
  EXPECT_EQ(dataset_files(folder_.path(), true).size(), 2U);
}

TEST_F(NpyDataset, NamesTheFileThatItRefuses) {
  write("labels.npy", npy_text("|u1", "(12,)", kTwelve.data(), 12));
  expect_has(refused_data(folder_.path()), "labels.npy: .npy file of the shape (12,)");
  write("mnist.npz", "PK\x03\x04 and so on");
  expect_has(refused_data(folder_ / "mnist.npz"), "save its array alone, with numpy.save");
  expect_has(refused_data(folder_ / "missing.npy"), "missing.npy");
}

TEST_F(NpyDataset, PicturesOfAFolderAreMeantWhereThereAreSome) {
  write("a.npy", npy_text("|u1", "(2, 3, 2)", kTwelve.data(), 12));
  write("a.png", "a picture");
  EXPECT_EQ(dataset_files(folder_.path(), true), std::vector{folder_ / "a.png"});
}

// What Python with NumPy writes, if it is there.
TEST_F(NpyDataset, ReadsWhatNumpyWrites) {
  const std::string script =
      "import sys, numpy as n\n"
      "b = n.arange(2 * 4 * 8, dtype=n.uint8).reshape(2, 4, 8)\n"
      "n.save('bytes.npy', b)\n"
      "n.save('float32.npy', (b / 255).astype(n.float32))\n"
      "n.save('float64.npy', b[..., None] / 255)\n"
      "for v in (2, 3):\n"
      "    with open('version%d.npy' % v, 'wb') as f: n.lib.format.write_array(f, b, (v, 0))\n"
      "n.save('fortran.npy', n.asfortranarray(b))\n"
      "n.savez('all.npz', b)\n";
  write("write.py", script);
  const auto runs = [&](const std::string& python, const std::string& arguments) {
    return std::system(("cd '" + folder_.path().string() + "' && " + python + " " + arguments).c_str()) == 0;
  };
  std::string python;
  for (const char* candidate : {"python3", "/usr/bin/python3"}) {
    if (python.empty() && runs(candidate, "-c 'import numpy' 2> /dev/null")) python = candidate;
  }
  if (python.empty()) GTEST_SKIP() << "no Python with NumPy to write files";
  ASSERT_TRUE(runs(python, "write.py"));
  for (const char* name : {"bytes.npy", "float32.npy", "float64.npy", "version2.npy", "version3.npy"}) {
    const auto images = read_npy_images(folder_ / name);
    EXPECT_EQ(images.count, 2U) << name;
    EXPECT_EQ(images.rows, 4U) << name;
    EXPECT_EQ(images.columns, 8U) << name;
    ASSERT_EQ(images.samples.size(), 64U) << name;
    for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(images.samples[i], i) << name;
  }
  expect_has(refused_data(folder_ / "fortran.npy"), "numpy.ascontiguousarray");
  expect_has(refused_data(folder_ / "all.npz"), "save its array alone");
}

}  // namespace
}  // namespace vaec::train
