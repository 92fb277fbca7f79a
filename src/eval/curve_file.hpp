// Curves as JSON: {"codec", "command", "version", "q_is", "images", "megapixels", "points": [{"q", "bpp",
// "psnr", "enc_s", "dec_s", "per_image": [{"image", "bpp", "psnr"}]}]}. A PSNR that is not finite is null.
#pragma once

#include <string>

#include "eval/curve.hpp"

namespace vaec::eval {

[[nodiscard]] std::string to_json(const Curve& curve);

// Needs "points" with "bpp" and "psnr"; the rest may be missing. Of a file of several codecs, {"CODEC":
// {"bpp": [...], "psnr": [...]}, ...}, takes the one called `codec`. `name`, the file's, is told in messages.
// Throws Error kUnreadable.
[[nodiscard]] Curve parse_curve(const std::string& text, const std::string& name,
                                const std::string& codec = "");

}  // namespace vaec::eval
