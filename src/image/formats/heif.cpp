// HEIC and AVIF (ISO/IEC 23008-12), through libheif: the primary picture, upright.
#include <libheif/heif.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/interrupt.hpp"
#include "image/byte_reader.hpp"
#include "image/formats/boxes.hpp"
#include "image/formats/deleter.hpp"
#include "image/formats/formats.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/premultiplied.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

// What libheif does not tell of the file's boxes.
struct Boxes {
  std::uint64_t missing = 0;      // bytes of boxes beyond the file's end
  std::uint32_t film_frames = 0;  // of the longest track
  bool is_film = false;           // a film first of all
  bool has_video = false;         // a motion photo's
  bool has_colour = false;        // a coded picture that is no grey one
};

void look_at(std::string_view type, Bytes data, Boxes& found, int depth) {
  constexpr int kDeepest = 8;
  const auto at = [&](std::uint64_t offset) {
    return read_integer(data, offset, 1, Endian::kBig).value_or(0);
  };
  const auto look_inside = [&](std::size_t header) {
    if (depth >= kDeepest || data.size() < header) return;
    for_each_box(data.subspan(header),
                 [&](std::string_view inner, Bytes content) { look_at(inner, content, found, depth + 1); });
  };
  if (type == "ftyp") {
    for (const std::string_view brand : {"avis", "msf1", "hevc", "hevx"})
      found.is_film |= has_text_at(data, 0, brand);
  } else if (type == "moov" || type == "trak" || type == "mdia" || type == "minf" || type == "stbl" ||
             type == "iprp" || type == "ipco") {
    look_inside(0);
  } else if (type == "meta") {
    look_inside(4);
  } else if (type == "stsz" || type == "stz2") {
    found.film_frames = std::max(found.film_frames, read_integer(data, 8, 4, Endian::kBig).value_or(0));
  } else if (type == "mpvd") {
    found.has_video = true;
  } else if (type == "hvcC") {
    found.has_colour |= (at(16) & 3) != 0;  // chroma_format_idc
  } else if (type == "av1C") {
    found.has_colour |= (at(2) & 0x10) == 0;  // monochrome
  } else if (type == "jpgC" || type == "uncC" || type == "vvcC" || type == "j2kH" || type == "avcC") {
    found.has_colour = true;
  }
}

Boxes read_boxes(Bytes file) {
  Boxes found;
  const auto end =
      for_each_box(file, [&](std::string_view type, Bytes data) { look_at(type, data, found, 0); });
  found.missing = end.missing;
  if (found.is_film && found.film_frames > 1)
    refuse("holds more than one frame or page, which this version cannot code: extract them first");
  return found;
}

void check(const heif_error& error) {
  if (error.code == heif_error_Ok) return;
  if (error.code == heif_error_Memory_allocation_error &&
      error.subcode != heif_suberror_Security_limit_exceeded)
    throw std::bad_alloc();
  if (error.code == heif_error_Plugin_loading_error || error.code == heif_error_Unsupported_filetype ||
      error.subcode == heif_suberror_Unsupported_codec) {
    refuse(
        "is a HEIF picture of a kind that libheif cannot decode here (its plug-in for HEVC or AV1 may be "
        "missing): convert it first, to PNG for one");
  }
  std::string why = error.message == nullptr ? "" : error.message;
  std::replace(why.begin(), why.end(), '\n', ' ');
  refuse((error.subcode == heif_suberror_End_of_data ? "truncated" : "damaged") +
         std::string(": the HEIF file cannot be decoded (") + why + ")");
}

using Context = std::unique_ptr<heif_context, Deleter<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Deleter<heif_image_handle_release>>;
using Picture = std::unique_ptr<heif_image, Deleter<heif_image_release>>;

struct Parsed {
  Boxes boxes;
  Context context;
  Handle primary;
  Header header;
};

Parsed parse(Bytes file) {
  Parsed parsed;
  parsed.boxes = read_boxes(file);
  parsed.context.reset(heif_context_alloc());
  if (parsed.context == nullptr) throw std::bad_alloc();
  try {
    check(
        heif_context_read_from_memory_without_copy(parsed.context.get(), file.data(), file.size(), nullptr));
  } catch (const Error&) {
    if (parsed.boxes.missing == 0) throw;
    refuse("truncated: " + std::to_string(parsed.boxes.missing) + " bytes of the HEIF file are missing");
  }
  heif_image_handle* primary = nullptr;
  check(heif_context_get_primary_image_handle(parsed.context.get(), &primary));
  parsed.primary.reset(primary);
  const int width = heif_image_handle_get_width(primary), height = heif_image_handle_get_height(primary),
            bits = heif_image_handle_get_luma_bits_per_pixel(primary);
  if (width <= 0 || height <= 0) refuse("damaged: the HEIF file says no width and height");
  if (bits > 16) refuse("damaged: the HEIF file says " + std::to_string(bits) + " bits a sample");
  parsed.header = {static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height),
                   parsed.boxes.has_colour ? 3U : 1U, heif_image_handle_has_alpha_channel(primary) != 0,
                   bits > 8 ? 16U : 8U};
  return parsed;
}

Header read_header(Bytes file) { return parse(file).header; }

heif_chroma interleaved(const Header& header) {
  const bool is_little = std::endian::native == std::endian::little;
  if (header.bit_depth == 8)
    return header.has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
  if (header.has_alpha)
    return is_little ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBBAA_BE;
  return is_little ? heif_chroma_interleaved_RRGGBB_LE : heif_chroma_interleaved_RRGGBB_BE;
}

Picture decode(const Parsed& parsed, heif_colorspace space, heif_chroma chroma) {
  const auto try_once = [&] {
    heif_image* found = nullptr;
    const heif_error error = heif_decode_image(parsed.primary.get(), &found, space, chroma, nullptr);
    Picture picture(found);
    check(error);
    if (picture == nullptr) refuse("damaged: the HEIF file cannot be decoded");
    return picture;
  };
  try {
    return try_once();
  } catch (const std::system_error&) {  // there are no more threads
    heif_context_set_max_decoding_threads(parsed.context.get(), 0);
    return try_once();
  }
}

// Of luma: whether black is 16 and white is 235, or what stands for that in more bits.
bool has_limited_range(const heif_image& grey) {
  heif_color_profile_nclx* found = nullptr;
  const heif_error error = heif_image_get_nclx_color_profile(&grey, &found);
  const std::unique_ptr<heif_color_profile_nclx, Deleter<heif_nclx_color_profile_free>> nclx(found);
  return error.code == heif_error_Ok && nclx != nullptr && nclx->full_range_flag == 0;
}

// A plane's row as it is stored, checked to have as many samples as are to be read.
class Plane {
 public:
  Plane(const heif_image& picture, heif_channel channel, std::uint64_t width, std::uint64_t height,
        std::uint64_t samples) {
    int stride = 0;
    data_ = heif_image_get_plane_readonly(&picture, channel, &stride);
    bits_ = heif_image_get_bits_per_pixel_range(&picture, channel);
    const std::uint64_t bytes = bits_ > 8 ? 2 : 1;
    if (data_ == nullptr || stride <= 0 || bits_ < 1 || bits_ > 16 ||
        static_cast<std::uint64_t>(heif_image_get_width(&picture, channel)) != width ||
        static_cast<std::uint64_t>(heif_image_get_height(&picture, channel)) != height ||
        static_cast<std::uint64_t>(stride) < width * samples * bytes) {
      refuse("damaged: the HEIF picture is another than its header says");
    }
    stride_ = static_cast<std::size_t>(stride);
    white_ = (1U << bits_) - 1;
  }

  void limit_range() {
    black_ = 16U << bits_ >> 8;
    white_ = 235U << bits_ >> 8;
  }

  // To every `step`-th of `to`.
  template <typename Sample>
  void get_row(std::size_t y, std::size_t count, std::size_t step, Sample* to) const {
    constexpr std::uint32_t kWhite = std::numeric_limits<Sample>::max();
    const std::uint32_t range = white_ - black_;
    for (std::size_t i = 0; i < count; ++i, to += step) {
      const std::uint32_t sample = std::clamp(at(y, i), black_, white_) - black_;
      *to = static_cast<Sample>(range == kWhite ? sample
                                                : (sample * std::uint64_t{kWhite} + range / 2) / range);
    }
  }

 private:
  [[nodiscard]] std::uint32_t at(std::size_t y, std::size_t i) const {
    const std::uint8_t* row = data_ + y * stride_;
    return bits_ > 8 ? reinterpret_cast<const std::uint16_t*>(row)[i] : row[i];  // libheif aligns its rows
  }

  const std::uint8_t* data_ = nullptr;
  std::size_t stride_ = 0;
  int bits_ = 8;
  std::uint32_t black_ = 0, white_ = 255;
};

// Grey or RGB. libheif 1.15 says grey, and codes it in colour, where it has x265 encode it.
Picture decode(Parsed& parsed) {
  if (parsed.header.channels == 1) {
    Picture picture = decode(parsed, heif_colorspace_undefined, heif_chroma_undefined);
    if (heif_image_get_chroma_format(picture.get()) == heif_chroma_monochrome) return picture;
    parsed.header.channels = 3;
  }
  return decode(parsed, heif_colorspace_RGB, interleaved(parsed.header));
}

template <typename Sample>
void put_pixels(const heif_image& picture, bool is_premultiplied, Image& image) {
  const std::size_t width = image.width, channels = image.channels,
                    step = channels + (image.has_alpha() ? 1 : 0);
  const bool is_grey = channels == 1;
  Plane colour(picture, is_grey ? heif_channel_Y : heif_channel_interleaved, width, image.height,
               is_grey ? 1 : step);
  if (is_grey && has_limited_range(picture)) colour.limit_range();
  std::optional<Plane> alpha;
  if (is_grey && image.has_alpha()) alpha.emplace(picture, heif_channel_Alpha, width, image.height, 1);
  std::vector<Sample> line(width * step);
  for (std::size_t y = 0; y < image.height; ++y) {
    base::throw_if_interrupted();
    if (is_grey) {
      colour.get_row(y, width, step, line.data());
      if (alpha) alpha->get_row(y, width, step, line.data() + 1);
    } else {
      colour.get_row(y, width * step, 1, line.data());
    }
    if (is_premultiplied && image.has_alpha()) undo_premultiplication(line.data(), width, channels);
    put_row(image, y, line.data());
  }
}

void read_profile(const Parsed& parsed, Content& content) {
  const heif_image_handle* primary = parsed.primary.get();
  content.icc.resize(heif_image_handle_get_raw_color_profile_size(primary));
  if (!content.icc.empty()) {
    check(heif_image_handle_get_raw_color_profile(primary, content.icc.data()));
    return;
  }
  heif_color_profile_nclx* found = nullptr;
  const heif_error error = heif_image_handle_get_nclx_color_profile(primary, &found);
  const std::unique_ptr<heif_color_profile_nclx, Deleter<heif_nclx_color_profile_free>> nclx(found);
  if (error.code != heif_error_Ok || nclx == nullptr) return;
  // What is not specified is sRGB's; grey has no primaries.
  constexpr int kUnspecified = 2, kSrgbPrimaries = 1, kSrgbTransfer = 13;
  int primaries = nclx->color_primaries, transfer = nclx->transfer_characteristics;
  if (primaries == kUnspecified || parsed.header.channels == 1) primaries = kSrgbPrimaries;
  if (transfer == kUnspecified) transfer = kSrgbTransfer;
  if (primaries == kSrgbPrimaries && transfer == kSrgbTransfer) return;
  auto profile = profile_of_code_points(primaries, transfer);
  if (profile && (parsed.header.channels == 3 || profile->empty())) {
    content.icc = std::move(*profile);
  } else {
    content.notes.push_back("colours by the code points " + std::to_string(primaries) + " and " +
                            std::to_string(transfer) + " of H.273, of which no profile can be made");
  }
}

void read_metadata(const heif_image_handle* primary, Content& content) {
  const int count = heif_image_handle_get_number_of_metadata_blocks(primary, nullptr);
  std::vector<heif_item_id> ids(static_cast<std::size_t>(std::max(count, 0)));
  const int listed = heif_image_handle_get_list_of_metadata_block_IDs(primary, nullptr, ids.data(), count);
  ids.resize(static_cast<std::size_t>(std::clamp(listed, 0, std::max(count, 0))));
  for (const auto id : ids) {
    const char *type = heif_image_handle_get_metadata_type(primary, id),
               *content_type = heif_image_handle_get_metadata_content_type(primary, id);
    const bool is_exif = type != nullptr && type == std::string_view("Exif"),
               is_xmp = content_type != nullptr && content_type == std::string_view("application/rdf+xml");
    if (!is_exif && !is_xmp) continue;
    std::vector<std::byte> data(heif_image_handle_get_metadata_size(primary, id));
    if (data.empty() || heif_image_handle_get_metadata(primary, id, data.data()).code != heif_error_Ok)
      continue;
    if (is_xmp) {
      if (content.xmp.empty()) content.xmp = std::move(data);
      continue;
    }
    // Where the TIFF structure begins, counted from behind this.
    constexpr std::uint64_t kOffset = 4;
    const auto begin = kOffset + read_integer(data, 0, 4, Endian::kBig).value_or(0);
    if (begin < data.size()) {
      content.exif.emplace_back(data.begin() + static_cast<std::ptrdiff_t>(begin), data.end());
    } else {
      content.notes.push_back("EXIF that lies outside of its block: left out");
    }
  }
}

void note_what_is_left(const Parsed& parsed, Content& content) {
  const int others = heif_context_get_number_of_top_level_images(parsed.context.get()) - 1;
  if (others > 0) {
    content.notes.push_back(std::to_string(others) + (others == 1 ? " more picture" : " more pictures") +
                            " in the same HEIF file: left out");
  }
  const int asides = heif_image_handle_get_number_of_auxiliary_images(
      parsed.primary.get(), LIBHEIF_AUX_IMAGE_FILTER_OMIT_ALPHA | LIBHEIF_AUX_IMAGE_FILTER_OMIT_DEPTH);
  if (asides > 0) content.notes.push_back("an auxiliary picture, as a gain map: left out");
  if (heif_image_handle_has_depth_image(parsed.primary.get()) != 0)
    content.notes.push_back("a depth map: left out");
  if (parsed.boxes.has_video) content.notes.push_back("a motion photo's video: left out");
  if (parsed.boxes.film_frames > 0) content.notes.push_back("a film beside the picture: left out");
}

Content read(Bytes file, const ReadOptions& options) {
  Parsed parsed = parse(file);
  Content content;
  if (const auto missing = parsed.boxes.missing; missing > 0) {
    if (!options.allows_damage)
      refuse("truncated: " + std::to_string(missing) + " bytes of the HEIF file are missing");
    content.notes.push_back("damaged: " + std::to_string(missing) + " bytes are missing at the end");
  }
  const Picture picture = decode(parsed);
  content.image = make_image(parsed.header);
  const bool is_premultiplied = heif_image_handle_is_premultiplied_alpha(parsed.primary.get()) != 0;
  if (parsed.header.bit_depth == 16) {
    put_pixels<std::uint16_t>(*picture, is_premultiplied, content.image);
  } else {
    put_pixels<std::uint8_t>(*picture, is_premultiplied, content.image);
  }
  content.orientation = 1;  // libheif has turned it
  if (!options.keeps_metadata) return content;
  read_profile(parsed, content);
  read_metadata(parsed.primary.get(), content);
  note_what_is_left(parsed, content);
  return content;
}

}  // namespace

const Format& heif_format() {
  static const Format format{read_header, read, nullptr};
  return format;
}

}  // namespace vaec::image
