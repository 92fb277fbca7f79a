// The photo codec for what links it directly.
#include <omp.h>

#include "codec/parts.hpp"
#include "codec/photo_codec.hpp"

namespace vaec::codec {

const PhotoParts& photo_parts() {
  static const PhotoParts parts{make_photo_codec, [](int threads) { omp_set_num_threads(threads); }};
  return parts;
}

}  // namespace vaec::codec
