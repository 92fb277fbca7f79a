// WebP (RFC 9649): a RIFF file of chunks, which libwebpdemux finds and libwebpmux puts together; libwebp has the
// pixels.
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string>

#include "base/interrupt.hpp"
#include "image/byte_reader.hpp"
#include "image/formats/deleter.hpp"
#include "image/formats/formats.hpp"
#include "image/formats/side_limit.hpp"
#include "image/metadata/exif.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::byte>;

using Demuxer = std::unique_ptr<WebPDemuxer, Deleter<WebPDemuxDelete>>;

struct Parsed {
  Demuxer demuxer;
  Header header;
  Bytes frame;              // the chunks of its pixels, as far as they are there
  std::uint64_t bytes = 0;  // of the file, as it says
};

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

const std::uint8_t* bytes_at(Bytes data) { return reinterpret_cast<const std::uint8_t*>(data.data()); }

Bytes span_of(const WebPData& data) { return {reinterpret_cast<const std::byte*>(data.bytes), data.size}; }

[[noreturn]] void refuse_truncated(Bytes file, std::uint64_t bytes) {
  refuse("truncated: the WebP file has " + std::to_string(file.size()) + " of " + std::to_string(bytes) +
         " bytes");
}

// Of a truncated file what is there.
Parsed parse(Bytes file) {
  constexpr std::uint64_t kRiffHeader = 8;
  Parsed result;
  result.bytes = std::uint64_t{read_integer(file, 4, 4, Endian::kLittle).value_or(0)} + kRiffHeader;
  const bool is_whole = result.bytes <= file.size();
  const WebPData data{bytes_at(file), file.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  result.demuxer.reset(WebPDemuxPartial(&data, &state));
  WebPIterator frame{};
  const bool is_found = result.demuxer != nullptr && WebPDemuxGetFrame(result.demuxer.get(), 1, &frame) != 0;
  if (!is_found && !is_whole) refuse_truncated(file, result.bytes);
  if (!is_found) refuse("damaged: the WebP file's chunks hold no picture");
  result.header = {static_cast<std::uint64_t>(frame.width), static_cast<std::uint64_t>(frame.height), 3,
                   frame.has_alpha != 0, 8};
  result.frame = span_of(frame.fragment);
  const bool covers =
      static_cast<std::uint32_t>(frame.width) == WebPDemuxGetI(result.demuxer.get(), WEBP_FF_CANVAS_WIDTH) &&
      static_cast<std::uint32_t>(frame.height) == WebPDemuxGetI(result.demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  WebPDemuxReleaseIterator(&frame);  // the fragment is a part of the file
  if (WebPDemuxGetI(result.demuxer.get(), WEBP_FF_FRAME_COUNT) > 1)
    refuse("holds more than one frame or page, which this version cannot code: extract them first");
  if (!covers)
    refuse("holds a frame smaller than its canvas, which this version cannot code: extract it first");
  return result;
}

Header read_header(Bytes file) { return parse(file).header; }

// Into `to`, RGB or RGBA; what cannot be decoded is left as it is. How many rows could be.
std::uint64_t decode(const Parsed& parsed, std::vector<std::uint8_t>& to) {
  const auto width = static_cast<int>(parsed.header.width), height = static_cast<int>(parsed.header.height);
  const int channels = parsed.header.has_alpha ? 4 : 3;
  using Decoder = std::unique_ptr<WebPIDecoder, Deleter<WebPIDelete>>;
  const Decoder decoder(
      WebPINewRGB(channels == 4 ? MODE_RGBA : MODE_RGB, to.data(), to.size(), width * channels));
  if (decoder == nullptr) throw std::bad_alloc();
  VP8StatusCode status = VP8_STATUS_SUSPENDED;
  constexpr std::size_t kStep = std::size_t{1} << 18;  // bytes between looks at Ctrl-C
  for (std::size_t have = 0; status == VP8_STATUS_SUSPENDED && have < parsed.frame.size();) {
    base::throw_if_interrupted();
    have = std::min(parsed.frame.size(), have + kStep);
    status = WebPIUpdate(decoder.get(), bytes_at(parsed.frame), have);
  }
  if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status == VP8_STATUS_OK) return parsed.header.height;
  int rows = 0, decoded_width = 0, decoded_height = 0, stride = 0;
  if (WebPIDecGetRGB(decoder.get(), &rows, &decoded_width, &decoded_height, &stride) == nullptr) return 0;
  // A picture that fails behind its last row is not whole either.
  return static_cast<std::uint64_t>(std::clamp(rows, 0, height - 1));
}

void read_metadata(const Parsed& parsed, bool with_profile, Content& content) {
  const auto each_chunk = [&](const char* name, const auto& use) {
    WebPChunkIterator chunk{};
    if (WebPDemuxGetChunk(parsed.demuxer.get(), name, 1, &chunk) == 0) return;
    do {
      if (chunk.chunk.size > 0) use(span_of(chunk.chunk));
    } while (WebPDemuxNextChunk(&chunk) != 0);
    WebPDemuxReleaseChunkIterator(&chunk);
  };
  const auto keep_first = [](std::vector<std::byte>& to) {
    return [&to](Bytes data) {
      if (to.empty()) to.assign(data.begin(), data.end());
    };
  };
  if (with_profile) each_chunk("ICCP", keep_first(content.icc));
  each_chunk("XMP ", keep_first(content.xmp));
  each_chunk("EXIF", [&](Bytes data) {
    constexpr auto kPrefix = "Exif\0\0"sv;  // as JPEG has it; not meant here, and often met
    if (has_text_at(data, 0, kPrefix)) data = data.subspan(kPrefix.size());
    content.exif.emplace_back(data.begin(), data.end());
  });
}

Content read(Bytes file, const ReadOptions& options) {
  const Parsed parsed = parse(file);
  const Header& header = parsed.header;
  const bool is_cut = parsed.bytes > file.size();
  if (is_cut && !options.allows_damage) refuse_truncated(file, parsed.bytes);
  Content content;
  content.image = make_image(header);
  std::uint64_t rows = 0;
  if (!header.has_alpha) {
    rows = decode(parsed, content.image.samples);
  } else {
    std::vector<std::uint8_t> rgba(header.width * header.height * 4);
    rows = decode(parsed, rgba);
    for (std::size_t y = 0; y < header.height; ++y) put_row(content.image, y, &rgba[y * header.width * 4]);
  }
  if (rows < header.height) {
    const std::string why =
        std::to_string(rows) + " of " + std::to_string(header.height) + " rows can be decoded";
    if (!options.allows_damage) refuse("damaged: " + why);
    content.notes.push_back("damaged: " + why);
  } else if (is_cut) {
    content.notes.push_back("damaged: " + std::to_string(parsed.bytes - file.size()) +
                            " bytes are missing at the end");
  }
  read_metadata(parsed, options.keeps_metadata, content);
  const std::uint64_t rest = is_cut ? 0 : file.size() - parsed.bytes;
  if (rest > 1)  // one byte makes the size even
    content.notes.push_back(std::to_string(rest) + " bytes behind the picture: left out");
  return content;
}

[[noreturn]] void fail(int error) {
  const bool is_memory = error == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                         error == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY || error == VP8_ENC_ERROR_BAD_WRITE;
  if (is_memory) throw std::bad_alloc();
  throw Error(ErrorCode::kWrite, ".webp file cannot be made: libwebp's error " + std::to_string(error));
}

// libwebp's callback; it must not throw.
int append_to(const std::uint8_t* data, std::size_t size, const WebPPicture* picture) {
  auto& file = *static_cast<std::vector<std::byte>*>(picture->custom_ptr);
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  try {
    file.insert(file.end(), begin, begin + size);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return 1;
}

void fill(const Image& image, WebPPicture& picture) {
  const auto* colour = image.samples.data();
  const auto* alpha = image.alpha.data();
  for (std::size_t y = 0; y < image.height; ++y) {
    std::uint32_t* to = picture.argb + y * static_cast<std::size_t>(picture.argb_stride);
    for (std::size_t x = 0; x < image.width; ++x, colour += image.channels) {
      const std::uint32_t red = colour[0], green = image.channels == 3 ? colour[1] : red,
                          blue = image.channels == 3 ? colour[2] : red,
                          opacity = image.has_alpha() ? *alpha++ : 255U;
      *to++ = opacity << 24 | red << 16 | green << 8 | blue;
    }
  }
}

std::vector<std::byte> encode(const Image& image) {
  WebPConfig config;
  WebPPicture picture;
  constexpr float kQuality =
      70;  // how long a lossless encoder tries; libwebp's own choice where none is made
  if (WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, kQuality) == 0 || WebPPictureInit(&picture) == 0)
    throw Error(ErrorCode::kWrite, ".webp file cannot be made: libwebp is of another version");
  config.lossless = 1;
  config.exact = 1;  // colours stay where nothing of them is seen
  picture.use_argb = 1;
  picture.width = static_cast<int>(image.width);
  picture.height = static_cast<int>(image.height);
  if (WebPPictureAlloc(&picture) == 0) throw std::bad_alloc();
  const std::unique_ptr<WebPPicture, Deleter<WebPPictureFree>> free_picture(&picture);
  fill(image, picture);
  std::vector<std::byte> file;
  picture.custom_ptr = &file;
  picture.writer = append_to;
  if (WebPEncode(&config, &picture) == 0) fail(picture.error_code);
  return file;
}

std::vector<std::byte> with_metadata(const std::vector<std::byte>& file, const Metadata& metadata) {
  const WebPData still{bytes_at(file), file.size()};
  const std::unique_ptr<WebPMux, Deleter<WebPMuxDelete>> mux(WebPMuxCreate(&still, 0));
  WebPMuxError error = mux == nullptr ? WEBP_MUX_MEMORY_ERROR : WEBP_MUX_OK;
  const auto put = [&](const char* name, const std::vector<std::byte>& chunk) {
    const WebPData data{bytes_at(chunk), chunk.size()};
    if (error == WEBP_MUX_OK && !chunk.empty()) error = WebPMuxSetChunk(mux.get(), name, &data, 0);
  };
  put("ICCP", metadata.icc);
  put("EXIF", metadata.exif);
  put("XMP ", metadata.xmp);
  WebPData assembled{};
  if (error == WEBP_MUX_OK) error = WebPMuxAssemble(mux.get(), &assembled);
  const std::unique_ptr<WebPData, Deleter<WebPDataClear>> clear(&assembled);
  if (error == WEBP_MUX_MEMORY_ERROR) throw std::bad_alloc();
  if (error != WEBP_MUX_OK)
    throw Error(ErrorCode::kWrite, ".webp file cannot be made: libwebpmux's error " + std::to_string(error));
  const auto bytes = span_of(assembled);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> write(const Image& image, const Metadata& metadata, const WriteOptions&,
                             Losses& losses) {
  check_sides(image, WEBP_MAX_DIMENSION, ".webp");
  auto file = encode(image);
  if (!metadata.resolution.empty()) {  // WebP has no place for it but EXIF
    const auto exif = Exif::parse(metadata.exif);
    losses.resolution |= !exif || !exif->says(metadata.resolution);
  }
  if (metadata.icc.empty() && metadata.exif.empty() && metadata.xmp.empty()) return file;
  return with_metadata(file, metadata);
}

}  // namespace

const Format& webp_format() {
  static const Format format{read_header, read, write};
  return format;
}

}  // namespace vaec::image
