#include "image/metadata/xmp.hpp"

#include <algorithm>
#include <array>
#include <exiv2/exiv2.hpp>
#include <new>
#include <string_view>
#include <utility>

#include "image/metadata/exiv2_lock.hpp"
#include "image/metadata/xmp_packet.hpp"

namespace vaec::image {
namespace {

// What Exiv2 throws, of whatever kind, is that it cannot.
template <typename Work>
bool succeeds(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return false;
  }
}

#if EXIV2_TEST_VERSION(0, 28, 0)
std::int64_t integer_of(const Exiv2::Metadatum& datum) { return datum.toInt64(); }
#else
std::int64_t integer_of(const Exiv2::Metadatum& datum) { return datum.toLong(); }
#endif

// Of "Directory[1]/Container:Item": "Directory".
std::string root_of(const Exiv2::Xmpdatum& datum) {
  const std::string name = datum.tagName();
  return name.substr(0, name.find_first_of("[/"));
}

bool points_at_second_picture(const Exiv2::Xmpdatum& datum) {
  constexpr std::string_view kAll[] = {
      "http://ns.google.com/photos/1.0/container/",    "http://ns.google.com/photos/1.0/container/item/",
      "http://ns.adobe.com/hdr-gain-map/1.0/",         "http://ns.apple.com/HDRGainMap/1.0/",
      "http://ns.apple.com/pixeldatainfo/1.0/",        "http://ns.apple.com/depthData/1.0/",
      "http://ns.google.com/photos/dd/1.0/container/", "http://ns.google.com/photos/dd/1.0/item/"};
  constexpr std::string_view kNames[] = {"MotionPhoto", "MicroVideo", "OLivePhoto"};
  const std::string space = Exiv2::XmpProperties::ns(datum.groupName()), name = root_of(datum);
  return std::ranges::find(kAll, space) != std::end(kAll) ||
         std::ranges::any_of(kNames, [&](auto begin) { return std::string_view(name).starts_with(begin); });
}

struct Pair {
  const char *x, *y;
};
constexpr Pair kSizes[] = {{"Xmp.tiff.ImageWidth", "Xmp.tiff.ImageLength"},
                           {"Xmp.exif.PixelXDimension", "Xmp.exif.PixelYDimension"}};
constexpr Pair kResolution = {"Xmp.tiff.XResolution", "Xmp.tiff.YResolution"};

}  // namespace

class Xmp::Data {
 public:
  Exiv2::XmpData properties;
  std::vector<std::byte> packet;  // as it was read
  bool changed = false;

  [[nodiscard]] Exiv2::XmpData::iterator find(const std::string& key) {
    return properties.findKey(Exiv2::XmpKey(key));
  }

  [[nodiscard]] std::optional<std::string> text(const std::string& key) {
    const auto found = find(key);
    return found == properties.end() ? std::nullopt : std::optional(found->toString());
  }

  void set(const std::string& key, const std::string& value) {
    if (text(key) == value) return;
    properties[key] = value;
    changed = true;
  }

  // With all below it.
  template <typename Which>
  std::vector<std::string> erase(const Which& which) {
    std::vector<std::string> names;
    for (auto it = properties.begin(); it != properties.end();) {
      if (!which(*it)) {
        ++it;
        continue;
      }
      const std::string name = it->groupName() + ":" + root_of(*it);
      if (names.empty() || names.back() != name) names.push_back(name);
      it = properties.erase(it);
      changed = true;
    }
    return names;
  }
};

Xmp::Xmp() : Xmp(std::make_unique<Data>()) {}
Xmp::Xmp(std::unique_ptr<Data> data) : data_(std::move(data)) {}
Xmp::~Xmp() = default;
Xmp::Xmp(Xmp&&) noexcept = default;
Xmp& Xmp::operator=(Xmp&&) noexcept = default;

std::optional<Xmp> Xmp::parse(std::span<const std::byte> packet) {
  const std::string_view text = without_trailing_space(text_of(packet));
  if (!is_parsable_packet(text)) return std::nullopt;
  const auto lock = use_exiv2();
  auto data = std::make_unique<Data>();
  const bool parsed =
      succeeds([&] { return Exiv2::XmpParser::decode(data->properties, std::string(text)) == 0; });
  if (!parsed) return std::nullopt;
  data->packet = without_padding(text);
  return Xmp(std::move(data));
}

std::optional<std::vector<std::byte>> Xmp::packet() const {
  if (!data_->changed) return data_->packet;
  if (data_->properties.empty()) return std::vector<std::byte>{};
  const auto lock = use_exiv2();
  std::string text;
  const bool written = succeeds([&] {
    const auto format = Exiv2::XmpParser::useCompactFormat | Exiv2::XmpParser::omitAllFormatting;
    return Exiv2::XmpParser::encode(text, data_->properties, static_cast<std::uint16_t>(format)) == 0;
  });
  if (!written) return std::nullopt;
  return without_padding(text);
}

std::optional<int> Xmp::orientation() const {
  const auto lock = use_exiv2();
  std::int64_t value = 0;
  const bool found = succeeds([&] {
    const auto said = data_->find("Xmp.tiff.Orientation");
    if (said == data_->properties.end()) return false;
    value = integer_of(*said);
    return true;
  });
  if (!found || value < 1 || value > 8) return std::nullopt;
  return static_cast<int>(value);
}

std::optional<std::string> Xmp::take_extension_name() {
  const auto lock = use_exiv2();
  std::optional<std::string> name;
  succeeds([&] {
    const std::string prefix = Exiv2::XmpProperties::prefix("http://ns.adobe.com/xmp/note/");
    if (prefix.empty()) return false;
    const auto found = data_->find("Xmp." + prefix + ".HasExtendedXMP");
    if (found == data_->properties.end()) return false;
    name = found->toString();
    data_->properties.erase(found);
    data_->changed = true;
    return true;
  });
  return name;
}

void Xmp::add(const Xmp& extension) {
  const auto lock = use_exiv2();
  std::vector<std::string> there;
  const auto name_of = [](const Exiv2::Xmpdatum& datum) { return datum.groupName() + ":" + root_of(datum); };
  for (const auto& datum : data_->properties) there.push_back(name_of(datum));
  std::ranges::sort(there);
  for (const auto& datum : extension.data_->properties) {
    if (std::ranges::binary_search(there, name_of(datum))) continue;
    data_->properties.add(datum);
    data_->changed = true;
  }
}

std::vector<std::string> Xmp::remove_second_pictures() {
  const auto lock = use_exiv2();
  std::vector<std::string> names;
  succeeds([&] {
    names = data_->erase(points_at_second_picture);
    return true;
  });
  return names;
}

void Xmp::remove_thumbnail() {
  const auto lock = use_exiv2();
  data_->erase([](const Exiv2::Xmpdatum& datum) {
    return datum.groupName() == "xmp" && root_of(datum) == "Thumbnails";
  });
}

void Xmp::make_upright(bool turned, Size upright) {
  remove_thumbnail();
  const auto lock = use_exiv2();
  succeeds([&] {
    if (data_->text("Xmp.tiff.Orientation")) data_->set("Xmp.tiff.Orientation", "1");
    if (!turned) return true;
    const auto width = std::to_string(upright.width), height = std::to_string(upright.height);
    for (const Pair& size : kSizes) {
      if (data_->text(size.x) != height || data_->text(size.y) != width) continue;
      data_->set(size.x, width);
      data_->set(size.y, height);
    }
    const auto x = data_->text(kResolution.x), y = data_->text(kResolution.y);
    if (x && y) {
      data_->set(kResolution.x, *y);
      data_->set(kResolution.y, *x);
    }
    return true;
  });
}

void Xmp::set_size(Size size) {
  const auto lock = use_exiv2();
  succeeds([&] {
    for (const Pair& said : kSizes) {
      if (!data_->text(said.x) || !data_->text(said.y)) continue;
      data_->set(said.x, std::to_string(size.width));
      data_->set(said.y, std::to_string(size.height));
    }
    return true;
  });
}

Xmp::Told Xmp::tell(const std::string& keyword, const std::string& text) {
  static constexpr std::pair<std::string_view, const char*> kPlaces[] = {
      {"Title", "Xmp.dc.title"},
      {"Author", "Xmp.dc.creator"},
      {"Description", "Xmp.dc.description"},
      {"Copyright", "Xmp.dc.rights"},
      {"Comment", "Xmp.dc.description"}};
  const auto place =
      std::ranges::find(kPlaces, std::string_view(keyword), &std::pair<std::string_view, const char*>::first);
  if (place == std::end(kPlaces)) return Told::kOther;
  const auto lock = use_exiv2();
  Told told = Told::kOther;
  succeeds([&] {
    const Exiv2::XmpKey key(place->second);
    const auto said = data_->properties.findKey(key);
    if (keyword == "Author") {
      Exiv2::XmpArrayValue names(Exiv2::xmpSeq);
      names.read(text);
      told = said == data_->properties.end() ? Told::kNow
             : said->toString() == text      ? Told::kAlready
                                             : Told::kOther;
      if (told == Told::kNow) data_->properties.add(key, &names);
    } else {
      Exiv2::LangAltValue words;
      words.value_["x-default"] = text;
      told = said == data_->properties.end() ? Told::kNow
             : said->toString(0) == text     ? Told::kAlready
                                             : Told::kOther;
      if (told == Told::kNow) data_->properties.add(key, &words);
    }
    data_->changed = data_->changed || told == Told::kNow;
    return true;
  });
  return told;
}

}  // namespace vaec::image
