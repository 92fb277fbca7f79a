#include "codec/torch/mnist_codec.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/crc32c.hpp"
#include "bitstream/container.hpp"
#include "codec/limits.hpp"
#include "codec/torch/threads.hpp"
#include "codec/view.hpp"
#include "model/model_file.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "nn/torch.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr std::size_t kStoredIdBytes = 4;  // of the model id, in a small image's header

std::string size_text(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  return std::to_string(width) + "x" + std::to_string(height) +
         (channels == 1   ? " grey"
          : channels == 3 ? " RGB"
                          : " with other channels");
}

class MnistCodec : public Codec {
 public:
  explicit MnistCodec(const model::SafeTensors& file)
      : loaded_(nn::load_gaussian_vae(file)), vae_(loaded_.vae.ptr()), id_(model::model_id(file)) {}

  std::vector<std::byte> compress(const Image& image, int quality, const Limits& limits,
                                  int effort) const override {
    check_effort(effort);
    if (quality < 1 || quality > nn::kQualities) {
      throw Error(ErrorCode::kUsage, "quality " + std::to_string(quality) + ", expected 1..100");
    }
    check_limits(image.width, image.height, limits);
    if (image.has_alpha() || image.bit_depth != 8) {
      throw Error(ErrorCode::kUnreadable, "an mnist model codes 8-bit pictures without alpha only");
    }
    if (image.width != columns() || image.height != rows() || image.channels != 1) {
      throw Error(ErrorCode::kUnreadable, "image is " + size_text(image.width, image.height, image.channels) +
                                              ", this mnist model codes " + size_text(columns(), rows(), 1) +
                                              " images only");
    }
    if (image.samples.size() != std::size_t{columns()} * rows()) {
      throw Error(ErrorCode::kUsage, "image has " + std::to_string(image.samples.size()) +
                                         " samples, its size needs " +
                                         std::to_string(std::size_t{columns()} * rows()));
    }

    use_callers_threads();
    const c10::InferenceMode inference;
    auto pixels = torch::empty({1, 1, rows(), columns()}, torch::kUInt8);
    std::memcpy(pixels.data_ptr(), image.samples.data(), image.samples.size());
    const auto mu = vae_->encode(pixels.to(torch::kFloat32) / 255).first.contiguous();
    const std::span<const float> values(mu.data_ptr<float>(), static_cast<std::size_t>(mu.numel()));
    const auto stream = loaded_.grid.encode(loaded_.grid.quantize(values, quality), quality);

    bitstream::Container container;
    container.header.profile = bitstream::Profile::kSmallImage;
    std::copy_n(id_.begin(), kStoredIdBytes, container.header.model_id.begin());
    container.header.width = image.width;
    container.header.height = image.height;
    container.header.channels = 1;
    container.header.quality = static_cast<std::uint8_t>(quality);
    container.bands = {stream};
    return bitstream::write(container);
  }

  Image decompress(std::span<const std::byte> file, const Limits& limits, const View& view) const override {
    const auto [symbols, quality] = read(file, limits);
    use_callers_threads();
    const c10::InferenceMode inference;
    const auto z = torch::tensor(loaded_.grid.dequantize(symbols, quality)).unsqueeze(0);
    const auto pixels = nn::to_bytes(vae_->decode(z)).contiguous();
    const auto* samples = pixels.data_ptr<std::uint8_t>();
    return view_of({columns(), rows(), 1, {samples, samples + pixels.numel()}}, view);
  }

  std::vector<std::int32_t> decode_latent(std::span<const std::byte> file,
                                          const Limits& limits) const override {
    return read(file, limits).symbols;
  }

  void check(std::span<const std::byte> file, const Limits& limits) const override {
    (void)read(file, limits);
  }

  std::uint64_t memory_needed(std::uint32_t, std::uint32_t, std::uint32_t, int, const View&) const override {
    constexpr std::uint64_t kLibTorch = std::uint64_t{512}
                                        << 20;  // the smallest pictures: it is all that counts
    return kLibTorch;
  }

  ModelId id() const override { return id_; }
  std::string architecture() const override { return nn::kGaussianVaeArchitecture; }

 private:
  struct Latent {
    std::vector<std::int32_t> symbols;
    int quality;
  };

  [[nodiscard]] std::uint32_t rows() const { return static_cast<std::uint32_t>(vae_->config().rows); }
  [[nodiscard]] std::uint32_t columns() const { return static_cast<std::uint32_t>(vae_->config().columns); }

  [[nodiscard]] Latent read(std::span<const std::byte> file, const Limits& limits) const {
    const auto container = bitstream::parse(file);
    const auto& header = container.header;
    check_limits(header.width, header.height, limits);
    if (header.profile != bitstream::Profile::kSmallImage) {
      throw Error(ErrorCode::kModel, "the file needs the photo model " + to_hex(header.model_id) +
                                         ", this is the mnist model " + to_hex(id_));
    }
    if (!std::equal(id_.begin(), id_.begin() + kStoredIdBytes, header.model_id.begin())) {
      throw Error(ErrorCode::kModel, "the file needs the model " +
                                         to_hex(header.model_id).substr(0, 2 * kStoredIdBytes) +
                                         ", this is the model " + to_hex(id_));
    }
    if (header.width != columns() || header.height != rows() || header.channels != 1 ||
        header.bit_depth != 8) {
      throw Error(ErrorCode::kCorrupt, "image is " + size_text(header.width, header.height, header.channels) +
                                           ", its model codes " + size_text(columns(), rows(), 1) + " only");
    }
    if (header.quality < 1 || header.quality > nn::kQualities || container.bands.size() != 1) {
      throw Error(ErrorCode::kCorrupt, "quality " + std::to_string(header.quality) + " and " +
                                           std::to_string(container.bands.size()) +
                                           " streams, expected 1..100 and one stream");
    }
    const auto count = static_cast<std::size_t>(vae_->config().latent);
    Latent latent{loaded_.grid.decode(container.bands.front(), count, header.quality), header.quality};
    // This encoder writes none, for the sake of small files; others may.
    check_latent(container.latent_crc, base::crc32c_extend(0, std::span<const std::int32_t>(latent.symbols)));
    return latent;
  }

  nn::LoadedGaussianVae loaded_;
  std::shared_ptr<nn::GaussianVaeImpl> vae_;  // its forward functions change nothing, but are not const
  ModelId id_;
};

}  // namespace

std::unique_ptr<Codec> make_mnist_codec(const model::SafeTensors& file) {
  return std::make_unique<MnistCodec>(file);
}

}  // namespace vaec::codec
