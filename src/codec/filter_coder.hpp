// The last filter (infer/last_filter.hpp): fitted by the encoder, and its chunk. docs/format.md sections 5.12 and 10.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "infer/last_filter.hpp"
#include "vaec/image_view.hpp"

namespace vaec::codec {

// The chunk's content; nothing of a filter without classes.
[[nodiscard]] std::vector<std::byte> write_filter(const infer::LastFilter& filter);
// `colours`: 1 or 3, of the picture. Throws Error kCorrupt.
[[nodiscard]] infer::LastFilter read_filter(std::span<const std::byte> content, std::size_t colours);

// Least squares of what is missed, on what lies around.
class FilterFit {
 public:
  // Of the colours of `image`, which must outlive it.
  explicit FilterFit(const ImageView& image);

  // A run of whole rows of the picture as g_s gives them, from row `top` on: `rows` of `width` pixels, multiples of 16.
  // `skipped`: as many at either end are not looked at, since g_s saw only a part there.
  class Run {
   public:
    Run(FilterFit& fit, int top, int rows, int width, int skipped);
    void push(std::span<const std::int16_t> rgb) { windows_.push(rgb); }

   private:
    void look_at(int first, const infer::FilterWindows::Lines& lines);
    FilterFit& fit_;
    int top_, rows_, width_, skipped_;
    std::vector<float> target_;
    std::vector<std::uint8_t> classes_;
    infer::FilterWindows windows_;
  };

  // The filter that is worth its bits by R + lambda * D; without classes if none is.
  [[nodiscard]] infer::LastFilter best(double lambda) const;

 private:
  // Normal equations of one class and colour.
  struct Equations {
    double products[infer::kFilterTaps][infer::kFilterTaps] = {}, wanted[infer::kFilterTaps] = {};
    void add(const Equations& other);
  };
  struct Choice {
    std::vector<std::int8_t> weights;
    double gain = 0;  // bits
  };
  [[nodiscard]] Choice choose(const std::vector<Equations>& equations, double lambda) const;

  const ImageView& image_;
  std::size_t colours_;
  std::vector<Equations> equations_;  // [classes][colours]
  double pixels_ = 0;                 // looked at
};

}  // namespace vaec::codec
