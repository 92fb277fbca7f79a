#include "image/formats/jpeg_segments.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "image/byte_reader.hpp"
#include "image/text_encoding.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;
using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

constexpr auto kMpf = "MPF\0"sv, kGainMap = "urn:iso:std:iso:ts:21496:-1\0"sv;

Bytes copy_of(View data) { return {data.begin(), data.end()}; }

std::string_view text_of(View data) { return {reinterpret_cast<const char*>(data.data()), data.size()}; }

void note(Content& content, std::string text) {
  auto& notes = content.notes;
  if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(std::move(text));
}

// What stands behind `prefix` in segments of that marker.
template <typename Work>
void for_each(std::span<const JpegSegment> segments, int marker, std::string_view prefix, const Work& work) {
  for (const auto& segment : segments) {
    if (segment.marker == marker && has_text_at(segment.data, 0, prefix))
      work(segment.data.subspan(prefix.size()));
  }
}

bool is_there(std::span<const JpegSegment> segments, int marker, std::string_view prefix) {
  bool found = false;
  for_each(segments, marker, prefix, [&](View) { found = true; });
  return found;
}

// Parts that say their number and how many they are, each once, in any order.
std::optional<Bytes> join_profile(std::span<const JpegSegment> segments) {
  std::vector<View> parts;
  std::size_t count = 0;
  bool is_good = true;
  for_each(segments, kApp2, kJpegIcc, [&](View part) {
    const auto number = read_integer(part, 0, 1, Endian::kBig), of = read_integer(part, 1, 1, Endian::kBig);
    if (!is_good || !number || !of || *number == 0 || *number > *of || (count != 0 && count != *of)) {
      is_good = false;
      return;
    }
    count = *of;
    parts.resize(count);
    View& place = parts[*number - 1];
    is_good = place.empty() && part.size() > 2;
    place = part.subspan(2);
  });
  Bytes profile;
  for (const View part : parts) {
    is_good = is_good && !part.empty();
    profile.insert(profile.end(), part.begin(), part.end());
  }
  return is_good ? std::optional(std::move(profile)) : std::nullopt;
}

// One XMP packet's extension, which is known by its GUID: parts that say where they belong.
struct Extension {
  std::uint64_t size = 0;
  std::vector<std::pair<std::uint64_t, View>> parts;  // offset, bytes
};

std::optional<Bytes> join(Extension extension) {
  std::sort(extension.parts.begin(), extension.parts.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Bytes result;
  for (const auto& [offset, part] : extension.parts) {
    if (offset != result.size()) return std::nullopt;
    result.insert(result.end(), part.begin(), part.end());
  }
  return result.size() == extension.size ? std::optional(std::move(result)) : std::nullopt;
}

void read_extended_xmp(std::span<const JpegSegment> segments, Content& content) {
  std::map<std::string, Extension> extensions;
  bool is_damaged = false;
  for_each(segments, kApp1, kJpegExtendedXmp, [&](View data) {
    const auto size = read_integer(data, kGuidDigits, 4, Endian::kBig),
               offset = read_integer(data, kGuidDigits + 4, 4, Endian::kBig);
    if (!size || !offset) {
      is_damaged = true;
      return;
    }
    Extension& extension = extensions[std::string(text_of(data.first(kGuidDigits)))];
    is_damaged |= !extension.parts.empty() && extension.size != *size;
    extension.size = *size;
    extension.parts.emplace_back(*offset, data.subspan(kGuidDigits + 8));
  });
  for (auto& [guid, extension] : extensions) {
    auto whole = join(std::move(extension));
    is_damaged |= !whole;
    if (whole) content.extended_xmp.emplace_back(guid, std::move(*whole));
  }
  if (is_damaged) note(content, "its extended XMP is damaged: left out");
}

void read_xmp(std::span<const JpegSegment> segments, Content& content) {
  for_each(segments, kApp1, kJpegXmp, [&](View packet) {
    if (content.xmp.empty()) {
      content.xmp = copy_of(packet);
    } else if (content.xmp != copy_of(packet)) {
      note(content, "a second XMP packet: left out");
    }
  });
  read_extended_xmp(segments, content);
}

void read_comments(std::span<const JpegSegment> segments, Content& content) {
  for_each(segments, kJpegComment, "", [&](View data) {
    std::string_view text = text_of(data);
    text = text.substr(0, text.find_last_not_of('\0') + 1);
    if (!text.empty()) content.texts.push_back({"Comment", utf8_of_either(text)});
  });
}

// Of which nothing here is read.
bool is_other(const JpegSegment& segment) {
  const auto begins = [&](std::string_view prefix) { return has_text_at(segment.data, 0, prefix); };
  if (segment.data.empty() || segment.marker == kApp13 || segment.marker == kJpegComment) return false;
  if (segment.marker == kApp1) return !begins(kJpegExif) && !begins(kJpegXmp) && !begins(kJpegExtendedXmp);
  if (segment.marker == kApp2) return !begins(kJpegIcc) && !begins(kMpf) && !begins(kGainMap);
  return true;
}

// What is left out whatever it holds.
void note_others(std::span<const JpegSegment> segments, Content& content) {
  std::set<int> others;
  for (const auto& segment : segments) {
    if (is_other(segment)) others.insert(segment.marker - kApp1 + 1);
  }
  std::string names;
  for (const int number : others) names += (names.empty() ? "APP" : ", APP") + std::to_string(number);
  if (!names.empty()) note(content, "other application data (" + names + "): left out");
  constexpr auto kIptc = "8BIM\x04\x04"sv;  // a resource among Photoshop's
  for_each(segments, kApp13, "", [&](View data) {
    if (text_of(data).find(kIptc) != std::string_view::npos) note(content, "IPTC: left out");
  });
  if (is_there(segments, kApp2, kGainMap)) note(content, "a gain map (HDR): left out");
}

// Of an index of pictures, which is a TIFF directory; 0: none.
std::uint32_t pictures_in(View mpf) {
  const Endian endian = has_text_at(mpf, 0, "II") ? Endian::kLittle : Endian::kBig;
  constexpr std::uint32_t kNumberOfImages = 0xb001, kMostEntries = 100;
  const std::uint64_t directory = read_integer(mpf, 4, 4, endian).value_or(0);
  const auto entries = std::min(read_integer(mpf, directory, 2, endian).value_or(0), kMostEntries);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t entry = directory + 2 + 12 * i;
    if (read_integer(mpf, entry, 2, endian) == kNumberOfImages)
      return read_integer(mpf, entry + 8, 4, endian).value_or(0);
  }
  return 0;
}

bool is_gain_map(const Content& content) {
  const auto xmp = text_of(content.xmp);
  return xmp.find("http://ns.adobe.com/hdr-gain-map/") != std::string_view::npos ||
         xmp.find("HDRGainMap") != std::string_view::npos;
}

}  // namespace

void read_jpeg_segments(std::span<const JpegSegment> segments, const ReadOptions& options, Content& content) {
  for_each(segments, kApp1, kJpegExif, [&](View exif) { content.exif.push_back(copy_of(exif)); });
  read_xmp(segments, content);
  if (!options.keeps_metadata) return;
  read_comments(segments, content);
  note_others(segments, content);
}

Bytes jpeg_profile(std::span<const JpegSegment> segments, Content& content) {
  auto profile = join_profile(segments);
  if (!profile) note(content, "its colour profile (ICC) is damaged: left out");
  return profile ? std::move(*profile) : Bytes{};
}

void note_trailer(std::span<const JpegSegment> segments, View trailer, bool is_size_known, Content& content) {
  // Cameras fill up a block.
  if (std::all_of(trailer.begin(), trailer.end(), [](std::byte b) { return b == std::byte{0}; })) return;
  const auto text = text_of(trailer);
  const bool has_jpeg = text.find("\xff\xd8\xff"sv) != std::string_view::npos,
             has_video = text.find("ftyp"sv) != std::string_view::npos;
  std::uint32_t pictures = 0;
  for_each(segments, kApp2, kMpf, [&](View mpf) { pictures = std::max(pictures, pictures_in(mpf)); });
  const bool has_gain_map = has_jpeg && is_gain_map(content), has_pictures = has_jpeg && pictures > 1;
  if (has_gain_map) {
    note(content, "a gain map (HDR): left out");
  } else if (has_pictures) {
    note(content, pictures == 2 ? "a second picture (MPO): left out"
                                : std::to_string(pictures - 1) + " more pictures (MPO): left out");
  }
  if (!has_video && (has_gain_map || has_pictures)) return;
  const std::string bytes = is_size_known ? std::to_string(trailer.size()) + " bytes" : "what stands";
  note(content, bytes + " behind the picture: " +
                    (has_video  ? "a motion photo's video, left out"
                     : has_jpeg ? "a second picture, left out"
                                : "left out"));
}

}  // namespace vaec::image
