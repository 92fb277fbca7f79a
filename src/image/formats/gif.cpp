// GIF (GIF89a specification), through giflib: one frame on its canvas.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "base/interrupt.hpp"
#include "image/formats/formats.hpp"
#include "image/resolution.hpp"
#include "image/rows.hpp"
#include "image/text_encoding.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

struct Source {
  Bytes data;
  std::size_t offset = 0;

  static int read(GifFileType* gif, GifByteType* to, int count) {
    auto& source = *static_cast<Source*>(gif->UserData);
    const auto size =
        std::min(source.data.size() - source.offset, static_cast<std::size_t>(std::max(count, 0)));
    std::copy_n(reinterpret_cast<const GifByteType*>(source.data.data()) + source.offset, size, to);
    source.offset += size;
    return static_cast<int>(size);
  }
};

// Reads a file from its beginning to its end, once.
class Reader {
 public:
  explicit Reader(Bytes file) : source_{file} {
    int error = 0;
    gif_.reset(DGifOpen(&source_, Source::read, &error));
    if (gif_ == nullptr) fail(error);
  }

  // Up to the pixels of the first frame.
  Header read_header() {
    while (!has_frame_ && next_record()) {
    }
    if (!has_frame_) refuse("damaged: the GIF file holds no picture");
    const auto& frame = gif_->Image;
    // A frame may reach over its canvas, which some files leave 0.
    const int width = std::max(gif_->SWidth, frame.Left + frame.Width),
              height = std::max(gif_->SHeight, frame.Top + frame.Height);
    if (frame.Width <= 0 || frame.Height <= 0) refuse("damaged: the GIF says no width and height");
    const ColorMapObject* map = frame.ColorMap != nullptr ? frame.ColorMap : gif_->SColorMap;
    if (map == nullptr || map->Colors == nullptr) refuse("damaged: the GIF has no palette");
    colours_ = {map->Colors, static_cast<std::size_t>(std::clamp(map->ColorCount, 0, 256))};
    const bool is_grey = std::all_of(colours_.begin(), colours_.end(), [](const auto& colour) {
      return colour.Red == colour.Green && colour.Red == colour.Blue;
    });
    const bool covers = frame.Width == width && frame.Height == height;
    header_ = {static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), is_grey ? 1U : 3U,
               transparent_ || !covers, 8};
    return header_;
  }

  // After the header.
  void read_pixels(bool allows_damage, Content& content) {
    content.image = make_image(header_);
    const GifImageDesc frame = gif_->Image;
    std::vector<GifPixelType> line(static_cast<std::size_t>(frame.Width));
    struct Pass {
      int first, step;
    };
    constexpr std::array<Pass, 4> kInterlaced = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    constexpr std::array<Pass, 1> kPlain = {{{0, 1}}};
    int rows = 0;
    for (const auto& pass :
         frame.Interlace ? std::span<const Pass>(kInterlaced) : std::span<const Pass>(kPlain)) {
      for (int y = pass.first; y < frame.Height && !is_damaged_; y += pass.step) {
        base::throw_if_interrupted();
        if (DGifGetLine(gif_.get(), line.data(), frame.Width) == GIF_ERROR) {
          if (!allows_damage) fail(gif_->Error);
          is_damaged_ = true;
        } else {
          put(line, static_cast<std::size_t>(frame.Top + y), content.image);
          ++rows;
        }
      }
    }
    if (is_damaged_) {
      content.notes.push_back("damaged: " + std::to_string(rows) + " of " + std::to_string(frame.Height) +
                              " rows can be decoded");
    }
    auto& alpha = content.image.alpha;  // a transparent colour may be in no pixel
    if (std::all_of(alpha.begin(), alpha.end(), [](auto sample) { return sample == 255; })) alpha.clear();
  }

  void skip_pixels() {
    int size = 0;
    GifByteType* block = nullptr;
    bool is_good = DGifGetCode(gif_.get(), &size, &block) != GIF_ERROR;
    while (is_good && block != nullptr) is_good = DGifGetCodeNext(gif_.get(), &block) != GIF_ERROR;
    is_damaged_ = !is_good;
  }

  // Behind the pixels; of a damaged file as far as it goes.
  void read_rest(bool allows_damage, Content& content) {
    try {
      while (!is_damaged_ && next_record()) {
        if (frames_ > 1)
          refuse("holds more than one frame or page, which this version cannot code: extract them first");
      }
    } catch (const Error& error) {
      if (!allows_damage || frames_ > 1) throw;
      content.notes.push_back(std::string("damaged: ") + error.what());
    }
    if (!is_damaged_ && !has_trailer_) content.notes.push_back("the GIF has no trailer");
    const auto rest = source_.data.size() - source_.offset;
    if (has_trailer_ && rest > 0)
      content.notes.push_back(std::to_string(rest) + " bytes behind the picture: left out");
    content.texts = std::move(texts_);
    content.icc = std::move(icc_);
    content.xmp = std::move(xmp_);
    if (gif_->AspectByte != 0)  // how wide a pixel is for its height, in 64ths, less 15
      content.resolution = make_resolution(Resolution::Unit::kRatio, 64, gif_->AspectByte + 15.0);
  }

 private:
  [[noreturn]] void fail(int error) {
    if (error == D_GIF_ERR_NOT_ENOUGH_MEM) throw std::bad_alloc();
    if (source_.offset == source_.data.size()) refuse("truncated: ends within the GIF's data");
    const char* why = GifErrorString(error);
    refuse("damaged: the GIF cannot be decoded" + (why == nullptr ? "" : " (" + std::string(why) + ")"));
  }

  void check(int result) {
    if (result == GIF_ERROR) fail(gif_->Error);
  }

  // False at the end.
  bool next_record() {
    if (frames_ > 0 && source_.offset == source_.data.size()) return false;
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    check(DGifGetRecordType(gif_.get(), &type));
    if (type == TERMINATE_RECORD_TYPE) {
      has_trailer_ = true;
      return false;
    }
    if (type == IMAGE_DESC_RECORD_TYPE) {
      ++frames_;
      if (has_frame_) return true;  // one more is one too many
      check(DGifGetImageDesc(gif_.get()));
      has_frame_ = true;
    } else if (type == EXTENSION_RECORD_TYPE) {
      read_extension();
    }
    return true;
  }

  // Blocks of up to 255 bytes: each is there once alone, and once with its size before it.
  void read_extension() {
    int function = 0;
    GifByteType* block = nullptr;
    check(DGifGetExtension(gif_.get(), &function, &block));
    if (block == nullptr) return;
    const std::string first(reinterpret_cast<const char*>(block) + 1, block[0]);
    if (function == GRAPHICS_EXT_FUNC_CODE && !has_frame_) {
      GraphicsControlBlock control{};
      if (DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK &&
          control.TransparentColor != NO_TRANSPARENT_COLOR) {
        transparent_ = control.TransparentColor;
      }
    }
    std::string alone, with_sizes;
    for (;;) {
      check(DGifGetExtensionNext(gif_.get(), &block));
      if (block == nullptr) break;
      const char* text = reinterpret_cast<const char*>(block);
      alone.append(text + 1, block[0]);
      with_sizes.append(text, block[0] + std::size_t{1});
    }
    keep(function, first, alone, with_sizes);
  }

  void keep(int function, const std::string& first, const std::string& alone, const std::string& with_sizes) {
    const auto assign = [](std::vector<std::byte>& to, std::string_view text) {
      const auto bytes = std::as_bytes(std::span(text));
      if (to.empty()) to.assign(bytes.begin(), bytes.end());
    };
    if (function == COMMENT_EXT_FUNC_CODE) texts_.push_back({"Comment", utf8_of_either(first + alone)});
    if (function != APPLICATION_EXT_FUNC_CODE) return;
    if (first == "ICCRGBG1012") assign(icc_, alone);
    if (first != "XMP DataXMP") return;
    // A packet stands there as it is, without blocks, and then 1, 255, 254 ... 0, by which any reader of blocks
    // comes to the end.
    constexpr std::size_t kTrailer = 257;
    const bool has_trailer = with_sizes.size() >= kTrailer && with_sizes[with_sizes.size() - kTrailer] == 1 &&
                             static_cast<unsigned char>(with_sizes[with_sizes.size() - kTrailer + 1]) == 255;
    assign(xmp_, has_trailer ? std::string_view(with_sizes).substr(0, with_sizes.size() - kTrailer) : alone);
  }

  void put(const std::vector<GifPixelType>& line, std::size_t y, Image& image) const {
    const auto left = static_cast<std::size_t>(gif_->Image.Left);
    auto* to = &image.samples[(y * image.width + left) * image.channels];
    for (std::size_t x = 0; x < line.size(); ++x) {
      const GifColorType colour = line[x] < colours_.size() ? colours_[line[x]] : GifColorType{};
      *to++ = colour.Red;
      if (image.channels == 3) {
        *to++ = colour.Green;
        *to++ = colour.Blue;
      }
      if (image.has_alpha() && line[x] != transparent_) image.alpha[y * image.width + left + x] = 255;
    }
  }

  struct Close {
    void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
  };
  Source source_;
  std::unique_ptr<GifFileType, Close> gif_;
  bool has_frame_ = false, has_trailer_ = false, is_damaged_ = false;
  int frames_ = 0;
  std::optional<int> transparent_;  // colour
  std::span<const GifColorType> colours_;
  Header header_;
  std::vector<Text> texts_;
  std::vector<std::byte> icc_, xmp_;
};

Header read_header(Bytes file) {
  Reader reader(file);
  const Header header = reader.read_header();
  reader.skip_pixels();
  Content unused;
  reader.read_rest(true, unused);  // whether there are more frames
  return header;
}

Content read(Bytes file, const ReadOptions& options) {
  Reader reader(file);
  (void)reader.read_header();
  Content content;
  reader.read_pixels(options.allows_damage, content);
  reader.read_rest(options.allows_damage, content);
  return content;
}

}  // namespace

const Format& gif_format() {
  static const Format format{read_header, read, nullptr};
  return format;
}

}  // namespace vaec::image
