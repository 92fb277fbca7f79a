// What vectors of digits are worth: classifiers of the simplest kinds, fitted on 5,000 training digits of MNIST and asked about the
// 10,000 test digits. Needs the folder of its four files (.gz or not) in $VAEC_TEST_MNIST.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/npy.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

constexpr std::size_t kDigits = 10, kFitted = 5000;

struct Labelled {
  std::size_t columns = 0;
  std::vector<float> values;  // [N, columns]
  std::vector<std::size_t> labels;
  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] const float* row(std::size_t i) const { return values.data() + i * columns; }
};

// Each number less its mean, by its deviation, both of `fitted`.
void standardise(const Labelled& fitted, std::vector<Labelled*> sets) {
  std::vector<double> mean(fitted.columns), deviation(fitted.columns);
  for (std::size_t c = 0; c < fitted.columns; ++c) {
    double squares = 0;
    for (std::size_t i = 0; i < fitted.size(); ++i) {
      mean[c] += fitted.row(i)[c];
      squares += std::pow(fitted.row(i)[c], 2);
    }
    mean[c] /= static_cast<double>(fitted.size());
    deviation[c] =
        std::sqrt(std::max(1e-12, squares / static_cast<double>(fitted.size()) - mean[c] * mean[c]));
  }
  for (Labelled* set : sets) {
    for (std::size_t i = 0; i < set->values.size(); ++i) {
      const std::size_t c = i % fitted.columns;
      set->values[i] = static_cast<float>((set->values[i] - mean[c]) / deviation[c]);
    }
  }
}

// score(digit) = weights . x + bias; the largest wins.
struct Linear {
  std::array<std::vector<double>, kDigits> weights;  // the bias behind the others

  [[nodiscard]] std::array<double, kDigits> scores(const float* x) const {
    std::array<double, kDigits> all;
    for (std::size_t k = 0; k < kDigits; ++k) {
      const auto& w = weights[k];
      double sum = w.back();
      for (std::size_t c = 0; c + 1 < w.size(); ++c) sum += w[c] * x[c];
      all[k] = sum;
    }
    return all;
  }
  [[nodiscard]] double accuracy(const Labelled& set) const {
    std::size_t right = 0;
    for (std::size_t i = 0; i < set.size(); ++i) {
      const auto all = scores(set.row(i));
      if (static_cast<std::size_t>(std::max_element(all.begin(), all.end()) - all.begin()) == set.labels[i])
        ++right;
    }
    return static_cast<double>(right) / static_cast<double>(set.size());
  }
};

// |x - c|^2 is least where c . x - |c|^2 / 2 is largest.
Linear nearest_centroid(const Labelled& set) {
  Linear model;
  std::array<double, kDigits> counts{};
  for (auto& w : model.weights) w.assign(set.columns + 1, 0);
  for (std::size_t i = 0; i < set.size(); ++i) {
    ++counts[set.labels[i]];
    for (std::size_t c = 0; c < set.columns; ++c) model.weights[set.labels[i]][c] += set.row(i)[c];
  }
  for (std::size_t k = 0; k < kDigits; ++k) {
    auto& w = model.weights[k];
    double squares = 0;
    for (std::size_t c = 0; c < set.columns; ++c) {
      w[c] /= counts[k];
      squares += w[c] * w[c];
    }
    w.back() = -squares / 2;
  }
  return model;
}

// Multinomial, by gradient descent with momentum.
Linear logistic_regression(const Labelled& set) {
  constexpr int kSteps = 150;
  constexpr double kRate = 0.5, kMomentum = 0.9;
  Linear model;
  for (auto& w : model.weights) w.assign(set.columns + 1, 0);
  auto velocity = model.weights;
  for (int step = 0; step < kSteps; ++step) {
    for (auto& v : velocity) std::for_each(v.begin(), v.end(), [](double& x) { x *= kMomentum; });
    for (std::size_t i = 0; i < set.size(); ++i) {
      auto p = model.scores(set.row(i));
      const double most = *std::max_element(p.begin(), p.end());
      double sum = 0;
      for (double& x : p) sum += x = std::exp(x - most);
      for (std::size_t k = 0; k < kDigits; ++k) {
        const double slope =
            kRate / static_cast<double>(set.size()) * (p[k] / sum - (set.labels[i] == k ? 1 : 0));
        auto& v = velocity[k];
        for (std::size_t c = 0; c < set.columns; ++c) v[c] -= slope * set.row(i)[c];
        v.back() -= slope;
      }
    }
    for (std::size_t k = 0; k < kDigits; ++k) {
      for (std::size_t c = 0; c <= set.columns; ++c) model.weights[k][c] += velocity[k][c];
    }
  }
  return model;
}

class EmbedDigits : public ProgramTest {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("VAEC_TEST_MNIST");
    if (folder == nullptr) GTEST_SKIP() << "VAEC_TEST_MNIST is not set: no MNIST to classify";
    folder_ = folder;
  }
  // The first `count` digits of a split, and their labels.
  [[nodiscard]] Labelled digits(const std::string& split, std::size_t count) const {
    const auto unpack = [&](const std::string& name, std::size_t bytes) {
      const std::string file = "'" + folder_ + "/" + split + name + "'";
      const std::string command = "cd '" + path("").string() + "' && { [ -e " + file + " ] || exec zcat " +
                                  file + ".gz; cat " + file + "; } 2> /dev/null | head -c " +
                                  std::to_string(bytes) + " > " + split + name;
      EXPECT_EQ(std::system(command.c_str()), 0);
      return read(split + name);
    };
    auto pixels = unpack("-images-idx3-ubyte", 16 + count * 784);
    const auto labels = unpack("-labels-idx1-ubyte", 8 + count);
    pixels[6] = static_cast<char>(count >> 8);
    pixels[7] = static_cast<char>(count);
    write(split + "-images-idx3-ubyte", pixels);
    const auto outcome = run("embed -m mnist " + split + "-images-idx3-ubyte -o " + split + ".npy");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const auto file = read(split + ".npy");
    const auto array = base::parse_npy(std::as_bytes(std::span(file)));
    Labelled set;
    set.columns = array.shape.at(1);
    set.values.resize(array.data.size() / sizeof(float));
    std::memcpy(set.values.data(), array.data.data(), array.data.size());
    for (std::size_t i = 0; i < count; ++i) set.labels.push_back(static_cast<std::size_t>(labels.at(8 + i)));
    return set;
  }

 private:
  std::string folder_;
};

TEST_F(EmbedDigits, AreToldApart) {
  auto fitted = digits("train", kFitted), asked = digits("t10k", 10000);
  ASSERT_EQ(fitted.values.size(), kFitted * fitted.columns);
  ASSERT_EQ(asked.columns, fitted.columns);
  standardise(fitted, {&asked, &fitted});
  const double centroid = nearest_centroid(fitted).accuracy(asked),
               logistic = logistic_regression(fitted).accuracy(asked);
  std::cout << "vectors of " << fitted.columns << " numbers, " << kFitted << " digits fitted, "
            << asked.size() << " asked: nearest centroid " << 100 * centroid << "%, logistic regression "
            << 100 * logistic << "%\n";
  EXPECT_GT(centroid, 0.81);
  EXPECT_GT(logistic, 0.87);
}

}  // namespace
}  // namespace vaec::cli
