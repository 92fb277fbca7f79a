#include "train/packed.hpp"

#include <array>
#include <cstring>
#include <string>

#include "train/unreadable.hpp"

namespace vaec::train {
namespace {

constexpr std::array<char, 4> kMagic{'V', 'P', 'C', 'K'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kImageHeaderBytes = 12;

// Reads from the front of a span.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::span<const std::byte> take(std::uint64_t count, const std::string& what) {
    if (count > rest_.size()) {
      fail("packed data set is truncated: " + what + " needs " + std::to_string(count) + " bytes, " +
           std::to_string(rest_.size()) + " are left");
    }
    const auto taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  std::uint32_t number(const std::string& what) {
    const auto bytes = take(4, what);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
    return value;
  }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace

std::vector<PackedImage> parse_packed(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  if (std::memcmp(reader.take(4, "the magic number").data(), kMagic.data(), kMagic.size()) != 0) {
    fail("not a packed data set: it does not begin with VPCK");
  }
  const auto version = reader.number("the version");
  if (version != kVersion) {
    fail("packed data set of version " + std::to_string(version) + ", this program reads version 1");
  }
  const auto count = reader.number("the count of images");
  if (count > reader.left() / kImageHeaderBytes) {
    fail("packed data set is truncated: " + std::to_string(count) + " images cannot stand in " +
         std::to_string(reader.left()) + " bytes");
  }
  std::vector<PackedImage> images;
  images.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string what = "image " + std::to_string(i) + " of " + std::to_string(count);
    PackedImage image;
    image.width = reader.number(what);
    image.height = reader.number(what);
    image.channels = reader.number(what);
    if (image.width == 0 || image.height == 0 || (image.channels != 1 && image.channels != 3)) {
      fail("packed data set: " + what + " is " + std::to_string(image.width) + "x" +
           std::to_string(image.height) + " with " + std::to_string(image.channels) +
           " channels; expected at least 1x1 with 1 or 3");
    }
    // Two factors below 2^32 fit 64 bits; a third may not.
    const std::uint64_t area = std::uint64_t{image.width} * image.height;
    if (area > reader.left()) {
      fail("packed data set is truncated: " + what + " needs " + std::to_string(area) + " pixels, " +
           std::to_string(reader.left()) + " bytes are left");
    }
    image.samples = reader.take(area * image.channels, what);
    images.push_back(image);
  }
  if (reader.left() != 0) {
    fail("packed data set: " + std::to_string(reader.left()) + " bytes after its last image");
  }
  return images;
}

}  // namespace vaec::train
