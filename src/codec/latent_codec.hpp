// A codec that shows its latent: for tests and golden files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vaec/codec.hpp"

namespace vaec::codec {

class LatentCodec : public Codec {
 public:
  // The integer latent that `decompress` would hand to the synthesis transform, in file order: bit-identical
  // on every machine. Throws what decompress() would.
  [[nodiscard]] virtual std::vector<std::int32_t> decode_latent(
      std::span<const std::byte> file, const DecompressOptions& options = {}) const = 0;
};

}  // namespace vaec::codec
