// JPEG XL (ISO/IEC 18181), a codestream alone or in boxes, through libjxl: upright, as integers.
#include <jxl/decode.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/interrupt.hpp"
#include "image/byte_reader.hpp"
#include "image/formats/boxes.hpp"
#include "image/formats/formats.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

// Without what stands behind the last box, which libjxl refuses. Text looks like a box that is cut off, of a
// type that JPEG XL has not.
Bytes boxes_of(Bytes file) {
  constexpr std::string_view kSignature("\0\0\0\x0cJXL \r\n\x87\n", 12);
  if (!has_text_at(file, 0, kSignature)) return file;
  constexpr std::array<std::string_view, 11> kTypes = {"ftyp", "jxlc", "jxlp", "jxli", "jxll", "jbrd",
                                                       "jhgm", "Exif", "xml ", "brob", "jumb"};
  std::size_t last = 0, next = 0;  // where boxes begin
  bool is_known = true;
  const BoxesEnd end = for_each_box(file, [&](std::string_view type, Bytes content) {
    is_known = std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
    last = next;
    next = static_cast<std::size_t>(content.data() - file.data()) + content.size();
  });
  if (end.missing == 0) return file.first(end.offset);
  return is_known ? file : file.first(last);
}

// What libjxl may allocate; before 0.10 it asks for little of it here.
class Budget {
 public:
  static constexpr std::uint64_t kAtFirst = std::uint64_t{1} << 28, kBytesPerPixel = 160;

  [[nodiscard]] JxlMemoryManager manager() { return {this, allocate, release}; }
  void add(std::uint64_t bytes) { left_ += bytes; }
  [[nodiscard]] bool was_exceeded() const { return was_exceeded_; }

 private:
  static constexpr std::size_t kHeader = alignof(std::max_align_t);  // has the size

  static void* allocate(void* self, std::size_t size) {
    auto& budget = *static_cast<Budget*>(self);
    budget.was_exceeded_ |= size > budget.left_;
    if (size > budget.left_) return nullptr;
    auto* block = static_cast<std::byte*>(std::malloc(kHeader + size));
    if (block == nullptr) return nullptr;
    budget.left_ -= size;
    std::memcpy(block, &size, sizeof size);
    return block + kHeader;
  }
  static void release(void* self, void* address) {
    if (address == nullptr) return;
    std::byte* block = static_cast<std::byte*>(address) - kHeader;
    std::size_t size = 0;
    std::memcpy(&size, block, sizeof size);
    static_cast<Budget*>(self)->left_ += size;
    std::free(block);
  }

  std::uint64_t left_ = kAtFirst;
  bool was_exceeded_ = false;
};

// libjxl before 0.9 also wants a pixel format, and does not use it.
template <typename... More>
JxlDecoderStatus ask_profile(JxlDecoderStatus (*function)(const JxlDecoder*, const JxlPixelFormat*,
                                                          JxlColorProfileTarget, More...),
                             const JxlDecoder* decoder, JxlColorProfileTarget target, More... more) {
  return function(decoder, nullptr, target, more...);
}
template <typename... More>
JxlDecoderStatus ask_profile(JxlDecoderStatus (*function)(const JxlDecoder*, JxlColorProfileTarget, More...),
                             const JxlDecoder* decoder, JxlColorProfileTarget target, More... more) {
  return function(decoder, target, more...);
}

class Decoder {
 public:
  Decoder(Bytes file, int events) : file_(file) {
    const JxlMemoryManager manager = budget_.manager();
    decoder_.reset(JxlDecoderCreate(&manager));
    if (decoder_ == nullptr) throw std::bad_alloc();
    check(JxlDecoderSubscribeEvents(decoder_.get(), events));
    check(
        JxlDecoderSetInput(decoder_.get(), reinterpret_cast<const std::uint8_t*>(file.data()), file.size()));
  }

  [[nodiscard]] JxlDecoder* get() const { return decoder_.get(); }

  // The next event; JXL_DEC_NEED_MORE_INPUT: the file is truncated.
  JxlDecoderStatus next() {
    base::throw_if_interrupted();
    const auto event = JxlDecoderProcessInput(decoder_.get());
    if (event == JXL_DEC_ERROR) fail();
    return event;
  }

  void check(JxlDecoderStatus status) const {
    if (status != JXL_DEC_SUCCESS) fail();
  }

  Header read_basic_info() {
    check(JxlDecoderGetBasicInfo(decoder_.get(), &info_));
    if (info_.exponent_bits_per_sample != 0) {
      refuse(
          "is a JPEG XL picture of floating-point samples, which this version cannot read: convert it to "
          "integers first");
    }
    if (info_.bits_per_sample > 16) {
      refuse("is a JPEG XL picture of " + std::to_string(info_.bits_per_sample) +
             " bits a sample, which this version cannot read");
    }
    constexpr std::uint32_t kMostExtraChannels = 8;
    if (info_.num_extra_channels > kMostExtraChannels) {
      refuse("is a JPEG XL picture of " + std::to_string(info_.num_extra_channels) +
             " extra channels, which this version cannot read");
    }
    for (std::uint32_t i = 0; i < info_.num_extra_channels; ++i) {
      JxlExtraChannelInfo extra;
      check(JxlDecoderGetExtraChannelInfo(decoder_.get(), i, &extra));
      if (extra.type == JXL_CHANNEL_BLACK)
        refuse("is a CMYK JPEG XL picture, which this version cannot read: convert it to RGB first");
    }
    const bool has_alpha = info_.alpha_bits > 0;
    left_out_ = info_.num_extra_channels - std::min(info_.num_extra_channels, has_alpha ? 1U : 0U);
    header_ = {info_.xsize, info_.ysize, info_.num_color_channels == 1 ? 1U : 3U, has_alpha,
               info_.bits_per_sample > 8 ? 16U : 8U};
    budget_.add(header_.width * header_.height * Budget::kBytesPerPixel);
    return header_;
  }

  // Bytes; ends the decoding.
  [[nodiscard]] std::size_t unread() const { return JxlDecoderReleaseInput(decoder_.get()); }

  [[nodiscard]] const JxlBasicInfo& info() const { return info_; }
  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] std::uint32_t left_out() const { return left_out_; }

 private:
  [[noreturn]] void fail() const {
    if (budget_.was_exceeded())
      throw Error(ErrorCode::kLimit, "takes far more memory than a JPEG XL picture of its size should");
    refuse("damaged: the JPEG XL codestream cannot be decoded");
  }

  struct Destroy {
    void operator()(JxlDecoder* decoder) const { JxlDecoderDestroy(decoder); }
  };
  Bytes file_;
  Budget budget_;
  std::unique_ptr<JxlDecoder, Destroy> decoder_;
  JxlBasicInfo info_{};
  Header header_;
  std::uint32_t left_out_ = 0;
};

[[noreturn]] void refuse_frames() {
  refuse("holds more than one frame or page, which this version cannot code: extract them first");
}

Header read_header(Bytes file) {
  Decoder decoder(boxes_of(file), JXL_DEC_BASIC_INFO | JXL_DEC_FRAME);
  int frames = 0;
  for (;;) {
    const auto event = decoder.next();
    if (event == JXL_DEC_BASIC_INFO) {
      (void)decoder.read_basic_info();
      if (decoder.info().have_animation == 0) break;
    } else if (event == JXL_DEC_FRAME) {
      if (++frames > 1) refuse_frames();
    } else {
      break;
    }
  }
  if (decoder.header().width == 0) refuse("truncated: ends within the JPEG XL header");
  return decoder.header();
}

// Exif and XMP, gathered while the rest is decoded.
class BoxReader {
 public:
  BoxReader(JxlDecoder* decoder, std::uint64_t most) : decoder_(decoder), most_(most) {}

  void begin(Content& content) {
    end(content);
    JxlBoxType type{};
    if (JxlDecoderGetBoxType(decoder_, type, JXL_TRUE) != JXL_DEC_SUCCESS) return;
    const std::string_view name(type, sizeof type);
    if (name == "jhgm") content.notes.push_back("a gain map: left out");
    if (name != "Exif" && name != "xml ") return;
    name_ = name;
    constexpr std::size_t kAtFirst = 1 << 14;
    data_.assign(kAtFirst, {});
    set_buffer(0);
  }

  void grow(Content& content) {
    const auto filled = data_.size() - std::min(data_.size(), JxlDecoderReleaseBoxBuffer(decoder_));
    is_open_ = false;
    if (filled > most_ + kOffset) {
      if (name_.empty()) refuse("damaged: a JPEG XL box has no end");
      content.notes.push_back((name_ == "Exif" ? "EXIF" : "XMP") +
                              (" of more than " + std::to_string(most_)) + " bytes: left out");
      name_.clear();
      return;  // the rest of the box is skipped
    }
    data_.resize(data_.size() * 2);
    set_buffer(filled);
  }

  void end(Content& content) {
    if (!is_open_) return;
    is_open_ = false;
    data_.resize(data_.size() - std::min(data_.size(), JxlDecoderReleaseBoxBuffer(decoder_)));
    if (name_ == "xml " && content.xmp.empty()) content.xmp = std::move(data_);
    if (name_ != "Exif") return;
    // Where the TIFF structure begins, counted from behind this.
    const auto begin = kOffset + read_integer(data_, 0, 4, Endian::kBig).value_or(0);
    if (begin < data_.size()) {
      content.exif.emplace_back(data_.begin() + static_cast<std::ptrdiff_t>(begin), data_.end());
    } else {
      content.notes.push_back("EXIF that lies outside of its box: left out");
    }
  }

 private:
  void set_buffer(std::size_t filled) {
    is_open_ = JxlDecoderSetBoxBuffer(decoder_, reinterpret_cast<std::uint8_t*>(data_.data()) + filled,
                                      data_.size() - filled) == JXL_DEC_SUCCESS;
  }

  static constexpr std::uint64_t kOffset = 4;
  JxlDecoder* decoder_;
  std::uint64_t most_;
  std::string name_;
  std::vector<std::byte> data_;
  bool is_open_ = false;
};

bool is_srgb(const JxlColorEncoding& colour) {
  return colour.white_point == JXL_WHITE_POINT_D65 &&
         colour.transfer_function == JXL_TRANSFER_FUNCTION_SRGB &&
         (colour.color_space == JXL_COLOR_SPACE_GRAY ||
          (colour.color_space == JXL_COLOR_SPACE_RGB && colour.primaries == JXL_PRIMARIES_SRGB));
}

// Of the pixels as they will be decoded.
void read_profile(const Decoder& decoder, Content& content) {
  const auto encoded = [&](JxlColorProfileTarget target) -> std::optional<JxlColorEncoding> {
    JxlColorEncoding colour{};
    if (ask_profile(JxlDecoderGetColorAsEncodedProfile, decoder.get(), target, &colour) != JXL_DEC_SUCCESS)
      return std::nullopt;
    return colour;
  };
  const auto is_linear = [](const auto& colour) {
    return colour && colour->transfer_function == JXL_TRANSFER_FUNCTION_LINEAR;
  };
  auto pixels = encoded(JXL_COLOR_PROFILE_TARGET_DATA);
  const auto original = encoded(JXL_COLOR_PROFILE_TARGET_ORIGINAL);
  // libjxl gives linear light in sRGB's colours where it cannot give the original's: too coarse for integers,
  // and too narrow for most profiles that it has no name for (Adobe RGB is one).
  if (decoder.info().uses_original_profile == 0 && is_linear(pixels) && !is_linear(original)) {
    const bool is_wide = !original && pixels->color_space == JXL_COLOR_SPACE_RGB;
    if (is_wide) pixels->primaries = JXL_PRIMARIES_2100;
    pixels->transfer_function = JXL_TRANSFER_FUNCTION_SRGB;
    const bool is_set = JxlDecoderSetPreferredColorProfile(decoder.get(), &*pixels) == JXL_DEC_SUCCESS;
    pixels = encoded(JXL_COLOR_PROFILE_TARGET_DATA);
    if (!original) {
      content.notes.push_back(std::string("its colour profile (ICC), which the lossy data do not follow: ") +
                              (is_wide && is_set ? "converted to BT.2020's colours" : "converted to sRGB"));
    }
  }
  if (pixels && is_srgb(*pixels)) return;
  std::size_t size = 0;
  const auto target = JXL_COLOR_PROFILE_TARGET_DATA;
  if (ask_profile(JxlDecoderGetICCProfileSize, decoder.get(), target, &size) != JXL_DEC_SUCCESS) return;
  content.icc.resize(size);
  auto* icc = reinterpret_cast<std::uint8_t*>(content.icc.data());
  if (ask_profile(JxlDecoderGetColorAsICCProfile, decoder.get(), target, icc, size) != JXL_DEC_SUCCESS)
    content.icc.clear();
}

// libjxl's callback: some pixels of a row.
template <typename Sample>
void put_pixels(void* to, std::size_t x, std::size_t y, std::size_t count, const void* pixels) {
  auto& image = *static_cast<Image*>(to);
  if (y >= image.height || x > image.width || count > image.width - x) return;
  const auto* from = static_cast<const Sample*>(pixels);
  const std::size_t first = y * image.width + x;
  auto* colour = samples_of<Sample>(image).data() + first * image.channels;
  auto* alpha = image.has_alpha() ? alpha_of<Sample>(image).data() + first : nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint32_t c = 0; c < image.channels; ++c) *colour++ = *from++;
    if (alpha != nullptr) *alpha++ = *from++;
  }
}

void begin_pixels(const Decoder& decoder, Content& content) {
  const Header& header = decoder.header();
  if (content.image.width == 0) content.image = make_image(header);
  const bool is_deep = header.bit_depth == 16;
  const JxlPixelFormat format{header.channels + (header.has_alpha ? 1 : 0),
                              is_deep ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  decoder.check(JxlDecoderSetImageOutCallback(decoder.get(), &format,
                                              is_deep ? put_pixels<std::uint16_t> : put_pixels<std::uint8_t>,
                                              &content.image));
}

Content read(Bytes file, const ReadOptions& options) {
  const Bytes boxes_alone = boxes_of(file);
  Decoder decoder(boxes_alone, JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FRAME |
                                   JXL_DEC_FULL_IMAGE | JXL_DEC_BOX);
  (void)JxlDecoderSetDecompressBoxes(decoder.get(),
                                     JXL_TRUE);  // a libjxl without brotli gives them as they are
  decoder.check(JxlDecoderSetUnpremultiplyAlpha(decoder.get(), JXL_TRUE));
  BoxReader boxes(decoder.get(), options.max_metadata);
  Content content;
  content.orientation = 1;  // libjxl turns it
  int frames = 0;
  bool is_whole = false, is_closed = false, goes_on = true;
  while (goes_on) {
    switch (decoder.next()) {
      case JXL_DEC_BASIC_INFO:
        (void)decoder.read_basic_info();
        break;
      case JXL_DEC_COLOR_ENCODING:
        read_profile(decoder, content);
        break;
      case JXL_DEC_FRAME:
        if (++frames > 1) refuse_frames();
        break;
      case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
        begin_pixels(decoder, content);
        break;
      case JXL_DEC_FULL_IMAGE:
        is_whole = true;
        break;
      case JXL_DEC_BOX:
        boxes.begin(content);
        break;
      case JXL_DEC_BOX_NEED_MORE_OUTPUT:
        boxes.grow(content);
        break;
      case JXL_DEC_NEED_MORE_INPUT:
        // Behind the picture there may be boxes or not.
        if (is_whole && !is_closed) {
          is_closed = true;
          JxlDecoderCloseInput(decoder.get());
          break;
        }
        if (!options.allows_damage) refuse("truncated: ends within the JPEG XL data");
        goes_on = false;
        break;
      case JXL_DEC_SUCCESS:
        boxes.end(content);
        goes_on = false;
        break;
      default:
        refuse("damaged: the JPEG XL codestream cannot be decoded");
    }
  }
  if (content.image.width == 0) refuse("truncated: ends before its JPEG XL pixels begin");
  if (!is_whole) {
    (void)JxlDecoderFlushImage(decoder.get());
    content.notes.push_back("damaged: ends within the JPEG XL data");
  }
  const auto behind = file.size() - boxes_alone.size() + (is_whole ? decoder.unread() : 0);
  if (behind > 0) content.notes.push_back(std::to_string(behind) + " bytes behind the picture: left out");
  if (decoder.left_out() > 0)
    content.notes.push_back(std::to_string(decoder.left_out()) +
                            " more channels, which are no colours: left out");
  if (!options.keeps_metadata) content.icc.clear();
  return content;
}

}  // namespace

const Format& jxl_format() {
  static const Format format{read_header, read, nullptr};
  return format;
}

}  // namespace vaec::image
