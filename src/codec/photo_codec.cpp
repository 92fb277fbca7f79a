#include "codec/photo_codec.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "bitstream/container.hpp"
#include "bitstream/crc32c.hpp"
#include "codec/latent_coder.hpp"
#include "codec/limits.hpp"
#include "codec/windows.hpp"
#include "model/model_file.hpp"
#include "nn/photo_file.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

using nn::kHyperStride;
using nn::kLatentStride;

// 512 pixel rows a band: a small picture has one band, a large one enough for all threads.
constexpr std::int64_t kBandRows = 32;
// Rows of z on each side that h_a's rows depend on.
constexpr std::int64_t kHyperAnalysisHalo = 2;
constexpr std::int64_t kCellsAHyper = kHyperStride / kLatentStride;

// A rectangle of the padded picture, float32 [1, 3, height, width] in 0..1, channels-last; beyond the
// picture's edge its last row and column go on.
torch::Tensor pixels(const Image& image, std::int64_t top, std::int64_t left, std::int64_t height,
                     std::int64_t width) {
  auto out = torch::empty({height, width, 3}, torch::kFloat32);
  auto* to = out.data_ptr<float>();
  const std::int64_t channels = image.channels;
  const std::int64_t green = channels == 3 ? 1 : 0, blue = channels == 3 ? 2 : 0;
  at::parallel_for(0, height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto* from =
          image.samples.data() + std::min<std::int64_t>(top + row, image.height - 1) * image.width * channels;
      auto* line = to + row * width * 3;
      for (std::int64_t column = 0; column < width; ++column) {
        const auto* sample = from + std::min<std::int64_t>(left + column, image.width - 1) * channels;
        line[3 * column] = static_cast<float>(sample[0]) / 255;
        line[3 * column + 1] = static_cast<float>(sample[green]) / 255;
        line[3 * column + 2] = static_cast<float>(sample[blue]) / 255;
      }
    }
  });
  return out.permute({2, 0, 1}).unsqueeze(0);
}

// Puts a rectangle of reconstructed pixels, uint8 [height, width, 3], into the picture at (top, left).
void put_pixels(Image& image, const torch::Tensor& bytes, std::int64_t top, std::int64_t left) {
  const auto height = std::min<std::int64_t>(bytes.size(0), image.height - top);
  const auto width = std::min<std::int64_t>(bytes.size(1), image.width - left);
  const std::int64_t channels = image.channels;
  const auto* from = bytes.data_ptr<std::uint8_t>();
  for (std::int64_t row = 0; row < height; ++row) {
    const auto* line = from + row * bytes.size(1) * 3;
    auto* to = image.samples.data() + ((top + row) * image.width + left) * channels;
    if (channels == 3) {
      std::copy_n(line, width * 3, to);
    } else {
      for (std::int64_t column = 0; column < width; ++column, line += 3) {
        to[column] = static_cast<std::uint8_t>((line[0] + line[1] + line[2] + 1) / 3);
      }
    }
  }
}

class PhotoCodec : public Codec {
 public:
  explicit PhotoCodec(const model::SafeTensors& file)
      : model_(nn::load_photo(file)), coder_(model_), id_(model::model_id(file)) {}

  std::vector<std::byte> compress(const Image& image, int quality, const Limits& limits) const override {
    if (quality < nn::kQualityMin || quality > nn::kQualityMax) {
      throw Error(ErrorCode::kUsage, "quality " + std::to_string(quality) + ", expected 1..100");
    }
    if (image.width == 0 || image.height == 0 || (image.channels != 1 && image.channels != 3) ||
        image.samples.size() != std::uint64_t{image.width} * image.height * image.channels) {
      throw Error(ErrorCode::kUsage, "an image needs 1 or 3 channels and as many samples as its size says");
    }
    check_limits(image.width, image.height, limits);
    const c10::InferenceMode inference;
    const auto y = analyse(image, quality);
    const auto z = hyper_analyse(y, quality);
    const auto encoded = coder_.encode(y, z, quality, kBandRows);
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

  // y in rounding steps of `quality`, float32 [1, latent, rows, columns].
  torch::Tensor analyse(const Image& image, int quality) const {
    const std::int64_t rows = bitstream::latent_cells(image.height),
                       columns = bitstream::latent_cells(image.width);
    const auto gain = nn::interpolate_gain(model_.log_gain, quality_tensor(quality));
    auto y = torch::empty({1, model_.config.latent, rows, columns}, at::MemoryFormat::ChannelsLast);
    for_each_window(rows, columns, model_.config.analysis_halo(), [&](const Window& w) {
      const auto x = pixels(image, w.outer_top * kLatentStride, w.outer_left * kLatentStride,
                            (w.outer_bottom - w.outer_top) * kLatentStride,
                            (w.outer_right - w.outer_left) * kLatentStride);
      const auto part = model_.analysis.ptr()->forward(x);
      y.slice(2, w.top, w.bottom).slice(3, w.left, w.right) =
          part.slice(2, w.top - w.outer_top, w.bottom - w.outer_top)
              .slice(3, w.left - w.outer_left, w.right - w.outer_left) *
          gain;
    });
    return y;
  }

  // The rounded hyper-latent, int32 [1, hyper, rows / 4, columns / 4].
  torch::Tensor hyper_analyse(const torch::Tensor& y, int quality) const {
    const auto rows = y.size(2) / kCellsAHyper;
    constexpr std::int64_t kRowsAtOnce = 64;
    std::vector<torch::Tensor> parts;
    for (std::int64_t top = 0; top < rows; top += kRowsAtOnce) {
      const auto bottom = std::min(rows, top + kRowsAtOnce);
      const auto first = std::max<std::int64_t>(0, top - kHyperAnalysisHalo);
      const auto last = std::min(rows, bottom + kHyperAnalysisHalo);
      const auto window = y.slice(2, first * kCellsAHyper, last * kCellsAHyper);
      const auto plane = nn::quality_plane(quality_tensor(quality), window.size(2), window.size(3));
      const auto z = model_.hyper_analysis.ptr()->forward(window, plane);
      parts.push_back(z.slice(2, top - first, bottom - first));
    }
    const auto bound = static_cast<double>(nn::kHyperMagnitude);
    return torch::cat(parts, 2).round().clamp(-bound, bound).to(torch::kInt32);
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
    for_each_window(latent.size(0), latent.size(1), model_.config.synthesis_halo(), [&](const Window& w) {
      const auto part = latent.slice(0, w.outer_top, w.outer_bottom).slice(1, w.outer_left, w.outer_right);
      const auto y = part.to(torch::kFloat32).permute({2, 0, 1}).unsqueeze(0) * gain;
      const auto plane = nn::quality_plane(quality_tensor(quality), y.size(2), y.size(3));
      const auto x = model_.synthesis.ptr()->forward(y, plane);
      const auto core =
          x.slice(2, (w.top - w.outer_top) * kLatentStride, (w.bottom - w.outer_top) * kLatentStride)
              .slice(3, (w.left - w.outer_left) * kLatentStride, (w.right - w.outer_left) * kLatentStride);
      const auto bytes =
          (core.clamp(0, 1) * 255).round().to(torch::kUInt8).squeeze(0).permute({1, 2, 0}).contiguous();
      put_pixels(image, bytes, w.top * kLatentStride, w.left * kLatentStride);
    });
  }

  nn::PhotoModel model_;
  LatentCoder coder_;
  ModelId id_;
};

}  // namespace

std::unique_ptr<Codec> make_photo_codec(const model::SafeTensors& file) {
  return std::make_unique<PhotoCodec>(file);
}

}  // namespace vaec::codec
