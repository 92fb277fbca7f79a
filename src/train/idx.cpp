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
constexpr std::size_t kLabelHeaderBytes = 8;
constexpr std::uint32_t kMagic = 0x00000803;       // uint8, 3 dimensions
constexpr std::uint32_t kLabelMagic = 0x00000801;  // uint8, 1 dimension
constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 31;
constexpr std::size_t kChunk = std::size_t{1} << 22;

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return value;
}

// `what`: "images".
void check_magic(std::span<const std::byte> bytes, std::size_t header_bytes, std::uint32_t expected,
                 const std::string& what) {
  if (bytes.size() < header_bytes) {
    fail("not an IDX file of " + what + ": " + std::to_string(bytes.size()) +
         " bytes, its header alone has " + std::to_string(header_bytes));
  }
  const auto hex = [](std::uint32_t magic) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[magic >> shift & 15];
    return text;
  };
  const auto magic = big_endian(bytes, 0);
  if (magic != expected) {
    fail("not an IDX file of " + what + ": magic number " + hex(magic) + ", expected " + hex(expected) +
         " (bytes, " + std::to_string(expected & 255) +
         (expected == kMagic ? " dimensions)" : " dimension)"));
  }
}

// The sizes, with `pixels` still empty.
IdxImages parse_header(std::span<const std::byte> bytes) {
  check_magic(bytes, kHeaderBytes, kMagic, "images");
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

// Plain or gzip-compressed.
class IdxStream {
 public:
  explicit IdxStream(const std::filesystem::path& file) : stream_(nullptr, gzclose) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) fail("no such file");
    stream_.reset(gzopen(file.c_str(), "rb"));
    if (!stream_) fail("cannot be opened");
  }

  // Up to `size` bytes; fewer at the end of the file.
  std::size_t read(void* to, std::size_t size) {
    const int got = gzread(stream_.get(), to, static_cast<unsigned>(size));
    int status = Z_OK;
    const std::string reason = gzerror(stream_.get(), &status);
    if (got < 0 || (status != Z_OK && status != Z_STREAM_END))
      fail("damaged or truncated gzip data: " + reason);
    return static_cast<std::size_t>(got);
  }

  // All that is left, which must be `expected` bytes; else calls fail_with(bytes found, whether they are too few). Grows with
  // what is really there: a forged header allocates nothing.
  template <typename Fail>
  std::vector<std::uint8_t> rest(std::uint64_t expected, const Fail& fail_with) {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < expected) {
      const std::size_t at = bytes.size();
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, expected - at));
      bytes.resize(at + want);
      const auto got = read(bytes.data() + at, want);
      if (got < want) fail_with(at + got, true);
    }
    std::byte extra;
    if (read(&extra, 1) != 0) fail_with(expected + 1, false);
    return bytes;
  }

 private:
  std::unique_ptr<gzFile_s, int (*)(gzFile)> stream_;
};

template <typename Read>
auto naming_idx(const std::filesystem::path& file, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Error(error.code(), file.string() + ": " + error.what());
  }
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
  return naming_idx(file, [&] {
    IdxStream stream(file);
    std::array<std::byte, kHeaderBytes> header;
    auto images = parse_header(std::span(header).first(stream.read(header.data(), header.size())));
    images.pixels = stream.rest(pixel_count(images), [&](std::uint64_t found, bool truncated) {
      fail_length(images, found, truncated);
    });
    return images;
  });
}

std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& file) {
  return naming_idx(file, [&] {
    IdxStream stream(file);
    std::array<std::byte, kLabelHeaderBytes> header;
    const auto there = std::span(header).first(stream.read(header.data(), header.size()));
    check_magic(there, kLabelHeaderBytes, kLabelMagic, "labels");
    const auto count = big_endian(header, 4);
    return stream.rest(count, [&](std::uint64_t, bool truncated) {
      fail(std::string("IDX file of labels has ") + (truncated ? "fewer" : "more") + " than the " +
           std::to_string(count) + " that its header says");
    });
  });
}

}  // namespace vaec::train
