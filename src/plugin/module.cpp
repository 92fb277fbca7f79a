#include "plugin/module.hpp"

#include <dlfcn.h>

#include <cstdint>
#include <filesystem>

#include "base/address_space.hpp"
#include "base/this_code.hpp"
#include "vaec/error.hpp"

namespace vaec::plugin {
namespace {

namespace fs = std::filesystem;

fs::path module_path(const std::string& name) {
  const auto here = base::folder_of_this_code();
  std::error_code ignored;
  // A build tree; PREFIX/bin; PREFIX/lib; PREFIX/lib/x86_64-linux-gnu.
  const fs::path folders[] = {here, here.parent_path() / "lib" / "vaec", here / "vaec",
                              here.parent_path() / "vaec"};
  for (const auto& folder : folders) {
    if (fs::exists(folder / name, ignored)) return folder / name;
  }
  return folders[1] / name;
}

}  // namespace

void* module_function(const std::string& name, const std::string& entry) {
  const auto path = module_path(name);
  if (name == kTorchModule && !fs::exists(path)) {
    throw Error(ErrorCode::kUsage, "this needs LibTorch, which is not there: install the package vaec-train");
  }
  // What the larger of them takes; an initializer of some library in it that lacks memory ends the program.
  constexpr std::uint64_t kAddressSpace = 400 << 20;
  base::check_address_space(kAddressSpace, 0);
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* function = module != nullptr ? dlsym(module, entry.c_str()) : nullptr;
  if (function == nullptr) {
    const char* told = dlerror();
    const std::string reason = told != nullptr ? told : path.c_str();
    if (reason.find("failed to map") != std::string::npos ||
        reason.find("cannot allocate") != std::string::npos)
      throw Error(ErrorCode::kLimit, "out of memory: " + reason);
    throw Error(ErrorCode::kInternal,
                "a part of vaec cannot be loaded: " + reason + ": is vaec installed as a whole?");
  }
  return function;
}

}  // namespace vaec::plugin
