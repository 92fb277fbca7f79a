// LibTorch's parts of coding, for what links them directly.
#pragma once

#include "codec/parts.hpp"

namespace vaec::codec {

[[nodiscard]] const TorchParts& linked_torch_parts();

}  // namespace vaec::codec
