// Exiv2's XMP parser, which its EXIF and TIFF parsers call, too, has state of the whole process.
#pragma once

#include <mutex>

namespace vaec::image {

// Whoever has Exiv2 do anything holds this meanwhile. It makes Exiv2 ready and silent.
[[nodiscard]] std::unique_lock<std::recursive_mutex> use_exiv2();

}  // namespace vaec::image
