#include "image/formats/jpeg2000_boxes.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "image/byte_reader.hpp"
#include "image/formats/boxes.hpp"
#include "image/resolution.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::byte>;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

// 0 behind the end.
std::uint32_t at(Bytes data, std::uint64_t offset, int size) {
  return read_integer(data, offset, size, Endian::kBig).value_or(0);
}

class BoxReader {
 public:
  // Those that hold boxes among them.
  void read(Bytes data, int depth) {
    const auto end =
        for_each_box(data, [&](std::string_view type, Bytes content) { read_box(type, content, depth); });
    if (depth > 0) return;
    result_.missing = end.missing;
    result_.behind = data.size() - end.offset;
  }

  Jp2Boxes take() {
    if (result_.resolution.empty()) result_.resolution = capture_;
    return std::move(result_);
  }

 private:
  void read_box(std::string_view type, Bytes data, int depth) {
    constexpr int kDeepest = 3;
    if (type == "jp2c") {
      result_.has_more |= !result_.codestream.empty();
      if (result_.codestream.empty()) result_.codestream = data;
    } else if (type == "moov") {
      result_.has_more = true;
    } else if (type == "jp2h" || type == "jpch" || type == "jplh" || type == "cgrp" || type == "res ") {
      if (depth < kDeepest) read(data, depth + 1);
    } else if (type == "colr") {
      read_colour(data);
    } else if (type == "pclr") {
      read_palette(data);
    } else if (type == "cmap" && result_.channels.empty()) {
      for (std::uint64_t i = 0; i + 4 <= data.size() && i < 4 * kMostChannels; i += 4) {
        Jp2Channel channel{at(data, i, 2), std::nullopt};
        if (at(data, i + 2, 1) == 1) channel.column = at(data, i + 3, 1);
        result_.channels.push_back(channel);
      }
    } else if (type == "cdef" && result_.definitions.empty()) {
      for (std::uint64_t i = 2; i + 6 <= data.size() && i < 6 * kMostChannels; i += 6)
        result_.definitions.push_back({at(data, i, 2), at(data, i + 2, 2), at(data, i + 4, 2)});
    } else if (type == "resd" || type == "resc") {
      read_resolution(data, type == "resd" ? result_.resolution : capture_);
    } else if (type == "uuid") {
      read_uuid(data);
    } else if (type == "xml ") {
      result_.has_xml = true;
    }
  }

  // The first one that says something.
  void read_colour(Bytes data) {
    constexpr std::uint32_t kEnumerated = 1, kRestrictedProfile = 2, kAnyProfile = 3;
    if (result_.colour_space || !result_.icc.empty()) return;
    const auto method = at(data, 0, 1);
    if (method == kEnumerated && data.size() >= 7) result_.colour_space = at(data, 3, 4);
    if ((method == kRestrictedProfile || method == kAnyProfile) && data.size() > 3)
      result_.icc = data.subspan(3);
  }

  void read_palette(Bytes data) {
    constexpr std::uint32_t kMostColours = 1024, kMostBits = 16;
    if (!result_.palette.bits.empty()) return;
    const auto colours = at(data, 0, 2), columns = at(data, 2, 1);
    if (colours == 0 || colours > kMostColours || columns == 0)
      refuse("damaged: the JPEG 2000 palette has " + std::to_string(colours) + " colours");
    Jp2Palette palette;
    for (std::uint32_t i = 0; i < columns; ++i) {
      palette.bits.push_back(at(data, 3 + i, 1) + 1);  // signed ones have 128 more
      if (palette.bits.back() > kMostBits)
        refuse("is a JPEG 2000 picture with a palette of more than 16 bits, which this version cannot read");
    }
    std::uint64_t offset = 3 + std::uint64_t{columns};
    for (std::uint64_t i = 0; i < std::uint64_t{colours} * columns; ++i) {
      const int bytes = palette.bits[i % columns] > 8 ? 2 : 1;
      const auto entry = read_integer(data, offset, bytes, Endian::kBig);
      if (!entry) refuse("damaged: the JPEG 2000 palette is shorter than it says");
      palette.entries.push_back(static_cast<std::uint16_t>(*entry));
      offset += static_cast<std::uint64_t>(bytes);
    }
    result_.palette = std::move(palette);
  }

  // Vertical and horizontal fractions and powers of ten: points a metre.
  static void read_resolution(Bytes data, Resolution& to) {
    if (data.size() < 10) return;
    const auto value = [&](std::uint64_t fraction, std::uint64_t exponent) {
      const auto power = static_cast<std::int8_t>(at(data, exponent, 1));
      return at(data, fraction, 2) / static_cast<double>(std::max(1U, at(data, fraction + 2, 2))) *
             std::pow(10, power);
    };
    to = make_resolution(Resolution::Unit::kMetre, value(4, 9), value(0, 8));
  }

  void read_uuid(Bytes data) {
    constexpr auto kXmp = "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac"sv,
                   kExif = "JpgTiffExif->JP2"sv,
                   kAdobeExif = "\x05\x37\xcd\xab\x9d\x0c\x44\x31\xa7\x2a\xfa\x56\x1f\x2a\x11\x3e"sv,
                   kPrefix = "Exif\0\0"sv;
    if (data.size() <= kXmp.size()) return;
    auto content = data.subspan(kXmp.size());
    if (has_text_at(data, 0, kXmp) && result_.xmp.empty()) result_.xmp = content;
    if (has_text_at(data, 0, kExif) || has_text_at(data, 0, kAdobeExif)) {
      if (has_text_at(content, 0, kPrefix)) content = content.subspan(kPrefix.size());
      if (!content.empty()) result_.exif.push_back(content);
    }
  }

  static constexpr std::uint64_t kMostChannels = 1024;
  Jp2Boxes result_;
  Resolution capture_;
};

}  // namespace

Jp2Boxes read_jp2_boxes(Bytes file) {
  if (has_text_at(file, 0, "\xff\x4f")) {
    Jp2Boxes boxes;
    boxes.codestream = file;
    return boxes;
  }
  BoxReader reader;
  reader.read(file, 0);
  return reader.take();
}

}  // namespace vaec::image
