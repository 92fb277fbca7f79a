// Multi-scale structural similarity (Wang, Simoncelli & Bovik 2003), as the package pytorch-msssim computes
// it and CompressAI reports it.
#pragma once

#include <cstdint>
#include <optional>

#include "vaec/image.hpp"

namespace vaec::eval {

// A picture with a shorter side has no fifth scale that an 11x11 window fits into.
inline constexpr std::uint32_t kSmallestMsSsimSide = 161;

// Up to 1 (equal pictures), not below 0; nothing if a side is under 161 pixels. Five scales with the weights
// of the paper, an 11x11 Gaussian window of sigma 1.5 without padding, K1 = 0.01, K2 = 0.03, peak 255, 2x2
// averages between the scales; each channel by itself, then their mean. Throws Error kInternal unless both
// have the same size and channels.
[[nodiscard]] std::optional<double> ms_ssim(const Image& a, const Image& b);

// -10 log10(1 - value), which rises as evenly as PSNR does; infinity for 1, NaN for NaN.
[[nodiscard]] double ms_ssim_decibels(double value);

}  // namespace vaec::eval
