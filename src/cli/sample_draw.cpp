#include "cli/sample_draw.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <span>
#include <string>

#include "cli/picture_grid.hpp"

namespace vaec::cli {
namespace {

// Standard normal numbers (Box and Muller 1958), the same everywhere but for the last bit; std::normal_distribution is not.
class Normal {
 public:
  Normal(std::uint64_t seed, std::uint32_t stream) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), stream};
    bits_.seed(words);
  }
  float next() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform())), angle = 2 * M_PI * uniform();
    return static_cast<float>(radius * std::cos(angle));
  }

 private:
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }

  std::mt19937_64 bits_;
};

double squared_difference(const Image& a, const Image& b) {
  return std::transform_reduce(a.samples.begin(), a.samples.end(), b.samples.begin(), 0.0, std::plus<>(),
                               [](double x, double y) { return (x - y) * (x - y); });
}

}  // namespace

std::vector<Image> draw_from_prior(const codec::Generator& generator, int count, std::uint64_t seed) {
  Normal normal(seed, 0);
  std::vector<float> z(static_cast<std::size_t>(count) * static_cast<std::size_t>(generator.latent()));
  for (auto& value : z) value = normal.next();
  return generator.decode(z);
}

std::vector<Image> draw_neighbours(const codec::Generator& generator, const Image& picture, int count,
                                   double spread, std::uint64_t seed, std::uint32_t stream) {
  const auto posterior = generator.encode(picture);
  Normal normal(seed, stream);
  std::vector<float> z;
  for (int i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < posterior.mean.size(); ++k)
      z.push_back(posterior.mean[k] + static_cast<float>(spread) * posterior.deviation[k] * normal.next());
  }
  return generator.decode(z);
}

std::vector<Image> interpolate(const codec::Generator& generator, const Image& from, const Image& to,
                               int count) {
  const auto a = generator.encode(from).mean, b = generator.encode(to).mean;
  std::vector<float> z;
  for (int i = 0; i < count; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(count - 1);
    for (std::size_t k = 0; k < a.size(); ++k) z.push_back(std::lerp(a[k], b[k], t));
  }
  return generator.decode(z);
}

Image traverse(const codec::Generator& generator, const Image* picture, int count) {
  const auto latent = static_cast<std::size_t>(generator.latent());
  const auto base = picture != nullptr ? generator.encode(*picture).mean : std::vector<float>(latent);
  const auto value_at = [&](int i) { return kTraverse * (2.0 * i / (count - 1) - 1); };
  struct Row {
    std::size_t number;
    std::vector<Image> pictures;
    double change;
  };
  std::vector<Row> rows;
  for (std::size_t number = 0; number < latent; ++number) {
    std::vector<float> z;
    for (int i = 0; i < count; ++i) {
      z.insert(z.end(), base.begin(), base.end());
      z[z.size() - latent + number] = static_cast<float>(value_at(i));
    }
    auto pictures = generator.decode(z);
    const double change = squared_difference(pictures.front(), pictures.back());
    rows.push_back({number, std::move(pictures), change});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.change > b.change; });

  const int digits = static_cast<int>(std::to_string(latent - 1).size());
  PictureGrid grid(generator.size(), generator.channels(), static_cast<int>(latent), count,
                   digits * kCharacterWidth + 1, kLabelHeight);
  for (int i = 0; i < count; ++i) grid.label_column(i, fmt::format("{:.3g}", value_at(i)));
  for (int row = 0; row < static_cast<int>(latent); ++row) {
    const auto& [number, pictures, change] = rows[static_cast<std::size_t>(row)];
    grid.label_row(row, std::to_string(number));
    for (int i = 0; i < count; ++i) grid.put(row, i, pictures[static_cast<std::size_t>(i)]);
  }
  return grid.image();
}

}  // namespace vaec::cli
