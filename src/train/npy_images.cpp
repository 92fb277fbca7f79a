#include "train/npy_images.hpp"

#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/mapped_file.hpp"
#include "base/npy.hpp"
#include "train/unreadable.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

// With `samples` still empty.
PictureArray sizes_of(const base::NpyArray& array) {
  const auto& shape = array.shape;
  const std::string found = ".npy file of the shape " + array.shape_text();
  const bool is_batch = shape.size() == 3 || (shape.size() == 4 && (shape[3] == 1 || shape[3] == 3));
  if (!is_batch) {
    const bool channels_first = shape.size() == 4 && (shape[1] == 1 || shape[1] == 3);
    fail(found + ": expected (N, H, W), (N, H, W, 1) or (N, H, W, 3)" +
         (channels_first      ? "; bring the channels to the end with array.transpose(0, 2, 3, 1)"
          : shape.size() == 2 ? "; make one picture of it with array[None]"
                              : ""));
  }
  // A single colour picture, most likely: three pixels are no width.
  if (shape.size() == 3 && shape[2] == 3)
    fail(found + ": pictures that are 3 pixels wide; make one colour picture of it with array[None]");
  for (const auto size : shape) {
    if (size == 0) fail(found + ": holds no pixels");
  }
  const auto size = [&](std::size_t i) { return static_cast<std::size_t>(i < shape.size() ? shape[i] : 1); };
  return {size(0), size(1), size(2), size(3), {}, {}};
}

std::string place_of(std::size_t index, const PictureArray& images) {
  const auto take = [&](std::size_t size) {
    return std::to_string(std::exchange(index, index / size) % size);
  };
  std::string place = images.channels > 1 ? ", channel " + take(images.channels) : "";
  place = ", column " + take(images.columns) + place;
  place = ", row " + take(images.rows) + place;
  return "image " + std::to_string(index) + place;
}

template <typename Float>
std::vector<std::uint8_t> to_bytes(std::span<const std::byte> data, const PictureArray& images) {
  std::vector<std::uint8_t> samples(data.size() / sizeof(Float));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Float value;
    std::memcpy(&value, data.data() + i * sizeof(Float), sizeof(Float));  // it need not be aligned
    if (!(value >= 0 && value <= 1)) {
      fail(".npy file of floats: " + place_of(i, images) + " (counted from 0) is " + std::to_string(value) +
           "; expected 0 to 1 (or bytes, 0 to 255: array.astype('uint8'))");
    }
    samples[i] = static_cast<std::uint8_t>(std::lround(255 * value));
  }
  return samples;
}

}  // namespace

PictureArray parse_npy_images(std::span<const std::byte> bytes) {
  const auto array = base::parse_npy(bytes);
  const bool is_float = array.descr == "<f4" || array.descr == "<f8";
  if (!is_float && array.descr != "|u1") {
    fail(".npy file of the type '" + array.descr +
         "'; expected '|u1' (0 to 255), '<f4' or '<f8' (0 to 1), as array.astype('uint8') or "
         "array.astype('<f4') makes");
  }
  if (array.is_fortran_order)
    fail(".npy file in Fortran order (columns first); expected rows first, as numpy.ascontiguousarray makes");
  auto images = sizes_of(array);
  if (!is_float) {
    images.samples = {reinterpret_cast<const std::uint8_t*>(array.data.data()), array.data.size()};
    return images;
  }
  auto samples = std::make_shared<const std::vector<std::uint8_t>>(
      array.descr == "<f4" ? to_bytes<float>(array.data, images) : to_bytes<double>(array.data, images));
  images.samples = *samples;
  images.storage = std::move(samples);
  return images;
}

PictureArray read_npy_images(const std::filesystem::path& file) {
  const auto mapped = base::map_file(file, ErrorCode::kUnreadable);
  try {
    auto images = parse_npy_images(mapped.bytes);
    if (!images.storage) images.storage = mapped.storage;
    return images;
  } catch (const Error& error) {
    throw Error(error.code(), file.string() + ": " + error.what());
  }
}

}  // namespace vaec::train
