// PNG (PNG specification, third edition), through libpng.
#include <png.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "base/interrupt.hpp"
#include "image/byte_reader.hpp"
#include "image/c_library.hpp"
#include "image/formats/formats.hpp"
#include "image/formats/png_chunks.hpp"
#include "image/formats/png_write.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

constexpr std::uint32_t kLargestNumber = 0x7fffffff;  // PNG's

using Message = std::array<char, 256>;

// libpng makes the pixels; of all other chunks it checks the checksums, and where they lie is gathered.
class PngReader {
 public:
  PngReader(std::span<const std::byte> file, bool only_header, bool allows_damage);
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  // Up to the first IDAT chunk.
  [[nodiscard]] Header read_header();
  // Before memory is taken for all pixels: refuses what cannot have them.
  void check_size() const;
  void read_pixels(Image& image);
  void read_end();

  [[nodiscard]] const std::vector<PngChunk>& chunks() const { return chunks_; }
  [[nodiscard]] bool has_more_frames() const { return has_more_frames_; }
  [[nodiscard]] std::vector<std::string>& notes() { return notes_; }

 private:
  static PngReader& of(png_structp png) { return *static_cast<PngReader*>(png_get_error_ptr(png)); }
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) noexcept;
  static void on_warning(png_structp png, png_const_charp message) noexcept;
  static void on_bytes(png_structp png, png_bytep to, std::size_t size) noexcept;
  static int on_chunk(png_structp png, png_unknown_chunkp chunk) noexcept;
  static void on_row(png_structp png, png_uint_32, int) noexcept;

  template <typename Sample>
  void read_rows(Image& image);
  void explain(std::string_view message, Message& why) const noexcept;
  void take_warning(std::string_view message);
  void take_chunk(std::uint32_t type, std::size_t size);
  void note(std::string text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(std::move(text));
  }
  // Of a callback: what it needs memory for.
  template <typename Work>
  void work_or_leave(const Work& work) noexcept {
    const bool is_done = [&] {
      try {
        work();
        return true;
      } catch (...) {
        return false;
      }
    }();
    if (!is_done) library_.leave_out_of_memory();
  }

  std::span<const std::byte> file_;
  std::size_t at_ = 0, chunk_at_ = 0;  // of what comes next, and of the chunk that it belongs to
  CLibrary library_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<PngChunk> chunks_;
  std::vector<std::string> notes_;
  bool has_more_frames_ = false, is_chunk_damaged_ = false;
  Message last_warning_{};
};

PngReader::PngReader(std::span<const std::byte> file, bool only_header, bool allows_damage) : file_(file) {
  library_.call([&] {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  });
  if (info_ == nullptr) {
    png_destroy_read_struct(&png_, nullptr, nullptr);
    throw std::bad_alloc();
  }
  png_set_read_fn(png_, this, on_bytes);
  png_set_read_status_fn(png_, on_row);
  png_set_user_limits(png_, kLargestNumber, kLargestNumber);  // the caller has his own
  png_set_chunk_malloc_max(png_,
                           std::max<std::size_t>(file.size(), 1));  // what a chunk claims is not yet there
  png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  if (!only_header) {
    constexpr png_byte kCicp[] = {'c', 'I', 'C', 'P', 0};  // one that libpng knows since 1.6.45
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kCicp, 1);
    png_set_read_user_chunk_fn(png_, this, on_chunk);
  }
  if (allows_damage) {
    constexpr std::size_t kBytesAtATime = 16;  // of IDAT: what is there of the last ones does not count
    png_set_compression_buffer_size(png_, kBytesAtATime);
    png_set_crc_action(png_, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
  }
}

void PngReader::on_error(png_structp png, png_const_charp message) noexcept {
  if (std::strstr(message, "memory") != nullptr) of(png).library_.leave_out_of_memory();
  Message why{};
  of(png).explain(message, why);
  of(png).library_.leave(ErrorCode::kUnreadable, why.data());
}

// libpng begins most of its messages with the chunk's type.
void PngReader::explain(std::string_view message, Message& why) const noexcept {
  if (message.ends_with("CRC error")) {
    std::snprintf(why.data(), why.size(), "damaged: the checksum of the %.4s chunk at offset %zu is wrong",
                  reinterpret_cast<const char*>(file_.data() + chunk_at_ + 4), chunk_at_);
  } else if (message == "IHDR: out of place") {
    std::snprintf(why.data(), why.size(), "damaged: the PNG has a second header");
  } else if (message == "IEND: out of place") {
    std::snprintf(why.data(), why.size(), "damaged: the PNG has no pixels (no IDAT chunk)");
  } else if (message == "Invalid IHDR data") {  // a warning before it says more
    std::snprintf(why.data(), why.size(), "damaged: %.200s", last_warning_.data());
  } else {
    std::snprintf(why.data(), why.size(), "damaged: %.*s", static_cast<int>(message.size()), message.data());
  }
}

void PngReader::on_warning(png_structp png, png_const_charp message) noexcept {
  PngReader& self = of(png);
  std::snprintf(self.last_warning_.data(), self.last_warning_.size(), "%s", message);
  self.work_or_leave([&] { self.take_warning(message); });
}

void PngReader::take_warning(std::string_view message) {
  const std::string type(message.substr(0, 4));
  const bool is_wrong = message.ends_with("CRC error");
  if (is_wrong && (type == "IDAT" || type == "PLTE" || type == "IHDR" || type == "IEND")) {
    Message why{};
    explain(message, why);
    note(why.data());  // the damage is allowed
  } else if (is_wrong) {
    is_chunk_damaged_ = true;
    note("its " + type + " chunk is damaged: left out");
  } else if (message.find("tRNS") != std::string_view::npos) {
    note("its transparent colours are left out (libpng: " + std::string(message) + ")");
  }
}

void PngReader::on_bytes(png_structp png, png_bytep to, std::size_t size) noexcept {
  PngReader& self = of(png);
  const auto place = png_get_io_state(png) & PNG_IO_MASK_LOC;
  if (place == PNG_IO_CHUNK_HDR) self.chunk_at_ = self.at_;
  if (size > self.file_.size() - self.at_) {
    if (place != PNG_IO_CHUNK_DATA && place != PNG_IO_CHUNK_CRC)
      self.library_.leave(ErrorCode::kUnreadable, "truncated: ends before the PNG's last chunk (IEND)");
    Message why{};
    const char* const type = reinterpret_cast<const char*>(self.file_.data() + self.chunk_at_ + 4);
    const std::size_t found = self.file_.size() - self.chunk_at_ - 8,
                      claimed = read_integer(self.file_, self.chunk_at_, 4, Endian::kBig).value_or(0);
    if (found < claimed) {
      std::snprintf(why.data(), why.size(), "truncated: %.4s chunk at offset %zu has %zu of %zu bytes", type,
                    self.chunk_at_, found, claimed);
    } else {
      std::snprintf(why.data(), why.size(),
                    "truncated: the checksum of the %.4s chunk at offset %zu is missing", type,
                    self.chunk_at_);
    }
    self.library_.leave(ErrorCode::kUnreadable, why.data());
  }
  std::memcpy(to, self.file_.data() + self.at_, size);
  self.at_ += size;
}

// Called after the chunk's checksum was read.
int PngReader::on_chunk(png_structp png, png_unknown_chunkp chunk) noexcept {
  constexpr int kNotHandled = 0, kHandled = 1;
  PngReader& self = of(png);
  std::uint32_t type = 0;
  for (int i = 0; i < 4; ++i) type = type << 8 | chunk->name[i];
  constexpr std::uint32_t kAncillary = 0x20000000;   // a small first letter
  if ((type & kAncillary) == 0) return kNotHandled;  // then libpng gives up
  self.work_or_leave([&] { self.take_chunk(type, chunk->size); });
  return kHandled;
}

void PngReader::take_chunk(std::uint32_t type, std::size_t size) {
  constexpr std::size_t kMostChunks = 10000;  // they need not hold a byte
  if (std::exchange(is_chunk_damaged_, false)) return;
  const auto data = file_.subspan(chunk_at_ + 8, size);
  if (type == png_type("acTL")) has_more_frames_ |= read_integer(data, 0, 4, Endian::kBig).value_or(0) > 1;
  if (!is_read(type)) return;
  if (chunks_.size() < kMostChunks) {
    chunks_.push_back({type, data});
  } else {
    note("more than " + std::to_string(kMostChunks) + " chunks of metadata: the rest is left out");
  }
}

void PngReader::on_row(png_structp png, png_uint_32, int) noexcept {
  if (base::stop_requested()) of(png).library_.leave(ErrorCode::kInterrupted, "interrupted");
}

Header PngReader::read_header() {
  library_.call([&] { png_read_info(png_, info_); });
  const int colour_type = png_get_color_type(png_, info_);
  int transparent = 0;
  png_get_tRNS(png_, info_, nullptr, &transparent, nullptr);
  return {png_get_image_width(png_, info_), png_get_image_height(png_, info_),
          (colour_type & PNG_COLOR_MASK_COLOR) != 0 ? 3U : 1U,
          (colour_type & PNG_COLOR_MASK_ALPHA) != 0 || transparent > 0,
          png_get_bit_depth(png_, info_) == 16 ? 16U : 8U};
}

// No deflated byte makes more than 1032.
void PngReader::check_size() const {
  constexpr std::uint64_t kMostOfAByte = 1032;
  const std::uint64_t row = (std::uint64_t{png_get_image_width(png_, info_)} *
                                 png_get_bit_depth(png_, info_) * png_get_channels(png_, info_) +
                             7) /
                            8;
  if (row * png_get_image_height(png_, info_) / kMostOfAByte > file_.size())
    throw Error(ErrorCode::kUnreadable, "truncated: its bytes are fewer than its pixels need");
}

// Each pass of an interlaced picture adds pixels to its rows.
template <typename Sample>
void PngReader::read_rows(Image& image) {
  std::vector<Sample> row(png_get_rowbytes(png_, info_) / sizeof(Sample));
  if (row.size() * sizeof(Sample) != std::size_t{image.width} * image.bytes_per_pixel())
    throw Error(ErrorCode::kUnreadable, "damaged: its rows are of another size than its header says");
  const int passes =
      png_get_interlace_type(png_, info_) == PNG_INTERLACE_NONE ? 1 : PNG_INTERLACE_ADAM7_PASSES;
  auto* const samples = row.data();
  library_.call([&] {
    for (int pass = 0; pass < passes; ++pass) {
      for (std::size_t y = 0; y < image.height; ++y) {
        if (pass > 0) get_row(image, y, samples);
        png_read_row(png_, reinterpret_cast<png_bytep>(samples), nullptr);
        put_row(image, y, samples);
      }
    }
  });
}

void PngReader::read_pixels(Image& image) {
  library_.call([&] {
    png_set_expand(png_);
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
    (void)png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  });
  if (image.bit_depth == 16) {
    read_rows<std::uint16_t>(image);
  } else {
    read_rows<std::uint8_t>(image);
  }
}

void PngReader::read_end() {
  library_.call([&] { png_read_end(png_, info_); });  // without `info` it passes chunks over
}

Header read_header(std::span<const std::byte> file) { return PngReader(file, true, false).read_header(); }

Content read(std::span<const std::byte> file, const ReadOptions& options) {
  PngReader reader(file, false, options.allows_damage);
  const auto refuse_more_frames = [&] {
    if (!reader.has_more_frames()) return;
    throw Error(ErrorCode::kUnreadable,
                "holds more than one frame or page, which this version cannot code: extract them first");
  };
  const Header header = reader.read_header();
  refuse_more_frames();
  if (!options.allows_damage) reader.check_size();
  Content content;
  content.image = make_image(header);
  try {
    reader.read_pixels(content.image);
    reader.read_end();
  } catch (const Error& error) {
    if (!options.allows_damage || error.code() != ErrorCode::kUnreadable) throw;
    const std::string_view why = error.what();
    content.notes.push_back(why.starts_with("damaged: ") ? std::string(why) : "damaged: " + std::string(why));
  }
  refuse_more_frames();
  content.notes.insert(content.notes.end(), reader.notes().begin(), reader.notes().end());
  read_png_chunks(reader.chunks(), options, content);
  return content;
}

}  // namespace

const Format& png_format() {
  static const Format format{read_header, read, write_png};
  return format;
}

}  // namespace vaec::image
