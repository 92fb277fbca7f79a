#include "codec/torch/parts.hpp"

namespace vaec::codec {

const TorchParts& torch_parts() { return linked_torch_parts(); }

}  // namespace vaec::codec
