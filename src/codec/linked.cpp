// The photo codec for what links it directly.
#include "codec/parts.hpp"
#include "codec/photo_codec.hpp"
#include "codec/photo_embedder.hpp"

namespace vaec::codec {

const PhotoParts& photo_parts() {
  static const PhotoParts parts{
      [](const model::SafeTensors& file) -> std::unique_ptr<Codec> { return make_photo_codec(file); },
      make_photo_embedder};
  return parts;
}

}  // namespace vaec::codec
