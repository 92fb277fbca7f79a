#include "image/libjpeg_decode.hpp"

#include <array>
#include <cstdio>
// Needs what stdio declares.
#include <jerror.h>
#include <jpeglib.h>

#include <new>
#include <string>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

std::string text_of(j_common_ptr info) {
  std::array<char, JMSG_LENGTH_MAX> text{};
  info->err->format_message(info, text.data());
  return text.data();
}

[[noreturn]] void on_error(j_common_ptr info) {
  if (info->err->msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
  throw Error(ErrorCode::kUnreadable, "cannot be decoded: " + text_of(info));
}

// Warnings have level -1. Those of headers that break a rule but lose nothing are let pass.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_JPEG_EOF:
      throw Error(ErrorCode::kUnreadable, "damaged: " + text_of(info));
    default:
      break;
  }
}

class JpegReader {
 public:
  JpegReader() {
    info.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    jpeg_create_decompress(&info);
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }

  jpeg_decompress_struct info{};

 private:
  jpeg_error_mgr errors_{};
};

}  // namespace

cv::Mat decode_jpeg(std::span<const std::byte> file) {
  JpegReader reader;
  auto& info = reader.info;
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&info, TRUE);
  const bool grey = info.num_components == 1;
  info.out_color_space = grey ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_start_decompress(&info);
  cv::Mat pixels(static_cast<int>(info.output_height), static_cast<int>(info.output_width),
                 grey ? CV_8UC1 : CV_8UC3);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels.ptr(static_cast<int>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return pixels;
}

}  // namespace vaec::image
