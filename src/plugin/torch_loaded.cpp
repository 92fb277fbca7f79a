#include "plugin/module.hpp"
#include "plugin/torch_module.hpp"

namespace vaec::plugin {

const TorchModule& torch_module() {
  static const auto& module = module_parts<TorchModule>(kTorchModule, "vaec_torch_module");
  return module;
}

}  // namespace vaec::plugin

namespace vaec::codec {

const TorchParts& torch_parts() { return *plugin::torch_module().parts; }

}  // namespace vaec::codec
