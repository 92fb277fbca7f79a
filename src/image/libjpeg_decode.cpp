#include "image/libjpeg_decode.hpp"

#include <array>
#include <cstdio>
// Needs what stdio declares.
#include <jerror.h>
#include <jpeglib.h>

#include "base/interrupt.hpp"
#include "image/c_library.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

// libjpeg goes through the whole picture for each scan, which may be a few bytes of the file. Encoders write
// about ten; libtiff has the same limit.
constexpr int kMostScans = 100;

CLibrary& library_of(j_common_ptr info) { return *static_cast<CLibrary*>(info->client_data); }

[[noreturn]] void leave(j_common_ptr info, const char* what) noexcept {
  std::array<char, JMSG_LENGTH_MAX> message{};
  info->err->format_message(info, message.data());
  std::array<char, JMSG_LENGTH_MAX + 32> text{};
  std::snprintf(text.data(), text.size(), "%s: %s", what, message.data());
  library_of(info).leave(ErrorCode::kUnreadable, text.data());
}

[[noreturn]] void on_error(j_common_ptr info) noexcept {
  if (info->err->msg_code == JERR_OUT_OF_MEMORY) library_of(info).leave_out_of_memory();
  leave(info, "cannot be decoded");
}

// Warnings have level -1. Those of headers that break a rule but lose nothing are let pass.
void on_message(j_common_ptr info, int level) noexcept {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_JPEG_EOF:
      leave(info, "damaged");
    default:
      break;
  }
}

// Called for each row of blocks of each scan.
void on_progress(j_common_ptr info) noexcept {
  if (base::stop_requested()) library_of(info).leave(ErrorCode::kInterrupted, "interrupted");
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans)
    library_of(info).leave(ErrorCode::kLimit, "has more scans than any JPEG needs");
}

// Sets the library up; jpeg_create_decompress() and what follows are called through it.
class JpegReader {
 public:
  explicit JpegReader(CLibrary& library) {
    info.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    progress.progress_monitor = on_progress;
    info.client_data = &library;
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }

  jpeg_decompress_struct info{};
  jpeg_progress_mgr progress{};

 private:
  jpeg_error_mgr errors_{};
};

}  // namespace

cv::Mat decode_jpeg(std::span<const std::byte> file) {
  CLibrary library;
  JpegReader reader(library);
  auto& info = reader.info;
  library.call([&] {
    jpeg_create_decompress(&info);
    info.progress = &reader.progress;
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
    jpeg_read_header(&info, TRUE);
    info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
    jpeg_start_decompress(&info);
  });
  cv::Mat pixels(static_cast<int>(info.output_height), static_cast<int>(info.output_width),
                 info.num_components == 1 ? CV_8UC1 : CV_8UC3);
  library.call([&] {
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = pixels.data + info.output_scanline * pixels.step[0];
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  });
  return pixels;
}

}  // namespace vaec::image
