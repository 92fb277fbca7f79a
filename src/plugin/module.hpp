// Parts of the program that stand in modules of their own and are loaded when they are first needed. LibTorch
// takes half a second to load, OpenCV's imgcodecs (with GDAL behind it) a tenth; OpenMP, which oneDNN brings
// along, must be told how to wait before it is loaded (plugin/waiting.hpp). Modules stand beside the
// executable, or in PREFIX/lib/vaec where the program or the library is installed. Each links its own copy of
// vaec's code, hidden from the others; what a process has once (base/process_state.hpp) is handed to its
// entry.
#pragma once

#include <string>

#include "base/process_state.hpp"

namespace vaec::plugin {

inline constexpr const char* kTorchModule = "vaec_torch.so";  // in a package of its own

// The function `entry` of the module `name`, loaded at the first call. Throws Error: kLimit (no memory to
// load it), kUsage (LibTorch's module is not installed), kInternal that says why not.
[[nodiscard]] void* module_function(const std::string& name, const std::string& entry);

// What `entry` of the module `name` gives for this process's state: a `Parts` that lives as long as the
// process.
template <typename Parts>
[[nodiscard]] const Parts& module_parts(const std::string& name, const std::string& entry) {
  using Entry = const Parts*(base::ProcessState&);
  return *reinterpret_cast<Entry*>(module_function(name, entry))(base::process_state());
}

}  // namespace vaec::plugin
