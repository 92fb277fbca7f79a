#include "image/metadata/describe.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "image/byte_reader.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/metadata/exif.hpp"
#include "image/metadata/texts.hpp"
#include "image/metadata/xmp.hpp"
#include "image/metadata/xmp_packet.hpp"
#include "image/orientation.hpp"

namespace vaec::image {
namespace {

using Bytes = std::vector<std::byte>;

std::string in_thousands(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string too_large(const std::string& part, std::uint64_t size) {
  return part + " of " + in_thousands(size) + " bytes, more than the limit (--max-metadata): left out";
}

// Some writers fill profiles up; libpng takes none that is longer than it says (ISO 15076-1, 7.2.2).
void cut_to_its_size(Bytes& icc) {
  const auto size = read_integer(icc, 0, 4, Endian::kBig);
  if (size && *size < icc.size()) icc.resize(*size);
}

Bytes kept_profile(Bytes icc, std::uint32_t channels, const ReadOptions& options,
                   std::vector<std::string>& notes) {
  if (icc.empty()) return {};
  if (icc.size() > options.max_metadata) {
    notes.push_back(too_large("its colour profile (ICC)", icc.size()));
    return {};
  }
  if (auto fault = profile_fault(icc, model_of(channels))) {
    notes.push_back(std::move(*fault));
    return {};
  }
  cut_to_its_size(icc);
  return icc;
}

// The first that is good.
std::optional<Exif> find_exif(const std::vector<Bytes>& all, std::vector<std::string>& notes) {
  std::optional<Exif> found;
  const Bytes* first = nullptr;
  for (const Bytes& bytes : all) {
    if (bytes.empty()) continue;
    if (found) {
      if (bytes != *first) notes.push_back("EXIF behind the first: left out");
      return found;
    }
    found = Exif::parse(bytes);
    first = &bytes;
    if (!found) notes.push_back("its EXIF is damaged: left out");
  }
  return found;
}

// Where the one that counts says nothing of it: that of the first that does. 0: none.
int exif_orientation(const std::optional<Exif>& counts, const std::vector<Bytes>& all) {
  if (!counts) return 0;
  if (const auto said = counts->orientation()) return *said;
  for (const Bytes& bytes : all) {
    const auto exif = Exif::parse(bytes);
    if (const auto said = exif ? exif->orientation() : std::nullopt) return *said;
  }
  return 0;
}

// Of a packet that may be larger than what is kept, where `decides` how the picture lies.
std::optional<Xmp> find_xmp(const Content& content, const ReadOptions& options, bool decides,
                            std::vector<std::string>& notes) {
  if (content.xmp.empty()) return std::nullopt;
  const std::uint64_t most =
      std::max(options.max_metadata, decides ? Xmp::kMostToParse : ReadOptions{}.max_metadata);
  if (content.xmp.size() > most) {
    notes.push_back(too_large("XMP", content.xmp.size()));
    return std::nullopt;
  }
  auto xmp = Xmp::parse(content.xmp);
  if (!xmp) notes.push_back("its XMP is damaged: left out");
  return xmp;
}

void add_extension(Xmp& xmp, const Content& content, const ReadOptions& options,
                   std::vector<std::string>& notes) {
  const auto name = xmp.take_extension_name();
  if (!name) {
    if (!content.extended_xmp.empty())
      notes.push_back("extended XMP, which the XMP packet does not name: left out");
    return;
  }
  const auto found =
      std::ranges::find(content.extended_xmp, *name, [](const auto& part) { return part.first; });
  if (found == content.extended_xmp.end()) {
    notes.push_back("the extended XMP that the XMP packet names is not there");
  } else if (content.xmp.size() + found->second.size() > options.max_metadata) {
    notes.push_back(too_large("extended XMP", found->second.size()));
  } else if (const auto extension = Xmp::parse(found->second)) {
    xmp.add(*extension);
  } else {
    notes.push_back("its extended XMP is damaged: left out");
  }
}

Size size_of(const Image& image, int orientation) {
  return is_turned(orientation) ? Size{image.height, image.width} : Size{image.width, image.height};
}

Bytes kept_xmp(Xmp& xmp, const Content& content, const ReadOptions& options,
               std::vector<std::string>& notes) {
  const auto gone = xmp.remove_second_pictures();
  if (!gone.empty())
    notes.push_back("XMP about more pictures or videos in the file (" + list(gone) + "): left out");
  const auto other = tell_texts(xmp, content.texts, options.max_metadata);
  if (!other.empty()) notes.push_back("text (" + list(other) + "): left out");
  const auto packet = xmp.packet();
  if (!packet) {
    notes.push_back("its XMP cannot be written anew: left out");
    return {};
  }
  if (packet->size() > options.max_metadata) {
    notes.push_back(too_large("XMP", packet->size()));
    return {};
  }
  return *packet;
}

}  // namespace

Description describe(Content& content, const ReadOptions& options) {
  Description result;
  const bool keeps = options.keeps_metadata && options.max_metadata > 0;
  std::vector<std::string> notes;
  auto exif = find_exif(content.exif, notes);
  const int exif_says = exif_orientation(exif, content.orientation ? std::vector<Bytes>{} : content.exif);
  const bool xmp_decides = !content.orientation && exif_says == 0;
  std::optional<Xmp> xmp;
  if (keeps || xmp_decides) xmp = find_xmp(content, options, xmp_decides, notes);
  const int xmp_says = xmp ? xmp->orientation().value_or(0) : 0;
  if (xmp && xmp->packet()->size() > options.max_metadata) {
    notes.push_back(too_large("XMP", xmp->packet()->size()));
    xmp.reset();
  }

  const int metadata_says = exif_says != 0 ? exif_says : xmp_says != 0 ? xmp_says : 1;
  const int said = content.orientation.value_or(metadata_says);
  result.orientation = said >= 1 && said <= 8 ? said : 1;
  if (!keeps) return result;

  // The format's own word is the last one: what else says something must not be heard later.
  const bool applied = result.orientation != 1;
  const bool overruled = content.orientation && (exif_says > 1 || xmp_says > 1);
  if (applied || overruled) {
    const Size upright = size_of(content.image, result.orientation);
    const bool turned = is_turned(applied ? result.orientation : metadata_says);
    if (exif) exif->make_upright(turned, upright);
    if (xmp) xmp->make_upright(turned, upright);
  }

  result.metadata.icc = kept_profile(std::move(content.icc), content.image.channels, options, notes);
  if (exif && exif->bytes().size() > options.max_metadata) {
    notes.push_back(too_large("EXIF", exif->bytes().size()));
    exif.reset();
  }
  if (exif) {
    if (exif->damaged_entries() > 0)
      notes.push_back("damaged entries of its EXIF (" + std::to_string(exif->damaged_entries()) +
                      "): left out");
    result.metadata.exif = exif->bytes();
  }
  // The picture is not upright yet, nor is this; EXIF is.
  Resolution upright_resolution = content.resolution;
  if (is_turned(result.orientation)) std::swap(upright_resolution.x, upright_resolution.y);
  if (!exif || !exif->says(upright_resolution)) result.metadata.resolution = content.resolution;
  if (!xmp && content.xmp.empty()) xmp.emplace();
  if (xmp) add_extension(*xmp, content, options, notes);
  if (!xmp) xmp.emplace();  // for the texts
  result.metadata.xmp = kept_xmp(*xmp, content, options, notes);
  result.notes = std::move(notes);
  return result;
}

Metadata metadata_for_writing(const Image& image, std::uint32_t channels, const WriteOptions& options,
                              Losses& losses) {
  Metadata result = image.metadata;
  const Size size{image.width, image.height};
  if (!result.icc.empty() && colour_model_of(result.icc) != model_of(channels)) {
    losses.icc = true;
    result.icc.clear();
  }
  cut_to_its_size(result.icc);
  if (!result.exif.empty()) {
    auto exif = Exif::parse(result.exif);
    if (exif && options.is_view) {
      exif->set_size(size);
      exif->remove_thumbnail();
    }
    if (exif && result.resolution.empty()) result.resolution = exif->resolution();
    losses.exif = !exif;
    result.exif = exif ? exif->bytes() : Bytes{};
  }
  if (!result.xmp.empty() && !is_parsable_packet(text_of(result.xmp))) {
    losses.xmp = true;
    result.xmp.clear();
  }
  if (!result.xmp.empty() && options.is_view) {
    if (auto xmp = Xmp::parse(result.xmp)) {
      xmp->set_size(size);
      xmp->remove_thumbnail();
      if (auto packet = xmp->packet()) result.xmp = std::move(*packet);
    }
  }
  return result;
}

}  // namespace vaec::image
