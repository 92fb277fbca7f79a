#include "image/formats/jpeg_write.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <string_view>
// Needs what stdio declares.
#include <jpeglib.h>
// Needs jpeglib.h: which messages there are depends on it.
#include <jerror.h>

#include "base/sha256.hpp"
#include "image/c_library.hpp"
#include "image/formats/jpeg_segments.hpp"
#include "image/formats/side_limit.hpp"
#include "image/resolution.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

class JpegWriter {
 public:
  JpegWriter(const Image& image, std::vector<std::byte>& file);
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() { jpeg_destroy_compress(&info_); }

  void create(int quality);
  void set_resolution(const Resolution& resolution, Losses& losses);
  void start(const Metadata& metadata, Losses& losses);
  void write_pixels();

 private:
  static JpegWriter& of(j_compress_ptr info) { return *static_cast<JpegWriter*>(info->client_data); }
  [[noreturn]] static void on_error(j_common_ptr info) noexcept;
  static void on_start(j_compress_ptr info) noexcept;
  static boolean on_full(j_compress_ptr info) noexcept;
  static void on_end(j_compress_ptr info) noexcept;
  void append(std::size_t size) noexcept;

  void write_segment(int marker, std::string_view prefix, std::span<const std::byte> data);
  void write_xmp(std::span<const std::byte> xmp);

  const Image& image_;
  std::vector<std::byte>& file_;
  CLibrary library_;
  jpeg_compress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_destination_mgr destination_{};
  std::array<std::byte, 65536> buffer_{};
};

void JpegWriter::on_error(j_common_ptr info) noexcept {
  auto& self = *static_cast<JpegWriter*>(info->client_data);
  if (info->err->msg_code == JERR_OUT_OF_MEMORY) self.library_.leave_out_of_memory();
  std::array<char, JMSG_LENGTH_MAX> message{};
  info->err->format_message(info, message.data());
  std::array<char, JMSG_LENGTH_MAX + 32> why{};
  std::snprintf(why.data(), why.size(), ".jpg file cannot be made: %s", message.data());
  self.library_.leave(ErrorCode::kWrite, why.data());
}

void JpegWriter::on_start(j_compress_ptr info) noexcept {
  JpegWriter& self = of(info);
  self.destination_.next_output_byte = reinterpret_cast<JOCTET*>(self.buffer_.data());
  self.destination_.free_in_buffer = self.buffer_.size();
}

void JpegWriter::append(std::size_t size) noexcept {
  const bool is_done = [&] {
    try {
      file_.insert(file_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size));
      return true;
    } catch (...) {
      return false;
    }
  }();
  if (!is_done) library_.leave_out_of_memory();
}

boolean JpegWriter::on_full(j_compress_ptr info) noexcept {
  of(info).append(of(info).buffer_.size());
  on_start(info);
  return TRUE;
}

void JpegWriter::on_end(j_compress_ptr info) noexcept {
  of(info).append(of(info).buffer_.size() - of(info).destination_.free_in_buffer);
}

JpegWriter::JpegWriter(const Image& image, std::vector<std::byte>& file) : image_(image), file_(file) {
  info_.err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = [](j_common_ptr, int) {};
  info_.client_data = this;
  destination_.init_destination = on_start;
  destination_.empty_output_buffer = on_full;
  destination_.term_destination = on_end;
}

// Baseline, the colours at half the resolution both ways: libjpeg's defaults.
void JpegWriter::create(int quality) {
  library_.call([&] {
    jpeg_create_compress(&info_);
    info_.dest = &destination_;
    info_.image_width = image_.width;
    info_.image_height = image_.height;
    info_.input_components = static_cast<int>(image_.channels);
    info_.in_color_space = image_.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
  });
}

// JFIF's density: whole dots an inch or a centimetre, whichever is closer.
void JpegWriter::set_resolution(const Resolution& resolution, Losses& losses) {
  constexpr std::uint32_t kMost = 65535;
  if (resolution.empty()) return;
  std::uint32_t x = resolution.x, y = resolution.y;
  auto unit = Resolution::Unit::kRatio;
  if (is_ratio(resolution)) {
    const auto common = std::gcd(x, y);
    for (x /= common, y /= common; std::max(x, y) > kMost; x /= 2, y /= 2) continue;
  } else {
    using Unit = Resolution::Unit;
    const auto whole = [&](std::uint32_t thousandths, Unit in) {
      return std::round(in_unit(resolution, thousandths, in));
    };
    const auto error = [&](Unit in) {
      constexpr double kPreference = 1e-9;  // of its own unit, where both hold it
      return std::abs(in_unit(resolution, resolution.x, in) / whole(resolution.x, in) - 1) +
             std::abs(in_unit(resolution, resolution.y, in) / whole(resolution.y, in) - 1) -
             (in == resolution.unit || (resolution.unit == Unit::kMetre && in == Unit::kInch) ? kPreference
                                                                                              : 0);
    };
    const double by_inch = error(Unit::kInch), by_centimetre = error(Unit::kCentimetre);
    unit = by_centimetre < by_inch ? Unit::kCentimetre : Unit::kInch;
    x = static_cast<std::uint32_t>(whole(resolution.x, unit));
    y = static_cast<std::uint32_t>(whole(resolution.y, unit));
  }
  if (x == 0 || y == 0 || x > kMost || y > kMost) {
    losses.resolution = true;
    return;
  }
  info_.density_unit = static_cast<UINT8>(unit);  // the same numbers
  info_.X_density = static_cast<UINT16>(x);
  info_.Y_density = static_cast<UINT16>(y);
}

constexpr std::size_t kMostInSegment = 65533;

void JpegWriter::write_segment(int marker, std::string_view prefix, std::span<const std::byte> data) {
  library_.call([&] {
    jpeg_write_m_header(&info_, marker, static_cast<unsigned>(prefix.size() + data.size()));
    for (const char c : prefix) jpeg_write_m_byte(&info_, static_cast<unsigned char>(c));
    for (const std::byte b : data) jpeg_write_m_byte(&info_, std::to_integer<int>(b));
  });
}

// A packet too large for a segment stands in several as an extension of one that only names it.
void JpegWriter::write_xmp(std::span<const std::byte> xmp) {
  constexpr std::size_t kMostXmp = 65502, kMostOfExtension = 65400;
  if (xmp.size() <= kMostXmp) return write_segment(kApp1, kJpegXmp, xmp);
  base::Sha256 hash;
  hash.update(xmp);
  std::string guid;  // MD5's by the specification: it only has to be this packet's alone
  for (const std::uint8_t byte : hash.finish()) {
    constexpr auto kDigits = "0123456789ABCDEF"sv;
    if (guid.size() == kGuidDigits) break;
    guid += kDigits[byte >> 4];
    guid += kDigits[byte & 15];
  }
  const std::string main =
      "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      "<rdf:Description rdf:about=\"\" xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" "
      "xmpNote:HasExtendedXMP=\"" +
      guid + "\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";
  write_segment(kApp1, kJpegXmp, std::as_bytes(std::span(main)));
  const auto number = [](std::size_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
  };
  for (std::size_t at = 0; at < xmp.size(); at += kMostOfExtension) {
    write_segment(kApp1, std::string(kJpegExtendedXmp) + guid + number(xmp.size()) + number(at),
                  xmp.subspan(at, std::min(kMostOfExtension, xmp.size() - at)));
  }
}

void JpegWriter::start(const Metadata& metadata, Losses& losses) {
  library_.call([&] { jpeg_start_compress(&info_, TRUE); });
  losses.exif |= metadata.exif.size() > kMostInSegment - kJpegExif.size();
  if (!metadata.exif.empty() && metadata.exif.size() <= kMostInSegment - kJpegExif.size())
    write_segment(kApp1, kJpegExif, metadata.exif);
  constexpr std::size_t kMostXmpOfAll = 0xffffffff;
  losses.xmp |= metadata.xmp.size() > kMostXmpOfAll;
  if (!metadata.xmp.empty() && metadata.xmp.size() <= kMostXmpOfAll) write_xmp(metadata.xmp);
  constexpr std::size_t kMostOfProfile = kMostInSegment - 14,
                        kMostParts = 255;  // two numbers behind the name
  const std::span<const std::byte> icc = metadata.icc;
  const std::size_t parts = (icc.size() + kMostOfProfile - 1) / kMostOfProfile;
  losses.icc |= parts > kMostParts;
  for (std::size_t i = 0; i < parts && parts <= kMostParts; ++i) {
    const std::string prefix = std::string(kJpegIcc) + static_cast<char>(i + 1) + static_cast<char>(parts);
    write_segment(kApp2, prefix,
                  icc.subspan(i * kMostOfProfile, std::min(kMostOfProfile, icc.size() - i * kMostOfProfile)));
  }
}

void JpegWriter::write_pixels() {
  const std::size_t row_size = std::size_t{image_.width} * image_.channels;
  library_.call([&] {
    while (info_.next_scanline < info_.image_height) {
      auto* row = const_cast<JSAMPLE*>(image_.samples.data() + info_.next_scanline * row_size);
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
  });
}

}  // namespace

std::vector<std::byte> write_jpeg(const Image& image, const Metadata& metadata, const WriteOptions& options,
                                  Losses& losses) {
  check_sides(image, JPEG_MAX_DIMENSION, ".jpg");
  std::vector<std::byte> file;
  JpegWriter writer(image, file);
  writer.create(options.jpeg_quality);
  writer.set_resolution(metadata.resolution, losses);
  writer.start(metadata, losses);
  writer.write_pixels();
  return file;
}

}  // namespace vaec::image
