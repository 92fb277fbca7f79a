#include "base/this_code.hpp"

#include <dlfcn.h>
#include <link.h>

#include <system_error>

namespace vaec::base {

std::filesystem::path folder_of_this_code() {
  std::error_code ignored;
  Dl_info info{};
  link_map* map = nullptr;
  const auto here = reinterpret_cast<const void*>(&folder_of_this_code);
  const bool found = dladdr1(here, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) != 0;
  // The executable has no name there.
  if (found && map != nullptr && map->l_name[0] != '\0') {
    return std::filesystem::canonical(map->l_name, ignored).parent_path();
  }
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

}  // namespace vaec::base
