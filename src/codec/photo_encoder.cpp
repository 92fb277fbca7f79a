#include "codec/photo_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/crc32c.hpp"
#include "base/stage.hpp"

namespace vaec::codec {

PhotoEncoder::PhotoEncoder(const infer::PhotoModel& model, const LatentCoder& coder, Grid grid, int quality,
                           bool choose_symbols, int bands_at_once)
    : model_(model),
      coder_(coder),
      grid_(grid),
      quality_(quality),
      choose_symbols_(choose_symbols),
      bands_at_once_(bands_at_once),
      z_(model, quality, grid.hyper_rows, grid.hyper_columns, choose_symbols),
      lf_(model, grid.rows, grid.columns, choose_symbols),
      y_(sizeof(float) * static_cast<std::size_t>(grid.columns) * model.config().latent),
      hyper_(model.hyper_analysis(), quality, grid.rows, grid.columns,
             [this](int, const float* row) { z_.push(row); }) {}

std::size_t PhotoEncoder::row_values() const {
  return static_cast<std::size_t>(grid_.columns) * model_.config().latent;
}

void PhotoEncoder::push(int count, const float* y) {
  std::memcpy(y_.append(count), y, row_values() * sizeof(float) * static_cast<std::size_t>(count));
  add(count, y);
  code_what_is_there(y_.end(), y_.first(), y_.row_as<float>(y_.first()));
  y_.drop_before(coded_);
}

void PhotoEncoder::push_all(const std::vector<float>& y) {
  add(grid_.rows, y.data());
  code_what_is_there(grid_.rows, 0, y.data());
}

void PhotoEncoder::add(int count, const float* y) {
  for (int i = 0; i < count; ++i) lf_.push(y + static_cast<std::size_t>(i) * row_values());
  const base::StageTimer timer(base::Stage::kHyperAnalysis);
  hyper_.push(count, y);
}

void PhotoEncoder::code_what_is_there(int available, int first, const float* y) {
  while (coded_ < grid_.rows) {
    // A whole group, or the last bands.
    const int bottom = std::min(grid_.rows, coded_ + kBandRows * bands_at_once_);
    // h_s sees two rows of the LF image beyond the band.
    if (available < bottom || lf_.rows_coded() < std::min(grid_.rows, bottom + infer::kLfHalo) ||
        z_.rows_coded() < std::min(grid_.hyper_rows, bottom / model::kCellsAHyper + infer::kHyperHalo))
      return;
    code_group(bottom, y + static_cast<std::size_t>(coded_ - first) * row_values());
  }
}

// Rows coded_..bottom - 1; `y` begins at the first of them.
void PhotoEncoder::code_group(int bottom, const float* y) {
  const int count = (bottom - coded_ + kBandRows - 1) / kBandRows;
  const auto values = static_cast<std::size_t>(bottom - coded_) * row_values();
  auto* latent = latent_.reserve_as<std::int32_t>(values);
  const auto first = bands_.size();
  bands_.resize(first + static_cast<std::size_t>(count));
  for_bands(count, [&](int i) {
    const int top = coded_ + i * kBandRows;
    const auto at = static_cast<std::size_t>(i) * kBandRows * row_values();
    bands_[first + static_cast<std::size_t>(i)] = coder_.encode_band(
        z_.values(), lf_.image(), quality_, {top, std::min(bottom, top + kBandRows), grid_.columns}, y + at,
        choose_symbols_, latent + at);
  });
  for (int i = 0; i < count; ++i) {
    const int top = coded_ + i * kBandRows, rows = std::min(bottom - top, kBandRows);
    if (std::find(wanted_.begin(), wanted_.end(), top / kBandRows) == wanted_.end()) continue;
    const auto* from = latent + static_cast<std::size_t>(i) * kBandRows * row_values();
    kept_.push_back({top, rows, {from, from + static_cast<std::size_t>(rows) * row_values()}});
  }
  checksum_ = base::crc32c_extend(checksum_, std::span<const std::int32_t>(latent, values));
  coded_ = bottom;
}

}  // namespace vaec::codec
