// Any bytes as ICC profile, EXIF and XMP: packed and unpacked they are the same; written into a picture of
// each format that holds them the picture is still one, and what is read back can be written once more.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "codec/packed_metadata.hpp"
#include "image/read.hpp"
#include "image/write.hpp"
#include "vaec/error.hpp"

namespace {

using namespace vaec;

constexpr std::uint64_t kLimit = 1 << 16;

void check_packing(std::span<const std::byte> bytes) {
  try {
    const auto stream = codec::pack_metadata(bytes, "XMP", kLimit);
    if (!std::ranges::equal(codec::unpack_metadata(stream, "XMP", kLimit), bytes)) std::abort();
    (void)codec::unpack_metadata(bytes, "EXIF", kLimit);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt && error.code() != ErrorCode::kLimit) std::abort();
  }
}

Image picture_with(const Metadata& metadata) {
  Image image{3, 2, 3, std::vector<std::uint8_t>(18, 99)};
  image.metadata = metadata;
  return image;
}

void check_file(std::span<const std::byte> bytes, image::OutputFormat format) {
  const std::vector<std::byte> all(bytes.begin(), bytes.end());
  const auto half = bytes.size() / 2;
  const std::vector<std::byte> first(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(half)),
      second(bytes.begin() + static_cast<std::ptrdiff_t>(half), bytes.end());
  for (const Metadata& metadata :
       {Metadata{all, {}, {}}, Metadata{{}, all, {}}, Metadata{{}, {}, all}, Metadata{{}, first, second}}) {
    try {
      const auto file = image::encode_image(picture_with(metadata), format);
      const auto back = image::read_image(file, "x").image;
      (void)image::encode_image(picture_with(back.metadata), format);
    } catch (const Error& error) {
      // A picture that cannot be read any more, or one that cannot be written.
      if (error.code() != ErrorCode::kWrite && error.code() != ErrorCode::kUnreadable &&
          error.code() != ErrorCode::kLimit)
        std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check_packing(bytes);
  constexpr image::OutputFormat kFormats[] = {image::OutputFormat::kPng, image::OutputFormat::kJpeg,
                                              image::OutputFormat::kWebp, image::OutputFormat::kTiff};
  if (!bytes.empty()) check_file(bytes.subspan(1), kFormats[std::to_integer<unsigned>(bytes[0]) % 4]);
  return 0;
}
