// Curves and results as JSON. A curve is
//
//   {"codec", "command", "decode", "version", "q_is", "images", "megapixels",
//    "points": [{"q", "bpp", "psnr", "exact", "msssim", "msssim_db", "enc_s", "dec_s", "enc_mp_s", "dec_mp_s",
//                "per_image": [{"image", "bytes", "bpp", "psnr", "msssim", "enc_s", "dec_s"}]}]}
//
// Results are a curve that has "anchors": [curves] and "bd_rates": [{"against", "psnr", "msssim"}] too, where
// "psnr" and "msssim" are null or {"percent", "db_low", "db_high"}. "exact" counts the pictures that
// came back as they were: "psnr" is that of the others. A number that is not finite (no MS-SSIM) is null.
#pragma once

#include <string>

#include "eval/results.hpp"

namespace vaec::eval {

[[nodiscard]] std::string to_json(const Results& results);

// One line each, without the line break: {"codec", and what a point has but "per_image", "images"};
// {"curve", "bd_rate_percent", "psnr_low", "psnr_high", "msssim_bd_rate_percent", "msssim_db_low",
// "msssim_db_high", "per_image", "msssim_per_image"}, the last two {"percent", "images"} or null.
[[nodiscard]] std::string to_json_line(const CurvePoint& point, const Curve& curve);
[[nodiscard]] std::string to_json_line(const Comparison& comparison);

// Needs "points" with "bpp" and "psnr" or "msssim"; the rest may be missing. Of a file of several codecs,
// {"CODEC": {"bpp": [...], "psnr": [...], "msssim": [...]}, ...}, takes the one called `codec`. `name`, the
// file's, is told in messages. Throws Error kUnreadable.
[[nodiscard]] Curve parse_curve(const std::string& text, const std::string& name,
                                const std::string& codec = "");

}  // namespace vaec::eval
