#include "codec/photo_codec.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <mutex>
#include <string>

#include "bitstream/container.hpp"
#include "bitstream/crc32c.hpp"
#include "codec/latent_coder.hpp"
#include "codec/limits.hpp"
#include "codec/pixels.hpp"
#include "codec/refine.hpp"
#include "codec/stage.hpp"
#include "codec/windows.hpp"
#include "model/model_file.hpp"
#include "nn/photo_file.hpp"
#include "nn/precision.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using nn::kHyperStride;
using nn::kLatentStride;

// 512 pixel rows a band: a small picture has one band, a large one enough for all threads.
constexpr std::int64_t kBandRows = 32;
// Positions of z on each side that a position depends on, and those of a window of h_a.
constexpr std::int64_t kHyperAnalysisHalo = 2, kHyperWindow = 24;
// 1536 pixels a side: a window's activations take some 100 MB.
constexpr std::int64_t kWindow = 96;
constexpr int kFirstRefining = 3;  // the effort from which on gradients refine the latent
constexpr std::int64_t kCellsAHyper = kHyperStride / kLatentStride;

class PhotoCodec : public Codec {
 public:
  PhotoCodec(const model::SafeTensors& file, Precision precision)
      : file_(file),
        model_(nn::load_photo(file, nn::scalar_type_of(precision))),
        coder_(model_),
        id_(model::model_id(file)) {}

  std::vector<std::byte> compress(const Image& image, int quality, const Limits& limits,
                                  int effort) const override {
    check_effort(effort);
    if (quality < nn::kQualityMin || quality > nn::kQualityMax) {
      throw Error(ErrorCode::kUsage, "quality " + std::to_string(quality) + ", expected 1..100");
    }
    if (image.width == 0 || image.height == 0 || (image.channels != 1 && image.channels != 3) ||
        image.samples.size() != std::uint64_t{image.width} * image.height * image.channels) {
      throw Error(ErrorCode::kUsage, "an image needs 1 or 3 channels and as many samples as its size says");
    }
    check_limits(image.width, image.height, limits);
    const auto y = latent_of(image, quality, effort);
    const c10::InferenceMode inference;
    const auto z = hyper_analyse(y, quality);
    const auto encoded = coder_.encode(y, z, quality, kBandRows, effort > kMinEffort);
    const auto hyper = coder_.encode_hyper(z, quality);

    bitstream::Container container;
    auto& header = container.header;
    header.profile = bitstream::Profile::kHyperprior;
    header.model_id = id_;
    header.width = image.width;
    header.height = image.height;
    header.channels = static_cast<std::uint8_t>(image.channels);
    header.quality = static_cast<std::uint8_t>(quality);
    container.hyper = hyper;
    container.bands.assign(encoded.bands.begin(), encoded.bands.end());
    container.band_rows = kBandRows;
    container.latent_crc = checksum(encoded.latent);
    return bitstream::write(container);
  }

  Image decompress(std::span<const std::byte> file, const Limits& limits) const override {
    const c10::InferenceMode inference;
    const auto [header, latent] = read(file, limits);
    Image image{header.width, header.height, header.channels, {}};
    image.samples.resize(std::size_t{header.width} * header.height * header.channels);
    synthesise(latent, header.quality, image);
    return image;
  }

  std::vector<std::int32_t> decode_latent(std::span<const std::byte> file,
                                          const Limits& limits) const override {
    const c10::InferenceMode inference;
    const auto latent = read(file, limits).latent;
    return {latent.data_ptr<std::int32_t>(), latent.data_ptr<std::int32_t>() + latent.numel()};
  }

  ModelId id() const override { return id_; }
  std::string architecture() const override { return "photo"; }

 private:
  struct Decoded {
    bitstream::Header header;
    torch::Tensor latent;  // int32 [rows, columns, latent]
  };

  static std::uint32_t checksum(const torch::Tensor& latent) {
    return bitstream::crc32c_extend(0,
                                    std::span<const std::int32_t>(latent.data_ptr<std::int32_t>(),
                                                                  static_cast<std::size_t>(latent.numel())));
  }

  static torch::Tensor quality_tensor(int quality) { return torch::full({1}, static_cast<float>(quality)); }

  // The network as gradients go through it: loaded when the first refinement asks for it.
  nn::TwoLevelVaeImpl& trainable() const {
    std::call_once(trainable_once_, [&] {
      trainable_ = nn::trainable(file_);
      for (auto& p : trainable_->parameters()) p.set_requires_grad(false);
    });
    return *trainable_;
  }

  torch::Tensor latent_of(const Image& image, int quality, int effort) const {
    torch::Tensor y;
    {
      const c10::InferenceMode inference;
      y = analyse(image, quality);
    }
    // Gradients follow the mean squared error, which is not what such a model was trained for.
    const bool refines = model_.config.distortion == nn::Distortion::kMse;
    if (effort < kFirstRefining || !refines) return y;
    const Stopwatch watch(Stage::kRefine);
    return refine(trainable(), image, y.clone(), quality, 1 << (effort - kFirstRefining + 1),
                  model_.precision);
  }

  // y in rounding steps of `quality`, float32 [1, latent, rows, columns].
  torch::Tensor analyse(const Image& image, int quality) const {
    const Stopwatch watch(Stage::kAnalysis);
    const std::int64_t rows = bitstream::latent_cells(image.height),
                       columns = bitstream::latent_cells(image.width);
    const auto gain = nn::interpolate_gain(model_.log_gain, quality_tensor(quality));
    auto y = torch::empty({1, model_.config.latent, rows, columns}, at::MemoryFormat::ChannelsLast);
    for_each_window(rows, columns, kWindow, model_.config.analysis_halo(), [&](const Window& w) {
      const auto x = pixels(image, w.outer_top * kLatentStride, w.outer_left * kLatentStride,
                            (w.outer_bottom - w.outer_top) * kLatentStride,
                            (w.outer_right - w.outer_left) * kLatentStride);
      const auto part = model_.analysis.ptr()->forward(x, model_.precision);
      y.slice(2, w.top, w.bottom).slice(3, w.left, w.right) =
          part.slice(2, w.top - w.outer_top, w.bottom - w.outer_top)
              .slice(3, w.left - w.outer_left, w.right - w.outer_left) *
          gain;
    });
    // What stands for the padding alone need not be coded.
    y.slice(2, (image.height + kLatentStride - 1) / kLatentStride).zero_();
    y.slice(3, (image.width + kLatentStride - 1) / kLatentStride).zero_();
    return y;
  }

  // The rounded hyper-latent, int32 [1, hyper, rows / 4, columns / 4].
  torch::Tensor hyper_analyse(const torch::Tensor& y, int quality) const {
    const Stopwatch watch(Stage::kHyperAnalysis);
    auto z = torch::empty({1, model_.config.hyper, y.size(2) / kCellsAHyper, y.size(3) / kCellsAHyper});
    for_each_window(z.size(2), z.size(3), kHyperWindow, kHyperAnalysisHalo, [&](const Window& w) {
      const auto window = y.slice(2, w.outer_top * kCellsAHyper, w.outer_bottom * kCellsAHyper)
                              .slice(3, w.outer_left * kCellsAHyper, w.outer_right * kCellsAHyper);
      const auto plane = nn::quality_plane(quality_tensor(quality), window.size(2), window.size(3));
      const auto part = model_.hyper_analysis.ptr()->forward(window, plane);
      z.slice(2, w.top, w.bottom).slice(3, w.left, w.right) =
          part.slice(2, w.top - w.outer_top, w.bottom - w.outer_top)
              .slice(3, w.left - w.outer_left, w.right - w.outer_left);
    });
    const auto bound = static_cast<double>(nn::kHyperMagnitude);
    return z.round().clamp(-bound, bound).to(torch::kInt32);
  }

  Decoded read(std::span<const std::byte> file, const Limits& limits) const {
    const auto container = bitstream::parse(file);
    const auto& header = container.header;
    if (header.profile != bitstream::Profile::kHyperprior || header.model_id != id_) {
      throw Error(ErrorCode::kModel,
                  "the file needs the model " + to_hex(header.model_id) + ", this one is " + to_hex(id_));
    }
    check_limits(header.width, header.height, limits);
    const std::int64_t rows = bitstream::latent_cells(header.height),
                       columns = bitstream::latent_cells(header.width);
    const auto z =
        coder_.decode_hyper(container.hyper, header.quality, rows / kCellsAHyper, columns / kCellsAHyper);
    auto latent = coder_.decode(container.bands, z, header.quality, container.band_rows);
    if (container.latent_crc && *container.latent_crc != checksum(latent)) {
      throw Error(
          ErrorCode::kCorrupt,
          "the decoded latent does not match its checksum: the file is damaged, or made by a faulty encoder");
    }
    return {header, latent};
  }

  void synthesise(const torch::Tensor& latent, int quality, Image& image) const {
    const auto gain = nn::interpolate_gain(model_.log_inverse_gain, quality_tensor(quality)) / nn::kMeanUnit;
    for_each_window(
        latent.size(0), latent.size(1), kWindow, model_.config.synthesis_halo(), [&](const Window& w) {
          const auto part =
              latent.slice(0, w.outer_top, w.outer_bottom).slice(1, w.outer_left, w.outer_right);
          const auto x = [&] {
            const Stopwatch watch(Stage::kSynthesis);
            const auto y = part.to(torch::kFloat32).permute({2, 0, 1}).unsqueeze(0) * gain;
            const auto plane = nn::quality_plane(quality_tensor(quality), y.size(2), y.size(3));
            return model_.synthesis.ptr()->forward(y, plane, model_.precision);
          }();
          const Stopwatch watch(Stage::kPixels);
          const auto core =
              x.slice(2, (w.top - w.outer_top) * kLatentStride, (w.bottom - w.outer_top) * kLatentStride)
                  .slice(3, (w.left - w.outer_left) * kLatentStride,
                         (w.right - w.outer_left) * kLatentStride);
          const auto bytes =
              (core.clamp(0, 1) * 255).round().to(torch::kUInt8).squeeze(0).permute({1, 2, 0}).contiguous();
          put_pixels(image, bytes, w.top * kLatentStride, w.left * kLatentStride);
        });
  }

  model::SafeTensors file_;
  nn::PhotoModel model_;
  LatentCoder coder_;
  ModelId id_;
  mutable std::once_flag trainable_once_;
  mutable nn::TwoLevelVae trainable_{nullptr};
};

}  // namespace

std::unique_ptr<Codec> make_photo_codec(const model::SafeTensors& file, Precision precision) {
  return std::make_unique<PhotoCodec>(file, precision);
}

}  // namespace vaec::codec
