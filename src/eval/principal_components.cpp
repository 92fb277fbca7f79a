#include "eval/principal_components.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace vaec::eval {
namespace {

using Direction = std::vector<double>;

double dot(const Direction& a, const Direction& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Of length 1, if it is not 0. Gives the length that it had.
double normalize(Direction& direction) {
  const double length = std::sqrt(dot(direction, direction));
  if (length > 0) std::for_each(direction.begin(), direction.end(), [&](double& x) { x /= length; });
  return length;
}

void subtract(const Direction& other, double times, Direction& direction) {
  for (std::size_t i = 0; i < direction.size(); ++i) direction[i] -= times * other[i];
}

// Vectors less their mean.
class Centred {
 public:
  Centred(std::span<const float> values, std::size_t columns) : values_(values), mean_(columns) {
    for_each_row([&](const float* row) {
      for (std::size_t i = 0; i < mean_.size(); ++i) mean_[i] += row[i];
    });
    for (double& x : mean_) x /= std::max<double>(1, static_cast<double>(values.size() / columns));
  }

  template <typename Use>
  void for_each_row(const Use& use) const {
    for (std::size_t at = 0; at < values_.size(); at += mean_.size()) use(values_.data() + at);
  }
  [[nodiscard]] double along(const Direction& direction, const float* row) const {
    double sum = 0;
    for (std::size_t i = 0; i < mean_.size(); ++i) sum += (row[i] - mean_[i]) * direction[i];
    return sum;
  }
  // X' X direction: one step of the iteration.
  [[nodiscard]] Direction scattered(const Direction& direction) const {
    Direction result(mean_.size());
    for_each_row([&](const float* row) {
      const double weight = along(direction, row);
      for (std::size_t i = 0; i < result.size(); ++i) result[i] += weight * (row[i] - mean_[i]);
    });
    return result;
  }
  [[nodiscard]] double total() const {
    double sum = 0;
    for_each_row([&](const float* row) {
      for (std::size_t i = 0; i < mean_.size(); ++i) sum += (row[i] - mean_[i]) * (row[i] - mean_[i]);
    });
    return sum;
  }

 private:
  std::span<const float> values_;
  Direction mean_;
};

}  // namespace

PlaneView project_to_plane(std::span<const float> values, std::size_t columns) {
  constexpr int kMostSteps = 300;
  constexpr double kStill = 1e-9;  // of 1 - |cosine| between two steps
  const Centred centred(values, columns);
  std::mt19937 random(1);
  std::array<Direction, 2> components{Direction(columns), Direction(columns)};
  for (auto& component : components) {
    for (double& x : component) x = static_cast<double>(random()) / 0x1p32 - 0.5;
    normalize(component);
  }
  bool moves = true;
  for (int step = 0; step < kMostSteps && moves; ++step) {
    moves = false;
    for (std::size_t k = 0; k < components.size(); ++k) {
      auto next = centred.scattered(components[k]);
      if (k > 0) subtract(components[0], dot(next, components[0]), next);
      if (normalize(next) == 0) continue;  // no variance is left
      moves = moves || 1 - std::abs(dot(next, components[k])) > kStill;
      components[k] = std::move(next);
    }
  }
  PlaneView view;
  for (auto& component : components) {
    const auto largest = *std::max_element(component.begin(), component.end(),
                                           [](double a, double b) { return std::abs(a) < std::abs(b); });
    if (largest < 0) std::for_each(component.begin(), component.end(), [](double& x) { x = -x; });
  }
  std::array<double, 2> squares{};
  centred.for_each_row([&](const float* row) {
    auto& point = view.points.emplace_back();
    for (std::size_t k = 0; k < components.size(); ++k) {
      point[k] = centred.along(components[k], row);
      squares[k] += point[k] * point[k];
    }
  });
  const double total = centred.total();
  for (std::size_t k = 0; k < squares.size(); ++k) view.share[k] = total > 0 ? squares[k] / total : 0;
  return view;
}

}  // namespace vaec::eval
