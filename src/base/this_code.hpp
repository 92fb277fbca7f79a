// Where on the disk this code is: what is installed beside it is found from there.
#pragma once

#include <filesystem>

namespace vaec::base {

// The folder of the executable or shared library that this code is linked into; empty if that is unknown.
[[nodiscard]] std::filesystem::path folder_of_this_code();

}  // namespace vaec::base
