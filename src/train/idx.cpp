#include "train/idx.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "train/unreadable.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::uint32_t kMagic = 0x00000803;  // uint8, 3 dimensions
constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 31;
constexpr std::size_t kChunk = std::size_t{1} << 22;

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return value;
}

// The sizes, with `pixels` still empty.
IdxImages parse_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderBytes) {
    fail("not an IDX file of images: " + std::to_string(bytes.size()) + " bytes, its header alone has 16");
  }
  const auto magic = big_endian(bytes, 0);
  if (magic != kMagic) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    for (int shift = 28; shift >= 0; shift -= 4) hex += kDigits[magic >> shift & 15];
    fail("not an IDX file of images: magic number 0x" + hex + ", expected 0x00000803 (bytes, 3 dimensions)");
  }
  IdxImages images;
  images.count = big_endian(bytes, 4);
  images.rows = big_endian(bytes, 8);
  images.columns = big_endian(bytes, 12);
  if (images.count == 0 || images.rows == 0 || images.columns == 0) fail("IDX file holds no pixels");
  // Divided, not multiplied: three 32-bit factors overflow 64 bits.
  const std::uint64_t area = std::uint64_t{images.rows} * images.columns;
  if (area > kMaxPixels || images.count > kMaxPixels / area) {
    fail("IDX file of " + std::to_string(images.count) + " images of " + std::to_string(images.columns) +
         "x" + std::to_string(images.rows) + ": more than 2^31 pixels");
  }
  return images;
}

std::uint64_t pixel_count(const IdxImages& images) {
  return std::uint64_t{images.count} * images.rows * images.columns;
}

[[noreturn]] void fail_length(const IdxImages& images, std::uint64_t found, bool truncated) {
  fail(std::string("IDX file is ") + (truncated ? "truncated" : "longer than its header says") + ": " +
       std::to_string(images.count) + " images of " + std::to_string(images.columns) + "x" +
       std::to_string(images.rows) + " need " + std::to_string(pixel_count(images)) + " bytes, found " +
       (truncated ? "" : "at least ") + std::to_string(found));
}

}  // namespace

IdxImages parse_idx(std::span<const std::byte> bytes) {
  auto images = parse_header(bytes);
  const auto pixels = bytes.subspan(kHeaderBytes);
  const auto expected = pixel_count(images);
  if (pixels.size() != expected) fail_length(images, pixels.size(), pixels.size() < expected);
  images.pixels.resize(pixels.size());
  std::memcpy(images.pixels.data(), pixels.data(), pixels.size());
  return images;
}

IdxImages read_idx(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) fail(file.string() + ": no such file");
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(file.c_str(), "rb"), gzclose);
  if (!stream) fail(file.string() + ": cannot be opened");
  // Reads up to `size` bytes; fewer at the end of the file.
  const auto read = [&](void* to, std::size_t size) {
    const int got = gzread(stream.get(), to, static_cast<unsigned>(size));
    int status = Z_OK;
    const std::string reason = gzerror(stream.get(), &status);
    if (got < 0 || (status != Z_OK && status != Z_STREAM_END))
      fail("damaged or truncated gzip data: " + reason);
    return static_cast<std::size_t>(got);
  };
  try {
    std::array<std::byte, kHeaderBytes> header;
    auto images = parse_header(std::span(header).first(read(header.data(), header.size())));
    const auto expected = pixel_count(images);
    // Grows with what is really there: a forged header allocates nothing.
    while (images.pixels.size() < expected) {
      const std::size_t at = images.pixels.size();
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, expected - at));
      images.pixels.resize(at + want);
      const auto got = read(images.pixels.data() + at, want);
      if (got < want) fail_length(images, at + got, true);
    }
    std::byte extra;
    if (read(&extra, 1) != 0) fail_length(images, expected + 1, false);
    return images;
  } catch (const Error& error) {
    throw Error(error.code(), file.string() + ": " + error.what());
  }
}

}  // namespace vaec::train
