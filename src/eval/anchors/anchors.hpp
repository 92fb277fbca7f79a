// Other codecs to measure in the same run, by the names that --anchors takes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eval/image_codec.hpp"

namespace vaec::eval {

// "jpeg, webp, jpeg2000 (through OpenCV), avif, avif-psnr, jxl, heic (through their programs)"
[[nodiscard]] const char* anchor_names();

// `name` is one of these. Throws Error kUsage: an unknown name; a program that is not installed (the message
// names its Debian package).
[[nodiscard]] std::unique_ptr<ImageCodec> make_anchor(const std::string& name);

}  // namespace vaec::eval
