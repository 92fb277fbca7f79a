// JPEG (ITU-T T.81, T.871), through libjpeg.
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
// Needs what stdio declares.
#include <jpeglib.h>
// Needs jpeglib.h: which messages there are depends on it.
#include <jerror.h>

#include "base/interrupt.hpp"
#include "image/c_library.hpp"
#include "image/formats/formats.hpp"
#include "image/formats/jpeg_segments.hpp"
#include "image/formats/jpeg_write.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/resolution.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

constexpr int kEndOfImage = 0xd9, kStartOfImage = 0xd8;

// libjpeg goes through the whole picture for each scan, which may be a few bytes of the file. Encoders write
// about ten; libtiff has the same limit.
constexpr int kMostScans = 100;

using Message = std::array<char, JMSG_LENGTH_MAX + 64>;

class JpegReader {
 public:
  JpegReader(std::span<const std::byte> file, bool allows_damage);
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info_); }

  // Up to the first scan.
  [[nodiscard]] Header read_header();
  // Before memory is taken for all pixels: refuses what cannot have them.
  void check_size() const;
  // `put` takes each row, as libjpeg gives it, and its number.
  template <typename Put>
  void read_rows(J_COLOR_SPACE colours, const Put& put);

  [[nodiscard]] bool has_four_components() const { return info_.num_components == 4; }
  [[nodiscard]] bool has_adobe_marker() const { return info_.saw_Adobe_marker != 0; }
  [[nodiscard]] Resolution resolution() const;
  [[nodiscard]] const std::vector<JpegSegment>& segments() const { return segments_; }
  // After the rows: what stands behind the end marker, or in its place.
  [[nodiscard]] std::span<const std::byte> trailer() const { return file_.subspan(end_); }
  [[nodiscard]] bool has_end_marker() const { return has_end_marker_; }
  [[nodiscard]] std::vector<std::string>& notes() { return notes_; }

 private:
  static JpegReader& of(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }
  static JpegReader& of(j_decompress_ptr info) { return *static_cast<JpegReader*>(info->client_data); }
  [[noreturn]] static void on_error(j_common_ptr info) noexcept;
  static void on_message(j_common_ptr info, int level) noexcept;
  static boolean on_end_of_file(j_decompress_ptr info) noexcept;
  static void on_skip(j_decompress_ptr info, long size) noexcept;
  static boolean on_segment(j_decompress_ptr info) noexcept;

  [[noreturn]] void leave_truncated() noexcept;
  void explain(Message& why) noexcept;
  void take_damage(const char* why);
  void check_progress() noexcept;
  void read_scans();
  template <typename Put>
  void read_picture(const Put& put);
  void find_end();
  void end_without_marker();

  [[nodiscard]] std::size_t offset() const {
    return has_run_out_ ? file_.size()
                        : static_cast<std::size_t>(
                              reinterpret_cast<const std::byte*>(source_.next_input_byte) - file_.data());
  }
  [[nodiscard]] int next_marker(std::size_t& behind) const;
  [[nodiscard]] bool is_complete() const;

  std::span<const std::byte> file_;
  bool allows_damage_;
  CLibrary library_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  std::vector<JpegSegment> segments_;
  std::vector<std::string> notes_;
  bool has_run_out_ = false;  // libjpeg has asked for more than there is
  bool has_end_marker_ = true;
  std::size_t end_ = 0;
};

JpegReader::JpegReader(std::span<const std::byte> file, bool allows_damage)
    : file_(file), allows_damage_(allows_damage), end_(file.size()) {
  info_.err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  info_.client_data = this;
  source_.init_source = [](j_decompress_ptr) {};
  source_.fill_input_buffer = on_end_of_file;
  source_.skip_input_data = on_skip;
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.term_source = [](j_decompress_ptr) {};
  source_.next_input_byte = reinterpret_cast<const JOCTET*>(file.data());
  source_.bytes_in_buffer = file.size();
}

void JpegReader::leave_truncated() noexcept {
  library_.leave(ErrorCode::kUnreadable, info_.input_scan_number == 0
                                             ? "truncated: the JPEG ends before its pixels"
                                             : "truncated: the JPEG ends within its pixels");
}

void JpegReader::explain(Message& why) noexcept {
  const int parameter = errors_.msg_parm.i[0];
  switch (errors_.msg_code) {
    case JERR_SOF_DUPLICATE:
      std::snprintf(why.data(), why.size(), "damaged: the JPEG has a second frame header");
      return;
    case JERR_EMPTY_IMAGE:
      std::snprintf(why.data(), why.size(), "damaged: the JPEG says no width and height");
      return;
    case JERR_BAD_PRECISION:
      std::snprintf(why.data(), why.size(), "is a JPEG of %d bits a sample, which this version cannot read",
                    parameter);
      return;
    case JERR_SOF_UNSUPPORTED:
      std::snprintf(why.data(), why.size(), "is a %s JPEG (SOF%d), which this version cannot read",
                    parameter == 0xc3 || parameter == 0xcb ? "lossless" : "hierarchical", parameter - 0xc0);
      return;
    default:
      break;
  }
  std::array<char, JMSG_LENGTH_MAX> message{};
  errors_.format_message(reinterpret_cast<j_common_ptr>(&info_), message.data());
  std::snprintf(why.data(), why.size(), "damaged: %s", message.data());
}

void JpegReader::on_error(j_common_ptr info) noexcept {
  JpegReader& self = of(info);
  if (self.errors_.msg_code == JERR_OUT_OF_MEMORY) self.library_.leave_out_of_memory();
  if (self.has_run_out_) self.leave_truncated();
  Message why{};
  self.explain(why);
  self.library_.leave(
      self.errors_.msg_code == JERR_IMAGE_TOO_BIG ? ErrorCode::kLimit : ErrorCode::kUnreadable, why.data());
}

// Warnings have level -1. Those of headers that break a rule but lose nothing are let pass.
void JpegReader::on_message(j_common_ptr info, int level) noexcept {
  if (level >= 0) return;
  JpegReader& self = of(info);
  switch (self.errors_.msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_NOT_SEQUENTIAL:
      break;
    default:
      return;
  }
  if (!self.allows_damage_ && self.has_run_out_) self.leave_truncated();
  Message why{};
  self.explain(why);
  if (!self.allows_damage_) self.library_.leave(ErrorCode::kUnreadable, why.data());
  const bool is_noted = [&] {
    try {
      self.take_damage(self.has_run_out_ ? "damaged: truncated: the JPEG ends within its pixels"
                                         : why.data());
      return true;
    } catch (...) {
      return false;
    }
  }();
  if (!is_noted) self.library_.leave_out_of_memory();
}

void JpegReader::take_damage(const char* why) {
  if (notes_.empty()) notes_.emplace_back(why);  // the first says enough
}

// Once an end marker is put behind the file. In it libjpeg's decoders stop, and warn if they need a bit beyond.
// What still wants more then reads a header.
boolean JpegReader::on_end_of_file(j_decompress_ptr info) noexcept {
  static constexpr JOCTET kEnd[] = {0xff, kEndOfImage};
  JpegReader& self = of(info);
  if (self.has_run_out_ && !self.allows_damage_) self.leave_truncated();
  self.has_run_out_ = true;
  self.source_.next_input_byte = kEnd;
  self.source_.bytes_in_buffer = sizeof kEnd;
  return TRUE;
}

void JpegReader::on_skip(j_decompress_ptr info, long size) noexcept {
  JpegReader& self = of(info);
  if (size <= 0) return;
  if (static_cast<std::size_t>(size) > self.source_.bytes_in_buffer) {
    self.has_run_out_ = true;
    self.leave_truncated();
  }
  self.source_.next_input_byte += size;
  self.source_.bytes_in_buffer -= static_cast<std::size_t>(size);
}

// Called behind the marker: the length comes next, which counts itself in.
boolean JpegReader::on_segment(j_decompress_ptr info) noexcept {
  constexpr std::size_t kMostSegments = 10000;
  JpegReader& self = of(info);
  auto& source = self.source_;
  std::size_t length = source.bytes_in_buffer < 2
                           ? 0
                           : std::size_t{source.next_input_byte[0]} << 8 | source.next_input_byte[1];
  if (self.has_run_out_ || source.bytes_in_buffer < 2 || length > source.bytes_in_buffer) {
    self.has_run_out_ = true;
    self.leave_truncated();
  }
  const int marker = info->unread_marker;
  const bool is_read = marker == kApp1 || marker == kApp2 || marker == kApp13 || marker == kJpegComment;
  if (length < 2 && is_read) ERREXIT(info, JERR_BAD_LENGTH);
  length = std::max<std::size_t>(length, 2);  // of others libjpeg thinks no worse
  const bool is_kept = [&] {
    try {
      if (self.segments_.size() < kMostSegments)
        self.segments_.push_back({info->unread_marker, self.file_.subspan(self.offset() + 2, length - 2)});
      return true;
    } catch (...) {
      return false;
    }
  }();
  if (!is_kept) self.library_.leave_out_of_memory();
  source.next_input_byte += length;
  source.bytes_in_buffer -= length;
  return TRUE;
}

// Asked for each row, or row of blocks of each scan.
void JpegReader::check_progress() noexcept {
  if (base::stop_requested()) library_.leave(ErrorCode::kInterrupted, "interrupted");
  if (info_.input_scan_number > kMostScans)
    library_.leave(ErrorCode::kLimit, "has more scans than any JPEG needs");
}

Header JpegReader::read_header() {
  library_.call([&] {
    jpeg_create_decompress(&info_);
    info_.src = &source_;
    // APP0 and APP14 are libjpeg's own: JFIF's and Adobe's.
    for (int marker = kApp1; marker <= kApp15; ++marker) {
      if (marker != kApp14) jpeg_set_marker_processor(&info_, marker, on_segment);
    }
    jpeg_set_marker_processor(&info_, kJpegComment, on_segment);
    jpeg_read_header(&info_, TRUE);
  });
  const int components = info_.num_components;
  if (components != 1 && components != 3 && components != 4) {
    throw Error(ErrorCode::kUnreadable,
                "is a JPEG of " + std::to_string(components) + " components, which this version cannot read");
  }
  if (info_.data_precision != 8) {
    throw Error(ErrorCode::kUnreadable, "is a JPEG of " + std::to_string(info_.data_precision) +
                                            " bits a sample, which this version cannot read");
  }
  return {info_.image_width, info_.image_height, components == 1 ? 1U : 3U, false, 8};
}

Resolution JpegReader::resolution() const {
  if (!info_.saw_JFIF_marker) return {};
  const auto unit = info_.density_unit == 1   ? Resolution::Unit::kInch
                    : info_.density_unit == 2 ? Resolution::Unit::kCentimetre
                                              : Resolution::Unit::kRatio;
  return make_resolution(unit, info_.X_density, info_.Y_density);
}

// No Huffman code is shorter than a bit.
void JpegReader::check_size() const {
  if (info_.arith_code || allows_damage_) return;
  std::uint64_t blocks = 0;
  for (int i = 0; i < info_.num_components; ++i) {
    const auto& component = info_.comp_info[i];
    blocks += std::uint64_t{component.width_in_blocks} * component.height_in_blocks;
  }
  if (blocks / 8 > file_.size())
    throw Error(ErrorCode::kUnreadable, "truncated: its bytes are fewer than its pixels need");
}

// What follows the entropy-coded data: a marker, or 0 for none, be it that the file ends. `behind`: where it
// ends.
int JpegReader::next_marker(std::size_t& behind) const {
  std::size_t at = behind = offset();
  if (info_.unread_marker != 0) return has_run_out_ ? 0 : info_.unread_marker;
  const auto byte = [&](std::size_t i) { return i < file_.size() ? std::to_integer<int>(file_[i]) : -1; };
  if (byte(at) != 0xff) return 0;
  while (byte(at) == 0xff) ++at;
  behind = at + 1;
  return byte(at) > 0 ? byte(at) : 0;
}

// Whether each component has had all bits of all coefficients. What an arithmetic decoder would have needed
// beyond the end nothing tells.
bool JpegReader::is_complete() const {
  if (info_.arith_code) return false;
  for (int i = 0; i < info_.num_components; ++i) {
    if (info_.comp_info[i].quant_table == nullptr) return false;  // it had no scan
    if (!info_.progressive_mode) continue;
    for (int k = 0; k < DCTSIZE2; ++k) {
      if (info_.coef_bits[i][k] != 0) return false;
    }
  }
  return true;
}

// What a segment of a JPEG may begin with, once its first scan has been.
bool goes_on(int marker) {
  return marker >= 0xc0 && marker != kStartOfImage && marker != kEndOfImage &&
         (marker < 0xf0 || marker == kJpegComment);
}

// No marker follows the data. Bytes that mean nothing may stand before an end marker, as the first one.
void JpegReader::end_without_marker() {
  end_ = offset();
  std::size_t at = end_;
  const auto byte = [&](std::size_t i) { return std::to_integer<int>(file_[i]); };
  while (at + 1 < file_.size() && (byte(at) != 0xff || byte(at + 1) == 0 || byte(at + 1) == 0xff)) ++at;
  if (at + 1 < file_.size() && byte(at + 1) == kEndOfImage) {
    const auto extra = file_.subspan(end_, at - end_);
    if (std::any_of(extra.begin(), extra.end(), [](std::byte b) { return b != std::byte{0}; }))
      notes_.emplace_back("extra bytes before its end marker: left out");
    end_ = at + 2;
    return;
  }
  has_end_marker_ = false;
  if (is_complete()) return;
  if (!allows_damage_) throw Error(ErrorCode::kUnreadable, "truncated: the JPEG's end marker is missing");
  take_damage("damaged: truncated: the JPEG's end marker is missing");
}

// After all rows of a picture of one scan.
void JpegReader::find_end() {
  std::size_t behind = 0;
  const int marker = next_marker(behind);
  if (marker == kEndOfImage) {
    end_ = behind;
  } else if (goes_on(marker)) {
    library_.call([&] {  // not jpeg_finish_decompress(), which forgets what was read
      int status = JPEG_REACHED_SOS;
      while (status != JPEG_REACHED_EOI && status != JPEG_SUSPENDED) status = jpeg_consume_input(&info_);
    });
    end_ = offset();
    if (has_run_out_) end_without_marker();
  } else {
    end_without_marker();
  }
}

// Into coefficients.
void JpegReader::read_scans() {
  while (true) {
    int status = 0;
    library_.call([&] {
      do {
        check_progress();
        status = jpeg_consume_input(&info_);
      } while (status != JPEG_SCAN_COMPLETED && status != JPEG_REACHED_EOI);
    });
    if (status == JPEG_REACHED_EOI) {
      end_ = offset();
      if (has_run_out_) end_without_marker();
      return;
    }
    std::size_t behind = 0;
    const int marker = next_marker(behind);
    // Between scans there may be bytes that mean nothing; after the last one a trailer.
    if (marker != kEndOfImage && !goes_on(marker) && is_complete()) return end_without_marker();
  }
}

template <typename Put>
void JpegReader::read_picture(const Put& put) {
  const bool has_scans = jpeg_has_multiple_scans(&info_) != 0;
  info_.buffered_image = has_scans ? TRUE : FALSE;
  library_.call([&] { jpeg_start_decompress(&info_); });
  std::exception_ptr damage;
  if (has_scans) {
    try {
      read_scans();
    } catch (const Error& error) {
      if (!allows_damage_ || error.code() != ErrorCode::kUnreadable) throw;
      damage = std::current_exception();  // what was there is shown yet
    }
    library_.call([&] { jpeg_start_output(&info_, info_.input_scan_number); });
  }
  std::vector<JSAMPLE> line(std::size_t{info_.output_width} *
                            static_cast<std::size_t>(info_.output_components));
  while (info_.output_scanline < info_.output_height) {
    const std::size_t y = info_.output_scanline;
    JSAMPROW row = line.data();
    library_.call([&] {
      check_progress();
      jpeg_read_scanlines(&info_, &row, 1);
    });
    put(line.data(), y);
  }
  if (damage) std::rethrow_exception(damage);
  if (!has_scans) find_end();
}

template <typename Put>
void JpegReader::read_rows(J_COLOR_SPACE colours, const Put& put) {
  info_.out_color_space = colours;
  try {
    read_picture(put);
  } catch (const Error& error) {
    if (!allows_damage_ || error.code() != ErrorCode::kUnreadable) throw;
    const std::string_view why = error.what();
    take_damage(why.starts_with("damaged: ") ? error.what() : ("damaged: " + std::string(why)).c_str());
  }
}

Header read_header(std::span<const std::byte> file) { return JpegReader(file, false).read_header(); }

// Adobe's programs, and who writes as they do, have white as 0 ink and say it as 255.
void read_cmyk(JpegReader& reader, std::span<const std::byte> icc, Content& content) {
  const CmykConverter converter(icc);
  std::vector<std::uint8_t> line(std::size_t{content.image.width} * 4);
  const bool is_inverted = reader.has_adobe_marker();
  reader.read_rows(JCS_CMYK, [&](const JSAMPLE* row, std::size_t y) {
    for (std::size_t i = 0; i < line.size(); ++i)
      line[i] = static_cast<std::uint8_t>(is_inverted ? 255 - row[i] : row[i]);
    converter.convert(line.data(), content.image.samples.data() + y * content.image.width * 3,
                      content.image.width);
  });
  content.notes.insert(content.notes.end(), converter.notes().begin(), converter.notes().end());
}

Content read(std::span<const std::byte> file, const ReadOptions& options) {
  JpegReader reader(file, options.allows_damage);
  const Header header = reader.read_header();
  reader.check_size();
  Content content;
  const bool is_cmyk = reader.has_four_components();
  if (is_cmyk) {
    const auto icc = jpeg_profile(reader.segments(), content);
    content.image = make_image(header);
    read_cmyk(reader, icc, content);
  } else {
    content.image = make_image(header);
    reader.read_rows(header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB,
                     [&](const JSAMPLE* row, std::size_t y) { put_row(content.image, y, row); });
  }
  content.notes.insert(content.notes.begin(), reader.notes().begin(), reader.notes().end());
  if (!reader.has_end_marker() && reader.notes().empty())
    content.notes.emplace_back("its end marker is missing");
  read_jpeg_segments(reader.segments(), options, content);
  note_trailer(reader.segments(), reader.trailer(), reader.has_end_marker(), content);
  if (options.keeps_metadata) {
    content.resolution = reader.resolution();
    if (!is_cmyk) content.icc = jpeg_profile(reader.segments(), content);
  }
  return content;
}

}  // namespace

const Format& jpeg_format() {
  static const Format format{read_header, read, write_jpeg};
  return format;
}

}  // namespace vaec::image
