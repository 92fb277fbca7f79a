// The lossless codec for what links it directly.
#include "codec/lossless_codec.hpp"
#include "codec/parts.hpp"

namespace vaec::codec {

const LosslessParts& lossless_parts() {
  static const LosslessParts parts{make_lossless_codec};
  return parts;
}

}  // namespace vaec::codec
