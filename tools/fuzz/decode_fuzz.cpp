// Any bytes as a .vaec file of the tiny model, and as the streams of one, or a lossless one, whose frame is right: a picture of
// the size that the header says, or an Error about the file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "bitstream/container.hpp"
#include "codec/parts.hpp"
#include "codec/photo_codec.hpp"
#include "model/safetensors.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {

// Decoding needs none of them.
const TorchParts& torch_parts() { std::abort(); }

}  // namespace vaec::codec

namespace {

using namespace vaec;

const Codec& tiny_codec() {
  static const auto codec = codec::make_photo_codec(
      model::SafeTensors::open(VAEC_SOURCE_DIR "/tests/golden/tiny-photo.safetensors"));
  return *codec;
}

Limits small_limits() {
  Limits limits;
  limits.max_side = 512;
  limits.max_pixels = 1 << 15;
  limits.max_metadata = 1 << 12;
  return limits;
}

void check(std::span<const std::byte> file, const View& view) {
  try {
    const auto image = tiny_codec().decompress(file, {.view = view, .limits = small_limits()});
    const std::size_t pixels = std::size_t{image.width} * image.height;
    if (image.samples.size() + image.samples16.size() != pixels * image.channels) std::abort();
    if (image.has_alpha() && image.alpha.size() + image.alpha16.size() != pixels) std::abort();
  } catch (const Error& error) {
    switch (error.code()) {
      case ErrorCode::kCorrupt:
      case ErrorCode::kUnsupported:
      case ErrorCode::kLimit:
      case ErrorCode::kModel:
      case ErrorCode::kUsage:  // a view that is not in the picture
        return;
      default:
        std::abort();
    }
  }
}

// Takes numbers from the front.
class Source {
 public:
  explicit Source(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint32_t below(std::uint32_t bound) {
    if (bytes_.empty()) return 0;
    const auto value = std::to_integer<std::uint32_t>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value % bound;
  }
  std::span<const std::byte> take(std::size_t count) {
    const auto taken = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::byte> bytes_;
};

void check_lossless(std::span<const std::byte> bytes) {
  Source source(bytes);
  bitstream::Container container;
  auto& header = container.header;
  header.profile = bitstream::Profile::kLossless;
  header.width = 1 + source.below(60);
  header.height = 1 + source.below(60);
  const auto kind = source.below(8);
  header.channels = static_cast<std::uint8_t>(1 + kind % 4);
  header.bit_depth = kind < 4 ? 8 : 16;
  container.band_rows = 1 + source.below(70);
  container.plan = source.take(1 + source.below(40));
  for (std::uint64_t row = 0; row < header.height; row += container.band_rows)
    container.bands.push_back(source.take(source.below(250)));
  if (!container.plan.empty()) check(bitstream::write(container), {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check(bytes, {});
  check_lossless(bytes);

  Source source(bytes);
  bitstream::Container container;
  auto& header = container.header;
  header.profile = bitstream::Profile::kHyperprior;
  header.model_id = tiny_codec().id();
  header.width = 1 + source.below(150);
  header.height = 1 + source.below(150);
  const auto kind = source.below(8);
  header.channels = static_cast<std::uint8_t>(1 + kind % 4);
  header.bit_depth = kind < 4 ? 8 : 16;
  header.quality = static_cast<std::uint8_t>(1 + source.below(100));
  container.band_rows = 1 + source.below(36);
  const auto rows = bitstream::latent_cells(header.height);
  container.lf = source.take(source.below(64));
  container.hyper = source.take(source.below(64));
  for (std::uint64_t row = 0; row < rows; row += container.band_rows) {
    container.bands.push_back(source.take(source.below(200)));
  }
  if (header.has_alpha()) {
    container.alpha.rows = 1 + source.below(100);
    for (std::uint64_t row = 0; row < header.height; row += container.alpha.rows) {
      container.alpha.streams.push_back(source.take(source.below(200)));
    }
  }
  if (source.below(2) == 1) container.filter = source.take(1 + source.below(100));
  if (source.below(2) == 1) {
    container.plan = source.take(1 + source.below(20));
    container.exact.rows = model::kLatentStride * (1 + source.below(10));
    for (std::uint64_t row = 0; row < header.height; row += container.exact.rows)
      container.exact.streams.push_back(source.take(source.below(200)));
  }
  container.icc = source.take(source.below(40));
  container.exif = source.take(source.below(40));
  View view;
  if (source.below(2) == 1)
    view = {source.below(150), source.below(150), source.below(150), source.below(150), 1};
  view.scale = 1U << source.below(5);
  std::vector<std::byte> file;
  try {
    file = bitstream::write(container);
  } catch (const Error&) {
    return 0;  // no such container
  }
  check(file, view);
  return 0;
}
