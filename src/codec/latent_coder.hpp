// The hyper-latent and the latent of a picture to and from range-coded streams (docs/format.md, sections 8
// and 9).
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "nn/photo_file.hpp"

namespace vaec::codec {

// Borrows the model, which must outlive it. Thread-safe.
class LatentCoder {
 public:
  explicit LatentCoder(const nn::PhotoModel& model) : model_(model) {}

  // z: int32 [1, hyper, rows, columns] in -127..127.
  [[nodiscard]] std::vector<std::byte> encode_hyper(const torch::Tensor& z, int quality) const;
  // Throws Error kCorrupt.
  [[nodiscard]] torch::Tensor decode_hyper(std::span<const std::byte> stream, int quality, std::int64_t rows,
                                           std::int64_t columns) const;

  struct Encoded {
    std::vector<std::vector<std::byte>> bands;
    torch::Tensor
        latent;  // int32 [rows, columns, latent] in 1/16 of a rounding step: what a decoder will see
  };
  // y: float32 [1, latent, rows, columns], in rounding steps; rows and columns four times those of z. The
  // nearest symbols, or with `choose_symbols` those of the best rate and distortion.
  [[nodiscard]] Encoded encode(const torch::Tensor& y, const torch::Tensor& z, int quality,
                               std::int64_t band_rows, bool choose_symbols) const;
  // The latent as above. Throws Error kCorrupt, naming the band.
  [[nodiscard]] torch::Tensor decode(const std::vector<std::span<const std::byte>>& bands,
                                     const torch::Tensor& z, int quality, std::int64_t band_rows) const;

  // What h_s says of the rows top..bottom - 1 from z alone, as [1, width, bottom - top,
  // columns].
  [[nodiscard]] torch::Tensor features(const torch::Tensor& z, int quality, std::int64_t top,
                                       std::int64_t bottom) const;

 private:
  const nn::PhotoModel& model_;
};

}  // namespace vaec::codec
