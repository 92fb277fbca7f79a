// The codec of the small model, which is quick; loaded once.
#pragma once

#include "codec/photo_codec.hpp"
#include "model_files.hpp"

namespace vaec::codec {

inline const LatentCodec& tiny() {
  static const auto codec = make_photo_codec(model::SafeTensors::open(kTinyModel));
  return *codec;
}

}  // namespace vaec::codec
