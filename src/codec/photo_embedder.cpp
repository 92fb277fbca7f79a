#include "codec/photo_embedder.hpp"

#include <algorithm>
#include <cmath>

#include "bitstream/container.hpp"
#include "codec/limits.hpp"
#include "codec/pixels.hpp"
#include "codec/threads.hpp"
#include "codec/transparent.hpp"
#include "infer/photo_model.hpp"

namespace vaec::codec {
namespace {

class PhotoEmbedder : public Embedder {
 public:
  explicit PhotoEmbedder(const model::SafeTensors& file) : model_(file, infer::Number::kF32) {}

  int dimension() const override {
    return static_cast<int>(model_.config().lf.size()) + model_.config().latent;
  }

  std::vector<float> embed(const ImageView& image, int threads, const Limits& limits) const override {
    const OpenMpThreads here(threads);
    check_image(image);
    check_limits(image.width, image.height, limits);
    Image filled;
    ImageView seen = image;
    if (has_transparent(image)) seen = filled = with_smooth_hidden(image);

    const auto rows = static_cast<int>(bitstream::latent_cells(image.height)),
               columns = static_cast<int>(bitstream::latent_cells(image.width));
    const auto channels = static_cast<std::size_t>(model_.config().latent);
    // In double, so that a deviation far below the mean is still exact enough.
    std::vector<double> sums(channels), squares(channels);
    model_.analysis().run(
        kEmbeddingQuality, rows, columns,
        [&](int row, float* rgb) { read_row(seen, row, columns * model::kLatentStride, rgb); },
        [&](int, int count, const float* y) {
          for (int i = 0; i < count * columns; ++i, y += channels) {
            for (std::size_t c = 0; c < channels; ++c) {
              sums[c] += y[c];
              squares[c] += double{y[c]} * y[c];
            }
          }
        });
    const double positions = static_cast<double>(rows) * columns;
    std::vector<float> vector;
    for (const int c : model_.config().lf)
      vector.push_back(static_cast<float>(sums[static_cast<std::size_t>(c)] / positions));
    for (std::size_t c = 0; c < channels; ++c) {
      const double mean = sums[c] / positions;
      vector.push_back(static_cast<float>(std::sqrt(std::max(0.0, squares[c] / positions - mean * mean))));
    }
    return vector;
  }

 private:
  infer::PhotoModel model_;
};

}  // namespace

std::unique_ptr<Embedder> make_photo_embedder(const model::SafeTensors& file) {
  return std::make_unique<PhotoEmbedder>(file);
}

}  // namespace vaec::codec
