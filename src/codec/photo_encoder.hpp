// The encoder's side of a photograph: rows of y in, bands of range-coded latents out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "codec/bands.hpp"
#include "codec/hyper_coder.hpp"
#include "codec/latent_coder.hpp"
#include "codec/lf_coder.hpp"
#include "infer/photo_model.hpp"

namespace vaec::codec {

// One picture. Takes rows of y in order, and codes each band as soon as what it depends on is there: the
// hyper-latent follows some rows behind.
class PhotoEncoder {
 public:
  // Model and coder must outlive it. `bands_at_once`: coded at the same time.
  PhotoEncoder(const infer::PhotoModel& model, const LatentCoder& coder, Grid grid, int quality,
               bool choose_symbols, int bands_at_once);

  // Before the first row: the latents of these bands are to be kept.
  void keep(std::vector<int> bands) { wanted_ = std::move(bands); }
  struct Kept {
    int top, rows;                     // of the latent
    std::vector<std::int32_t> latent;  // [rows][columns][latent] in 1/16 of a rounding step
  };
  [[nodiscard]] const std::vector<Kept>& kept() const { return kept_; }

  // The next `count` rows, [count][columns][latent] in rounding steps.
  void push(int count, const float* y);
  // The whole of y at once.
  void push_all(const std::vector<float>& y);

  // After the last row: the streams of the LF image and of the hyper-latent (once each), those of the bands, the
  // CRC-32C of the integer latent.
  [[nodiscard]] std::vector<std::byte> lf() { return lf_.finish(); }
  [[nodiscard]] std::vector<std::byte> hyper() { return z_.finish(); }
  [[nodiscard]] const std::vector<std::vector<std::byte>>& bands() const { return bands_; }
  [[nodiscard]] std::uint32_t checksum() const { return checksum_; }

 private:
  [[nodiscard]] std::size_t row_values() const;
  void add(int count, const float* y);
  // `y`: from the row `first` on, rows up to `available` are there.
  void code_what_is_there(int available, int first, const float* y);
  void code_group(int bottom, const float* y);

  const infer::PhotoModel& model_;
  const LatentCoder& coder_;
  Grid grid_;
  int quality_;
  bool choose_symbols_;
  int bands_at_once_;
  HyperEncoder z_;
  LfEncoder lf_;
  infer::Rows y_;
  infer::HyperAnalysisRun hyper_;
  infer::Buffer latent_;
  std::vector<std::vector<std::byte>> bands_;
  std::vector<int> wanted_;
  std::vector<Kept> kept_;
  int coded_ = 0;  // rows
  std::uint32_t checksum_ = 0;
};

}  // namespace vaec::codec
