#include "codec/parts.hpp"
#include "plugin/module.hpp"

namespace vaec::codec {

const LosslessParts& lossless_parts() {
  static const auto& parts = plugin::module_parts<LosslessParts>("vaec_lossless.so", "vaec_lossless_module");
  return parts;
}

}  // namespace vaec::codec
