// Which of a TIFF file's directories is the picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/formats/tiff_file.hpp"

namespace vaec::image {

struct TiffPage {
  std::uint64_t directory = 0;     // its offset
  std::vector<std::string> notes;  // what else is in the file
};

[[noreturn]] void refuse_camera_raw();

// Looks at all directories, which leaves another one the current one. Throws Error kUnreadable where several
// are pictures, or the picture is a camera's raw data.
[[nodiscard]] TiffPage find_tiff_page(TIFF* tiff);

}  // namespace vaec::image
