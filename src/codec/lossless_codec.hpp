// The codec that keeps every sample: a plan for the picture, and bands that decode alone. No model.
#pragma once

#include <memory>

#include "vaec/codec.hpp"

namespace vaec::codec {

[[nodiscard]] std::unique_ptr<Codec> make_lossless_codec();

}  // namespace vaec::codec
