// Results as a table, for spreadsheets and R.
#pragma once

#include <string>

#include "eval/results.hpp"

namespace vaec::eval {

// RFC 4180 with "\n": codec,quality,image,bytes,bpp,psnr,msssim,encode_seconds,decode_seconds; a line for
// each picture, quality and codec, vaec first. A number that is not finite is empty.
[[nodiscard]] std::string to_csv(const Results& results);

}  // namespace vaec::eval
