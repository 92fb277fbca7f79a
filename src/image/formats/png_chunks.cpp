#include "image/formats/png_chunks.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "image/byte_reader.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/metadata/xmp.hpp"
#include "image/resolution.hpp"
#include "image/text_encoding.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;
using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

constexpr std::uint32_t kCicp = png_type("cICP"), kIccp = png_type("iCCP"), kSrgb = png_type("sRGB"),
                        kGama = png_type("gAMA"), kChrm = png_type("cHRM"), kPhys = png_type("pHYs"),
                        kExif = png_type("eXIf"), kText = png_type("tEXt"), kZtxt = png_type("zTXt"),
                        kItxt = png_type("iTXt");
constexpr std::array kTypes = {kCicp, kIccp, kSrgb, kGama, kChrm, kPhys, kExif, kText, kZtxt, kItxt};

constexpr auto kXmpKeyword = "XML:com.adobe.xmp"sv, kRawKeyword = "Raw profile type "sv;

std::string_view text_of(View bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Up to a zero byte, which is passed over, or all that is left.
View take_string(View& rest) {
  const auto end = std::find(rest.begin(), rest.end(), std::byte{0});
  const View found = rest.first(static_cast<std::size_t>(end - rest.begin()));
  rest = rest.subspan(found.size() + (end == rest.end() ? 0 : 1));
  return found;
}

// A text chunk taken apart.
struct TextChunk {
  std::string keyword;  // UTF-8
  View text;            // as it stands there
  bool is_compressed = false, is_utf8 = false;
};

std::optional<TextChunk> parse_text(const PngChunk& chunk) {
  if (chunk.type != kText && chunk.type != kZtxt && chunk.type != kItxt) return std::nullopt;
  TextChunk result;
  View rest = chunk.data;
  result.keyword = utf8_of_latin1(text_of(take_string(rest)));
  result.is_compressed = chunk.type == kZtxt;
  std::size_t bytes = result.is_compressed ? 1 : 0;  // a method: there is one
  if (chunk.type == kItxt) {
    result.is_utf8 = true;
    result.is_compressed = !rest.empty() && rest[0] != std::byte{0};
    bytes = 2;
  }
  rest = rest.subspan(std::min(bytes, rest.size()));
  if (chunk.type == kItxt) {
    (void)take_string(rest);  // a language
    (void)take_string(rest);  // the keyword in it
  }
  result.text = rest;
  return result;
}

// A profile in the way of ImageMagick: its name, its size, its bytes as hexadecimal digits, with white space
// between them all. Nothing for one that is damaged.
std::optional<Bytes> parse_raw_profile(std::string_view text) {
  constexpr auto kWhite = " \t\r\n"sv;
  const auto skip_white = [&] { text.remove_prefix(std::min(text.find_first_not_of(kWhite), text.size())); };
  skip_white();
  text.remove_prefix(std::min(text.find('\n'), text.size()));
  skip_white();
  std::uint64_t size = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9' && size <= text.size()) {
    size = size * 10 + static_cast<std::uint64_t>(text[0] - '0');
    text.remove_prefix(1);
  }
  if (size == 0 || size > text.size() / 2) return std::nullopt;
  Bytes result;
  result.reserve(size);
  while (result.size() < size) {
    int value = 0;
    for (int digit = 0; digit < 2; ++digit) {
      skip_white();
      if (text.empty()) return std::nullopt;
      const char c = text[0];
      const int number = c >= '0' && c <= '9'   ? c - '0'
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                : -1;
      if (number < 0) return std::nullopt;
      value = value * 16 + number;
      text.remove_prefix(1);
    }
    result.push_back(static_cast<std::byte>(value));
  }
  return result;
}

class ChunkReader {
 public:
  ChunkReader(std::span<const PngChunk> chunks, const ReadOptions& options, Content& content)
      : chunks_(chunks), options_(options), content_(content) {}

  void read() {
    for (const PngChunk& chunk : chunks_) {
      if (chunk.type != kExif) continue;
      if (auto exif = kept(chunk.data, false, "its EXIF")) content_.exif.push_back(std::move(*exif));
    }
    read_texts([](std::string_view keyword) { return keyword == kXmpKeyword; });
    read_texts([](std::string_view keyword) { return keyword.starts_with(kRawKeyword); });
    if (!options_.keeps_metadata) return;
    read_texts(
        [](std::string_view keyword) { return keyword != kXmpKeyword && !keyword.starts_with(kRawKeyword); });
    read_resolution();
    if (!read_code_points() && !read_profile() && first(kSrgb) == nullptr) read_gamma();
  }

 private:
  void note(std::string text) {
    auto& notes = content_.notes;
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(std::move(text));
  }

  [[nodiscard]] const PngChunk* first(std::uint32_t type) const {
    const auto found =
        std::find_if(chunks_.begin(), chunks_.end(), [&](const auto& chunk) { return chunk.type == type; });
    return found == chunks_.end() ? nullptr : &*found;
  }

  // Of at most so many bytes: a raw profile takes two digits a byte, and ends of lines. Whether it is more than
  // max_metadata in the end is for others to tell.
  [[nodiscard]] std::uint64_t most_of_one() const { return 3 * options_.max_metadata + 4096; }
  [[nodiscard]] std::uint64_t most_of_xmp() const { return std::max(most_of_one(), Xmp::kMostToParse); }
  [[nodiscard]] std::optional<Bytes> kept(View data, bool is_compressed, const std::string& name);
  // XMP may be larger: it says how the picture lies.
  [[nodiscard]] std::optional<Bytes> kept_xmp(View data, bool is_compressed);
  std::optional<Bytes> take(View data, bool is_compressed, const std::string& name, std::uint64_t most,
                            std::uint64_t& left);

  template <typename Filter>
  void read_texts(const Filter& filter);
  void take_raw_profile(const std::string& kind, const Bytes& text);
  void take_xmp(Bytes packet);

  void read_resolution();
  bool read_code_points();
  bool read_profile();
  void take_profile(Bytes icc);
  void read_gamma();

  std::span<const PngChunk> chunks_;
  const ReadOptions& options_;
  Content& content_;
  Bytes raw_icc_;
  // Bytes that all XMP, and all else, may have.
  std::uint64_t xmp_left_ = 2 * most_of_xmp(), left_ = 8 * most_of_one();
};

// What comes out of a zlib stream, at most one byte more than `most`. Nothing for one that is damaged.
std::optional<Bytes> inflated(View data, std::uint64_t most) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());  // no chunk has more than 2^31 bytes
  Bytes result;
  std::array<std::byte, 16384> buffer{};
  int status = Z_OK;
  while (status == Z_OK && result.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    const std::uint64_t found =
        std::min<std::uint64_t>(buffer.size() - stream.avail_out, most + 1 - result.size());
    result.insert(result.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(found));
  }
  return status == Z_OK || status == Z_STREAM_END ? std::optional(std::move(result)) : std::nullopt;
}

// A copy, inflated. Nothing, and a note, for what is damaged or too large.
std::optional<Bytes> ChunkReader::take(View data, bool is_compressed, const std::string& name,
                                       std::uint64_t most, std::uint64_t& left) {
  most = std::min(most, left);
  std::optional<Bytes> result;
  if (is_compressed) {
    result = inflated(data, most);
  } else if (data.size() <= most) {
    result.emplace(data.begin(), data.end());
  }
  if (is_compressed && !result) {
    note(name + " is damaged: left out");
  } else if (!result || result->size() > most) {
    note(name + " is too large: left out");
    result.reset();
  }
  left -= result ? result->size() : is_compressed ? most : 0;
  return result;
}

std::optional<Bytes> ChunkReader::kept(View data, bool is_compressed, const std::string& name) {
  return take(data, is_compressed, name, most_of_one(), left_);
}

std::optional<Bytes> ChunkReader::kept_xmp(View data, bool is_compressed) {
  return take(data, is_compressed, "its XMP", most_of_xmp(), xmp_left_);
}

template <typename Filter>
void ChunkReader::read_texts(const Filter& filter) {
  for (const PngChunk& chunk : chunks_) {
    const auto found = parse_text(chunk);
    if (!found || !filter(found->keyword)) continue;
    const bool is_xmp = found->keyword == kXmpKeyword;
    auto text =
        is_xmp ? kept_xmp(found->text, found->is_compressed)
               : kept(found->text, found->is_compressed, "its text \"" + printable(found->keyword) + "\"");
    if (!text) continue;
    if (is_xmp) {
      take_xmp(std::move(*text));
    } else if (found->keyword.starts_with(kRawKeyword)) {
      take_raw_profile(found->keyword.substr(kRawKeyword.size()), *text);
    } else {
      const auto characters = text_of(*text);
      content_.texts.push_back(
          {found->keyword, found->is_utf8 ? utf8_of_either(characters) : utf8_of_latin1(characters)});
    }
  }
}

void ChunkReader::take_raw_profile(const std::string& kind, const Bytes& text) {
  constexpr auto kExifPrefix = "Exif\0\0"sv, kXmpPrefix = "http://ns.adobe.com/xap/1.0/\0"sv;
  if (kind == "iptc" || kind == "8bim") return note("IPTC: left out");
  const bool is_icc = kind == "icc" || kind == "icm", is_xmp = kind == "xmp",
             is_app1 = kind == "exif" || kind == "APP1" || kind == "app1";
  if (!is_icc && !is_xmp && !is_app1) return note("its raw profile \"" + printable(kind) + "\": left out");
  auto profile = parse_raw_profile(text_of(text));
  if (!profile) return note("its raw profile \"" + kind + "\" is damaged: left out");
  const auto drop = [&](std::size_t bytes) {
    profile->erase(profile->begin(), profile->begin() + static_cast<std::ptrdiff_t>(bytes));
  };
  const bool has_xmp_prefix = has_text_at(*profile, 0, kXmpPrefix);
  if (has_xmp_prefix) drop(kXmpPrefix.size());
  if (is_icc) {
    if (raw_icc_.empty()) raw_icc_ = std::move(*profile);
  } else if (is_xmp || has_xmp_prefix) {
    take_xmp(std::move(*profile));
  } else {
    if (has_text_at(*profile, 0, kExifPrefix)) drop(kExifPrefix.size());
    content_.exif.push_back(std::move(*profile));
  }
}

void ChunkReader::take_xmp(Bytes packet) {
  if (content_.xmp.empty()) {
    content_.xmp = std::move(packet);
  } else if (content_.xmp != packet) {
    note("a second XMP packet: left out");
  }
}

void ChunkReader::read_resolution() {
  const PngChunk* chunk = first(kPhys);
  if (chunk == nullptr) return;
  const auto x = read_integer(chunk->data, 0, 4, Endian::kBig),
             y = read_integer(chunk->data, 4, 4, Endian::kBig),
             unit = read_integer(chunk->data, 8, 1, Endian::kBig);
  if (!x || !y || !unit || *unit > 1) return note("its resolution is damaged: left out");
  content_.resolution =
      make_resolution(*unit == 1 ? Resolution::Unit::kMetre : Resolution::Unit::kRatio, *x, *y);
}

// The three that say what colours the samples are give whether they did.
bool ChunkReader::read_code_points() {
  const PngChunk* chunk = first(kCicp);
  if (chunk == nullptr) return false;
  const auto at = [&](std::uint64_t offset) {
    return static_cast<int>(read_integer(chunk->data, offset, 1, Endian::kBig).value_or(255));
  };
  const int primaries = at(0), transfer = at(1), matrix = at(2), full_range = at(3);
  const std::string name =
      "its colour space (cICP " + std::to_string(primaries) + ", " + std::to_string(transfer) + ")";
  const bool is_rgb = matrix == 0 && full_range == 1;
  auto profile = is_rgb ? profile_of_code_points(primaries, transfer) : std::nullopt;
  if (!profile || (!profile->empty() && content_.image.channels != 3)) {
    note(name + " makes no profile: left out");
    return false;
  }
  content_.icc = std::move(*profile);
  return true;
}

bool ChunkReader::read_profile() {
  if (const PngChunk* chunk = first(kIccp)) {
    View rest = chunk->data;
    (void)take_string(rest);                                     // its name
    rest = rest.subspan(std::min<std::size_t>(1, rest.size()));  // a method: there is one
    if (auto profile = kept(rest, true, "its colour profile (ICC)")) take_profile(std::move(*profile));
  }
  if (content_.icc.empty() && !raw_icc_.empty()) take_profile(std::move(raw_icc_));
  return !content_.icc.empty();
}

// One that says nothing of these samples leaves the word to what counts behind it.
void ChunkReader::take_profile(Bytes icc) {
  if (auto fault = profile_fault(icc, model_of(content_.image.channels))) return note(std::move(*fault));
  content_.icc = std::move(icc);
}

bool is_close_to_srgb(const Chromaticities& colours) {
  constexpr double kTolerance = 0.003;  // what makes no difference to see
  const Chromaticities srgb;
  const auto is_close = [](double a, double b) { return std::abs(a - b) <= kTolerance; };
  return is_close(colours.white_x, srgb.white_x) && is_close(colours.white_y, srgb.white_y) &&
         is_close(colours.red_x, srgb.red_x) && is_close(colours.red_y, srgb.red_y) &&
         is_close(colours.green_x, srgb.green_x) && is_close(colours.green_y, srgb.green_y) &&
         is_close(colours.blue_x, srgb.blue_x) && is_close(colours.blue_y, srgb.blue_y);
}

std::optional<Chromaticities> chromaticities_of(const PngChunk& chunk) {
  std::array<double, 8> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = read_integer(chunk.data, 4 * i, 4, Endian::kBig);
    if (!value) return std::nullopt;
    values[i] = *value / 100000.0;
  }
  return Chromaticities{values[0], values[1], values[2], values[3],
                        values[4], values[5], values[6], values[7]};
}

void ChunkReader::read_gamma() {
  constexpr double kSrgbGamma = 45455, kTolerance = 500;  // with sRGB's colours it stands for sRGB's curve
  const PngChunk *gamma_chunk = first(kGama), *colours_chunk = first(kChrm);
  const auto gamma =
      gamma_chunk == nullptr ? std::optional(0U) : read_integer(gamma_chunk->data, 0, 4, Endian::kBig);
  const auto colours =
      colours_chunk == nullptr ? std::optional(Chromaticities{}) : chromaticities_of(*colours_chunk);
  const bool has_gamma = gamma_chunk != nullptr, is_grey = content_.image.channels == 1;
  if (!gamma || !colours || (has_gamma && *gamma == 0))
    return note("its colour space (gAMA, cHRM) is damaged: left out");
  const bool has_srgb_curve = !has_gamma || std::abs(*gamma - kSrgbGamma) <= kTolerance;
  if (has_srgb_curve && (is_grey || is_close_to_srgb(*colours))) return;
  const double exponent = has_gamma ? 100000.0 / *gamma : 0;
  content_.icc = is_grey     ? grey_profile(exponent)
                 : has_gamma ? rgb_profile(*colours, exponent)
                             : rgb_profile_with_srgb_curve(*colours);
  if (content_.icc.empty()) note("its colour space (gAMA, cHRM) makes no profile: left out");
}

}  // namespace

bool is_read(std::uint32_t png_type) {
  return std::find(kTypes.begin(), kTypes.end(), png_type) != kTypes.end();
}

void read_png_chunks(std::span<const PngChunk> chunks, const ReadOptions& options, Content& content) {
  ChunkReader(chunks, options, content).read();
}

}  // namespace vaec::image
