// JPEG 2000: a codestream, which openjpeg decodes, alone or in boxes, which are read here, since openjpeg keeps to
// itself what most of them say.
#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "image/byte_reader.hpp"
#include "image/formats/deleter.hpp"
#include "image/formats/formats.hpp"
#include "image/formats/jpeg2000_boxes.hpp"
#include "image/formats/jpeg2000_codestream.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/premultiplied.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

enum class Space { kGrey, kRgb, kYcc, kCmyk };

// How components become a picture.
struct Plan {
  Jp2Boxes boxes;
  CodestreamSize size;
  Header header;
  std::uint32_t dx = 1, dy = 1;  // of the reference grid, from pixel to pixel
  Space space = Space::kRgb;
  std::vector<Jp2Channel> channels;  // the colours, and then alpha
  bool is_premultiplied = false;
  std::size_t left_out = 0;  // channels
};

std::uint32_t divided_up(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint32_t>((a + b - 1) / b);
}

std::size_t colours_of(Space space) { return space == Space::kGrey ? 1 : space == Space::kCmyk ? 4 : 3; }

// What neither an enumeration nor a profile says, the components do.
Space guessed_space(const CodestreamSize& size, std::size_t channels) {
  if (channels < 3) return Space::kGrey;
  const auto& parts = size.components;
  const bool is_subsampled = parts.size() >= 3 && parts[0].dx * parts[0].dy < parts[1].dx * parts[1].dy &&
                             parts[1].dx == parts[2].dx && parts[1].dy == parts[2].dy;
  return is_subsampled ? Space::kYcc : Space::kRgb;
}

std::optional<Space> enumerated_space(std::uint32_t number) {
  constexpr std::uint32_t kCmyk = 12, kLab = 14, kBilevel = 15, kSrgb = 16, kGrey = 17, kSycc = 18,
                          kEsycc = 24;
  switch (number) {
    case kCmyk:
      return Space::kCmyk;
    case kBilevel:
    case kGrey:
      return Space::kGrey;
    case kSrgb:
      return Space::kRgb;
    case kSycc:
    case kEsycc:
      return Space::kYcc;
    case kLab:
      refuse("is a CIELab JPEG 2000 picture, which this version cannot read: convert it to RGB first");
    default:
      refuse("is a JPEG 2000 picture in the enumerated colour space " + std::to_string(number) +
             ", which this version cannot read: convert it to RGB first");
  }
}

Space space_of(const Plan& plan, std::size_t channels) {
  std::optional<Space> space;
  constexpr std::uint64_t kModel = 16;  // in an ICC profile's header
  if (plan.boxes.colour_space) space = enumerated_space(*plan.boxes.colour_space);
  if (has_text_at(plan.boxes.icc, kModel, "CMYK")) space = Space::kCmyk;
  if (has_text_at(plan.boxes.icc, kModel, "GRAY")) space = Space::kGrey;
  if (has_text_at(plan.boxes.icc, kModel, "Lab "))
    refuse("is a CIELab JPEG 2000 picture, which this version cannot read: convert it to RGB first");
  if (space == Space::kCmyk && channels < colours_of(*space))
    refuse("damaged: a CMYK JPEG 2000 picture of " + std::to_string(channels) + " channels");
  const bool fits = space && channels >= colours_of(*space) && !(*space == Space::kGrey && channels > 2);
  return fits ? *space : guessed_space(plan.size, channels);
}

// Which channel is which colour, and alpha: as cdef says, or else in order.
void choose_channels(Plan& plan) {
  const auto& boxes = plan.boxes;
  auto all = boxes.palette.bits.empty() ? std::vector<Jp2Channel>{} : boxes.channels;
  if (!boxes.palette.bits.empty() && all.empty())
    refuse("damaged: nothing says what the JPEG 2000 palette is for");
  for (std::uint32_t i = 0; boxes.palette.bits.empty() && i < plan.size.components.size(); ++i)
    all.push_back({i, std::nullopt});
  for (const auto& channel : all) {
    if (channel.component >= plan.size.components.size() ||
        (channel.column && *channel.column >= boxes.palette.bits.size())) {
      refuse("damaged: the JPEG 2000 palette is for a component that is not there");
    }
  }
  std::size_t asides = 0;  // channels that are no colours
  std::optional<std::uint32_t> alpha;
  for (const auto& definition : boxes.definitions) {
    if (definition.channel >= all.size() || definition.type == Jp2Definition::kColour) continue;
    ++asides;
    const bool is_opacity =
        definition.type == Jp2Definition::kOpacity || definition.type == Jp2Definition::kPremultipliedOpacity;
    if (!is_opacity || alpha || definition.association != Jp2Definition::kWholePicture) continue;
    alpha = definition.channel;
    plan.is_premultiplied = definition.type == Jp2Definition::kPremultipliedOpacity;
  }
  if (asides >= all.size()) refuse("damaged: the JPEG 2000 file says that none of its channels is a colour");
  plan.space = space_of(plan, boxes.definitions.empty() ? all.size() : all.size() - asides);
  const std::size_t colours = colours_of(plan.space);
  // Two channels, and four of RGB, are meant as a colour and alpha where nothing says what they are.
  if (boxes.definitions.empty() && all.size() == colours + 1) alpha = static_cast<std::uint32_t>(colours);
  for (std::uint32_t i = 0; i < colours; ++i) {
    const auto found =
        std::find_if(boxes.definitions.begin(), boxes.definitions.end(), [&](const auto& definition) {
          return definition.type == Jp2Definition::kColour && definition.association == i + 1 &&
                 definition.channel < all.size();
        });
    plan.channels.push_back(all[found == boxes.definitions.end() ? i : found->channel]);
  }
  if (alpha) plan.channels.push_back(all[*alpha]);
  plan.left_out = all.size() - std::min(all.size(), plan.channels.size());
}

std::uint32_t bits_of(const Plan& plan, const Jp2Channel& channel) {
  return channel.column ? plan.boxes.palette.bits[*channel.column]
                        : plan.size.components[channel.component].bits;
}

Plan parse(Bytes file) {
  Plan plan;
  plan.boxes = read_jp2_boxes(file);
  if (plan.boxes.has_more)
    refuse("holds more than one frame or page, which this version cannot code: extract them first");
  if (plan.boxes.codestream.empty()) {
    refuse(plan.boxes.missing > 0 ? "truncated: ends before its JPEG 2000 codestream begins"
                                  : "damaged: the JPEG 2000 file holds no codestream");
  }
  plan.size = read_codestream_size(plan.boxes.codestream);
  choose_channels(plan);
  const auto& size = plan.size;
  plan.dx = plan.dy = std::numeric_limits<std::uint32_t>::max();
  for (const auto& component : size.components) {
    plan.dx = std::min(plan.dx, component.dx);
    plan.dy = std::min(plan.dy, component.dy);
  }
  for (const auto& component : size.components) {
    if (component.dx % plan.dx != 0 || component.dy % plan.dy != 0 ||
        divided_up(size.right, component.dx) == divided_up(size.left, component.dx) ||
        divided_up(size.bottom, component.dy) == divided_up(size.top, component.dy)) {
      refuse("is a JPEG 2000 picture whose components do not fit together, which this version cannot read");
    }
  }
  const bool is_deep = std::any_of(plan.channels.begin(), plan.channels.end(),
                                   [&](const auto& channel) { return bits_of(plan, channel) > 8; });
  const auto colours = colours_of(plan.space);
  plan.header = {divided_up(size.right, plan.dx) - divided_up(size.left, plan.dx),
                 divided_up(size.bottom, plan.dy) - divided_up(size.top, plan.dy), colours == 1 ? 1U : 3U,
                 plan.channels.size() > colours, is_deep ? 16U : 8U};
  return plan;
}

Header read_header(Bytes file) { return parse(file).header; }

// A file in memory, for openjpeg.
struct Stream {
  Bytes data;
  std::size_t offset = 0;

  static OPJ_SIZE_T read(void* to, OPJ_SIZE_T count, void* self) {
    auto& stream = *static_cast<Stream*>(self);
    const auto rest = stream.data.size() - stream.offset;
    if (rest == 0 || base::stop_requested()) return static_cast<OPJ_SIZE_T>(-1);
    count = std::min(count, rest);
    std::copy_n(stream.data.data() + stream.offset, count, static_cast<std::byte*>(to));
    stream.offset += count;
    return count;
  }
  static OPJ_OFF_T skip(OPJ_OFF_T count, void* self) {
    auto& stream = *static_cast<Stream*>(self);
    if (count < 0) return -1;
    const auto rest = static_cast<OPJ_OFF_T>(stream.data.size() - stream.offset);
    stream.offset += static_cast<std::size_t>(std::min(count, rest));
    return std::min(count, rest);
  }
  static OPJ_BOOL seek(OPJ_OFF_T offset, void* self) {
    auto& stream = *static_cast<Stream*>(self);
    if (offset < 0 || static_cast<std::uint64_t>(offset) > stream.data.size()) return OPJ_FALSE;
    stream.offset = static_cast<std::size_t>(offset);
    return OPJ_TRUE;
  }
};

using Picture = std::unique_ptr<opj_image_t, Deleter<opj_image_destroy>>;

// The first of openjpeg's complaints.
void keep_message(const char* message, void* to) {
  auto& kept = *static_cast<std::array<char, 160>*>(to);
  if (kept[0] != 0) return;
  for (std::size_t i = 0; message[i] != 0 && message[i] != '\n' && i + 1 < kept.size(); ++i)
    kept[i] = message[i];
}

[[noreturn]] void fail(const std::string& why) {
  base::throw_if_interrupted();
  if (why.find("memory") != std::string::npos) throw std::bad_alloc();
  refuse("damaged: the JPEG 2000 codestream cannot be decoded" + (why.empty() ? "" : " (" + why + ")"));
}

Picture decode(Bytes codestream, const CodestreamSize& size, bool allows_damage) {
  const std::unique_ptr<opj_codec_t, Deleter<opj_destroy_codec>> codec(opj_create_decompress(OPJ_CODEC_J2K));
  const std::unique_ptr<opj_stream_t, Deleter<opj_stream_destroy>> stream(
      opj_stream_default_create(OPJ_TRUE));
  if (codec == nullptr || stream == nullptr) throw std::bad_alloc();
  std::array<char, 160> message{};
  opj_set_error_handler(codec.get(), keep_message, &message);
  Stream source{codestream};
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), codestream.size());
  opj_stream_set_read_function(stream.get(), Stream::read);
  opj_stream_set_skip_function(stream.get(), Stream::skip);
  opj_stream_set_seek_function(stream.get(), Stream::seek);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (opj_setup_decoder(codec.get(), &parameters) == 0 ||
      opj_decoder_set_strict_mode(codec.get(), allows_damage ? OPJ_FALSE : OPJ_TRUE) == 0) {
    fail(message.data());
  }
  opj_image_t* found = nullptr;
  const bool has_header = opj_read_header(stream.get(), codec.get(), &found) != 0;
  Picture picture(found);
  if (!has_header || picture == nullptr || opj_decode(codec.get(), stream.get(), picture.get()) == 0)
    fail(message.data());
  bool fits = picture->numcomps == size.components.size();
  for (std::size_t i = 0; fits && i < size.components.size(); ++i) {
    const auto& has = picture->comps[i];
    const auto& said = size.components[i];
    fits = has.data != nullptr && has.dx == said.dx && has.dy == said.dy && has.prec == said.bits &&
           has.w == divided_up(size.right, said.dx) - divided_up(size.left, said.dx) &&
           has.h == divided_up(size.bottom, said.dy) - divided_up(size.top, said.dy);
  }
  if (!fits) fail(message.data());
  return picture;
}

// A channel's samples, of all the picture's pixels.
class Channel {
 public:
  // `values` of the component's samples become those of the table.
  Channel(const Plan& plan, const Jp2Channel& from, const opj_image_t& picture)
      : component_(picture.comps[from.component]), largest_((1U << bits_of(plan, from)) - 1) {
    const auto& said = plan.size.components[from.component];
    half_ = said.is_signed ? 1 << (said.bits - 1) : 0;
    step_x_ = said.dx / plan.dx;
    step_y_ = said.dy / plan.dy;
    // The first pixel, in pixels from the origin; a sample stands at the first pixel that it is for.
    left_ = divided_up(plan.size.left, plan.dx);
    top_ = divided_up(plan.size.top, plan.dy);
    first_x_ = divided_up(plan.size.left, said.dx);
    first_y_ = divided_up(plan.size.top, said.dy);
    table_.resize(std::size_t{1} << said.bits);
    const auto& palette = plan.boxes.palette;
    for (std::size_t i = 0; i < table_.size(); ++i) {
      table_[i] =
          from.column
              ? palette.entries[std::min(i, palette.colours() - 1) * palette.bits.size() + *from.column]
              : static_cast<std::uint16_t>(i);
    }
  }

  [[nodiscard]] std::uint32_t largest() const { return largest_; }

  // Samples up to `white`, from now on.
  void scale_to(std::uint32_t white) {
    for (auto& value : table_) {
      const std::uint64_t bounded = std::min<std::uint32_t>(value, largest_);
      value = static_cast<std::uint16_t>((bounded * white + largest_ / 2) / largest_);
    }
  }

  // Every `step`-th of `to`.
  template <typename Sample>
  void get_row(std::uint32_t y, std::uint32_t width, std::size_t step, Sample* to) const {
    const auto row = sample_of(top_ + y, step_y_, first_y_, component_.h);
    const OPJ_INT32* samples = component_.data + std::size_t{row} * component_.w;
    const auto most = static_cast<OPJ_INT32>(table_.size() - 1);
    for (std::uint32_t x = 0; x < width; ++x, to += step) {
      const auto column =
          step_x_ == 1 && first_x_ == left_ ? x : sample_of(left_ + x, step_x_, first_x_, component_.w);
      const OPJ_INT32 bounded = std::clamp(samples[column], -half_, most - half_);
      *to = static_cast<Sample>(table_[static_cast<std::size_t>(bounded + half_)]);
    }
  }

 private:
  static std::uint32_t sample_of(std::uint32_t pixel, std::uint32_t step, std::uint32_t first,
                                 std::uint32_t count) {
    const auto sample = pixel / step;
    return sample <= first ? 0 : std::min(sample - first, count - 1);
  }

  const opj_image_comp_t& component_;
  std::uint32_t largest_;
  OPJ_INT32 half_ = 0;
  std::uint32_t step_x_ = 1, step_y_ = 1, left_ = 0, top_ = 0, first_x_ = 0, first_y_ = 0;
  std::vector<std::uint16_t> table_;
};

// sYCC (IEC 61966-2-1, annex F): ITU-R BT.601's luma and colour differences.
template <typename Sample>
void ycc_to_rgb(const std::vector<Channel>& channels, const std::uint16_t* ycc, Sample* to,
                std::uint32_t width, std::size_t step) {
  constexpr float kWhite = std::numeric_limits<Sample>::max();
  std::array<float, 3> scale{}, middle{};
  for (std::size_t c = 0; c < 3; ++c) {
    scale[c] = 1 / static_cast<float>(channels[c].largest());
    middle[c] = c == 0 ? 0 : static_cast<float>((channels[c].largest() + 1) / 2);
  }
  for (std::uint32_t x = 0; x < width; ++x, ycc += 3, to += step) {
    std::array<float, 3> v{};
    for (std::size_t c = 0; c < 3; ++c) v[c] = (static_cast<float>(ycc[c]) - middle[c]) * scale[c];
    const std::array rgb = {v[0] + 1.402F * v[2], v[0] - 0.344136F * v[1] - 0.714136F * v[2],
                            v[0] + 1.772F * v[1]};
    for (std::size_t c = 0; c < 3; ++c)
      to[c] = static_cast<Sample>(std::lround(std::clamp(rgb[c], 0.F, 1.F) * kWhite));
  }
}

template <typename Sample>
void put_pixels(const Plan& plan, const opj_image_t& picture, const CmykConverter* cmyk, Image& image) {
  constexpr std::uint32_t kWhite = std::numeric_limits<Sample>::max();
  std::vector<Channel> channels;
  for (const auto& channel : plan.channels) channels.emplace_back(plan, channel, picture);
  const std::size_t colours = colours_of(plan.space), step = image.channels + (image.has_alpha() ? 1 : 0);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    if (plan.space != Space::kYcc || c >= colours) channels[c].scale_to(kWhite);
  }
  std::vector<Sample> line(image.width * step), inks(cmyk == nullptr ? 0 : std::size_t{image.width} * 4),
      converted(cmyk == nullptr ? 0 : std::size_t{image.width} * 3);
  std::vector<std::uint16_t> ycc(plan.space == Space::kYcc ? std::size_t{image.width} * 3 : 0);
  for (std::uint32_t y = 0; y < image.height; ++y) {
    base::throw_if_interrupted();
    for (std::size_t c = 0; c < colours; ++c) {
      if (cmyk != nullptr) {
        channels[c].get_row(y, image.width, 4, inks.data() + c);
      } else if (plan.space == Space::kYcc) {
        channels[c].get_row(y, image.width, 3, ycc.data() + c);
      } else {
        channels[c].get_row(y, image.width, step, line.data() + c);
      }
    }
    if (plan.space == Space::kYcc) ycc_to_rgb(channels, ycc.data(), line.data(), image.width, step);
    if (cmyk != nullptr) {
      cmyk->convert(inks.data(), converted.data(), image.width);
      for (std::size_t x = 0; x < image.width; ++x) std::copy_n(&converted[x * 3], 3, &line[x * step]);
    }
    if (image.has_alpha()) channels.back().get_row(y, image.width, step, line.data() + step - 1);
    if (image.has_alpha() && plan.is_premultiplied)
      undo_premultiplication(line.data(), image.width, image.channels);
    put_row(image, y, line.data());
  }
}

void note_damage(const Plan& plan, const CodestreamParts& parts, bool allows_damage, Content& content) {
  const std::uint64_t missing = plan.boxes.missing;
  const std::string why = missing > 0 ? std::to_string(missing) + " bytes are missing at the end"
                                      : "parts of the JPEG 2000 codestream are missing";
  if (missing == 0 && parts.is_whole) {
    if (!parts.has_end_marker) content.notes.push_back("the JPEG 2000 codestream has no end marker");
    return;
  }
  if (!allows_damage) refuse("truncated: " + why);
  content.notes.push_back("damaged: " + why);
}

Content read(Bytes file, const ReadOptions& options) {
  const Plan plan = parse(file);
  const auto& boxes = plan.boxes;
  const auto parts = read_codestream_parts(boxes.codestream, plan.size);
  Content content;
  note_damage(plan, parts, options.allows_damage, content);
  std::vector<std::byte> ended;  // openjpeg insists on an end marker
  if (!parts.has_end_marker) {
    ended.assign(boxes.codestream.begin(), boxes.codestream.end());
    ended.insert(ended.end(), {std::byte{0xff}, std::byte{0xd9}});
  }
  const Picture picture =
      decode(ended.empty() ? boxes.codestream : Bytes(ended), plan.size, options.allows_damage);
  std::optional<CmykConverter> cmyk;
  if (plan.space == Space::kCmyk) {
    cmyk.emplace(boxes.icc);
    content.notes.insert(content.notes.end(), cmyk->notes().begin(), cmyk->notes().end());
  }
  content.image = make_image(plan.header);
  if (plan.header.bit_depth == 16) {
    put_pixels<std::uint16_t>(plan, *picture, cmyk ? &*cmyk : nullptr, content.image);
  } else {
    put_pixels<std::uint8_t>(plan, *picture, cmyk ? &*cmyk : nullptr, content.image);
  }
  if (plan.left_out > 0)
    content.notes.push_back(std::to_string(plan.left_out) + " more channels, which are no colours: left out");
  if (boxes.behind > 0)
    content.notes.push_back(std::to_string(boxes.behind) + " bytes behind the picture: left out");
  if (!cmyk && options.keeps_metadata) content.icc.assign(boxes.icc.begin(), boxes.icc.end());
  for (const auto exif : boxes.exif) content.exif.emplace_back(exif.begin(), exif.end());
  content.xmp.assign(boxes.xmp.begin(), boxes.xmp.end());
  content.resolution = boxes.resolution;
  if (!options.keeps_metadata) return content;
  for (const auto& comment : parts.comments) content.texts.push_back({"Comment", comment});
  if (boxes.has_xml) content.notes.push_back("XML that is no XMP: left out");
  return content;
}

}  // namespace

const Format& jpeg2000_format() {
  static const Format format{read_header, read, nullptr};
  return format;
}

}  // namespace vaec::image
