// How well `vaec restore` does beside OpenCV's inpainting and non-local means, in one run.
//
//   restore_bench MODELS DIGITS.idx COUNT PICTURES...      (a folder with mnist-1 and photo-psnr-1; gzipped or not; PNG files)
//
// Digits: 50% of the pixels missing at random, a missing square of 12x12, noise. Pictures: of their middle 256x192 pixels 50%
// missing at random, lines and text over them (OpenCV takes minutes for the whole of one); of the whole of them noise of 25. PSNR in dB over the missing pixels, or over all for noise: of digits that of the mean
// squared error of all, of pictures the mean of their PSNRs. Needs libopencv-photo, which vaec itself does without.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/mapped_file.hpp"
#include "codec/parts.hpp"
#include "codec/transparent.hpp"
#include "image/read.hpp"
#include "train/idx.hpp"

namespace {

using namespace vaec;
using Missing = std::vector<bool>;
using Method = std::function<Image(const Image&, const codec::Damage&)>;

cv::Mat mat_of(const Image& image) {
  return cv::Mat(static_cast<int>(image.height), static_cast<int>(image.width),
                 CV_8UC(static_cast<int>(image.channels)), const_cast<std::uint8_t*>(image.samples.data()));
}

Image image_of(const cv::Mat& mat) {
  Image image{static_cast<std::uint32_t>(mat.cols),
              static_cast<std::uint32_t>(mat.rows),
              static_cast<std::uint32_t>(mat.channels()),
              {}};
  image.samples.assign(mat.datastart, mat.dataend);
  return image;
}

Image inpainted(const Image& image, const Missing& missing, int method) {
  cv::Mat mask(static_cast<int>(image.height), static_cast<int>(image.width), CV_8U), out;
  for (std::size_t i = 0; i < missing.size(); ++i) mask.data[i] = missing[i] ? 255 : 0;
  constexpr double kRadius = 3;
  cv::inpaint(mat_of(image), mask, out, kRadius, method);
  return image_of(out);
}

Image smooth(const Image& image, const Missing& missing) {
  Image cut = image;
  for (const bool is_missing : missing) cut.alpha.push_back(is_missing ? 0 : 255);
  return codec::with_smooth_hidden(cut);
}

// As OpenCV's own default, with h in place of 3.
Image non_local_means(const Image& image, double h) {
  cv::Mat out;
  if (image.channels == 1) {
    cv::fastNlMeansDenoising(mat_of(image), out, static_cast<float>(h), 7, 21);
    return image_of(out);
  }
  cv::Mat bgr;  // it converts to Lab from there
  cv::cvtColor(mat_of(image), bgr, cv::COLOR_RGB2BGR);
  cv::fastNlMeansDenoisingColored(bgr, out, static_cast<float>(h), static_cast<float>(h), 7, 21);
  cv::cvtColor(out, out, cv::COLOR_BGR2RGB);
  return image_of(out);
}

double error(const Image& a, const Image& b, const Missing& missing) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    if (!missing.empty() && !missing[i / a.channels]) continue;
    sum += std::pow(int{a.samples[i]} - int{b.samples[i]}, 2);
    ++count;
  }
  return sum / count;
}

double decibels(double error) { return 10 * std::log10(255 * 255 / error); }

Missing at_random(const Image& image, std::mt19937& random) {
  Missing missing(std::size_t{image.width} * image.height);
  for (std::size_t i = 0; i < missing.size(); ++i) missing[i] = random() % 2 == 0;
  return missing;
}

Missing square(const Image& image, std::mt19937& random) {
  constexpr std::uint32_t kSide = 12;
  const auto left = static_cast<std::uint32_t>(random() % (image.width - kSide + 1)),
             top = static_cast<std::uint32_t>(random() % (image.height - kSide + 1));
  Missing missing;
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) missing.push_back(x - left < kSide && y - top < kSide);
  }
  return missing;
}

// Lines of 2 to 4 pixels and a line of text.
Missing scratches(const Image& image, std::mt19937& random) {
  cv::Mat drawn(static_cast<int>(image.height), static_cast<int>(image.width), CV_8U, cv::Scalar(0));
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  for (int i = 0; i < drawn.rows * drawn.cols / 12000; ++i) {
    const cv::Point from(below(drawn.cols), below(drawn.rows)), to(below(drawn.cols), below(drawn.rows));
    cv::line(drawn, from, to, 255, 2 + below(3));
  }
  cv::putText(drawn, "Some text over it", {10, drawn.rows / 2}, cv::FONT_HERSHEY_SIMPLEX, drawn.cols / 330.0,
              255, 4);
  Missing missing;
  for (const auto* at = drawn.datastart; at < drawn.dataend; ++at) missing.push_back(*at != 0);
  return missing;
}

Image with_noise(Image image, double deviation, std::mt19937& random) {
  std::normal_distribution<double> normal(0, deviation);
  for (auto& sample : image.samples)
    sample = static_cast<std::uint8_t>(std::lround(std::min(255.0, std::max(0.0, sample + normal(random)))));
  return image;
}

Image middle_of(const Image& image) {
  const int width = std::min<int>(256, static_cast<int>(image.width)),
            height = std::min<int>(192, static_cast<int>(image.height));
  const cv::Rect part((static_cast<int>(image.width) - width) / 2,
                      (static_cast<int>(image.height) - height) / 2, width, height);
  return image_of(mat_of(image)(part).clone());
}

Image without(Image image, const Missing& missing) {
  for (std::size_t i = 0; i < image.samples.size(); ++i) {
    if (missing[i / image.channels]) image.samples[i] = 0;
  }
  return image;
}

// A table of methods; a row of figures, one for each picture (or their mean error).
void measure(const char* title, const std::vector<Image>& pictures, double noise,
             const std::function<Missing(const Image&, std::mt19937&)>& hide,
             const std::vector<std::pair<std::string, Method>>& methods) {
  std::map<std::string, double> errors, psnrs, seconds;
  std::mt19937 random(1);
  for (const auto& picture : pictures) {
    const codec::Damage damage{hide ? hide(picture, random) : Missing(), noise};
    const auto damaged = hide ? without(picture, damage.missing) : with_noise(picture, noise, random);
    for (const auto& [name, method] : methods) {
      const auto start = std::chrono::steady_clock::now();
      const auto made = method(damaged, damage);
      seconds[name] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const double e = error(made, picture, damage.missing);
      errors[name] += e;
      psnrs[name] += decibels(e);
    }
  }
  const auto count = static_cast<double>(pictures.size());
  std::printf("%s, %zu pictures\n", title, pictures.size());
  for (const auto& [name, method] : methods) {
    std::printf("  %-24s  PSNR of the mean error %5.2f  mean PSNR %5.2f  %6.3f s each\n", name.c_str(),
                decibels(errors[name] / count), psnrs[name] / count, seconds[name] / count);
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::puts("restore_bench MODELS DIGITS.idx COUNT PICTURES...");
    return 2;
  }
  constexpr int kThreads = 2;
  cv::setNumThreads(kThreads);
  const std::string models = argv[1];
  const auto restorer = [&](const char* name) {
    return std::shared_ptr<codec::Restorer>(
        codec::torch_parts().make_restorer(model::SafeTensors::open(models + "/" + name + ".safetensors")));
  };
  const auto with = [](const std::shared_ptr<codec::Restorer>& model) {
    return [model](const Image& image, const codec::Damage& damage) {
      return model->restore(image, damage, kThreads);
    };
  };
  const auto inpainting = [](int method) {
    return [method](const Image& image, const codec::Damage& damage) {
      return inpainted(image, damage.missing, method);
    };
  };
  const auto means = [](double h) {
    return [h](const Image& image, const codec::Damage&) { return non_local_means(image, h); };
  };
  const auto fillers = [&](const std::shared_ptr<codec::Restorer>& model) {
    return std::vector<std::pair<std::string, Method>>{
        {"vaec restore", with(model)},
        {"smooth continuation",
         [](const Image& image, const codec::Damage& damage) { return smooth(image, damage.missing); }},
        {"OpenCV, Telea", inpainting(cv::INPAINT_TELEA)},
        {"OpenCV, Navier-Stokes", inpainting(cv::INPAINT_NS)}};
  };
  const auto denoisers = [&](const std::shared_ptr<codec::Restorer>& model,
                             const std::vector<double>& strengths) {
    std::vector<std::pair<std::string, Method>> all{
        {"vaec restore", with(model)},
        {"nothing", [](const Image& image, const codec::Damage&) { return image; }}};
    for (const double h : strengths)
      all.emplace_back("non-local means, h " + std::to_string(static_cast<int>(h)), means(h));
    return all;
  };

  const auto idx = train::read_idx(argv[2]);
  const std::size_t area = std::size_t{idx.rows} * idx.columns;
  std::vector<Image> digits;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    const auto* first = idx.pixels.data() + static_cast<std::size_t>(i) * area;
    digits.push_back({idx.columns, idx.rows, 1, {first, first + area}});
  }
  if (!digits.empty()) {
    const auto model = restorer("mnist-1");
    measure("digits, 50% missing at random", digits, 0, at_random, fillers(model));
    measure("digits, a square of 12x12 missing", digits, 0, square, fillers(model));
    measure("digits, noise of 25", digits, 25, {}, denoisers(model, {15, 20, 25, 30}));
    measure("digits, noise of 50", digits, 50, {}, denoisers(model, {30, 40, 50, 60}));
  }
  std::vector<Image> pictures;
  for (int i = 4; i < argc; ++i) {
    const auto file = base::map_file(argv[i], ErrorCode::kUnreadable);
    pictures.push_back(image::read_rgb(file.bytes, argv[i]));
  }
  if (pictures.empty()) return 0;
  const auto model = restorer("photo-psnr-1");
  std::vector<Image> middles;
  for (const auto& picture : pictures) middles.push_back(middle_of(picture));
  measure("middles of pictures, 50% missing at random", middles, 0, at_random, fillers(model));
  measure("middles of pictures, lines and text over them", middles, 0, scratches, fillers(model));
  measure("pictures, noise of 25", pictures, 25, {}, denoisers(model, {6, 8, 10, 12, 15}));
}
