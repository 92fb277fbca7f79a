#include "codec/torch/mnist_codec.hpp"

#include <algorithm>
#include <string>

#include "base/crc32c.hpp"
#include "bitstream/container.hpp"
#include "codec/limits.hpp"
#include "codec/pixels.hpp"
#include "codec/threads.hpp"
#include "codec/torch/small_picture.hpp"
#include "codec/torch/threads.hpp"
#include "codec/view.hpp"
#include "model/model_file.hpp"
#include "nn/gaussian_vae_file.hpp"
#include "nn/torch.hpp"
#include "vaec/error.hpp"

namespace vaec::codec {
namespace {

constexpr std::size_t kStoredIdBytes = 4;  // of the model id, in a small image's header

class MnistCodec : public LatentCodec {
 public:
  explicit MnistCodec(const model::SafeTensors& file)
      : loaded_(nn::load_gaussian_vae(file)), vae_(loaded_.vae.ptr()), id_(model::model_id(file)) {}

  std::vector<std::byte> compress(const ImageView& image, const CompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const int quality = options.quality;
    check_effort(options.effort);
    check_quality(quality);
    check_limits(image.width, image.height, options.limits);

    keep_callers_threads();
    const c10::InferenceMode inference;
    const auto mu = vae_->encode(small_picture(image, vae_->config())).first.contiguous();
    const std::span<const float> values(mu.data_ptr<float>(), static_cast<std::size_t>(mu.numel()));
    const auto stream = loaded_.grid.encode(loaded_.grid.quantize(values, quality), quality);

    bitstream::Container container;
    container.header.profile = bitstream::Profile::kSmallImage;
    std::copy_n(id_.begin(), kStoredIdBytes, container.header.model_id.begin());
    container.header.width = image.width;
    container.header.height = image.height;
    container.header.channels = static_cast<std::uint8_t>(image.channels);
    container.header.quality = static_cast<std::uint8_t>(quality);
    container.bands = {stream};
    return bitstream::write(container);
  }

  Image decompress(std::span<const std::byte> file, const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const auto latent = read(file, options.limits);
    const auto frame = frame_of(options.view, columns(), rows());
    Image image = make_image({frame.width(), frame.height()}, latent.channels, 8, false);
    reconstruct(latent, frame, buffer_of(image));
    return image;
  }

  Metadata decompress_into(std::span<const std::byte> file, const ImageBuffer& image,
                           const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    const auto latent = read(file, options.limits);
    const auto frame = frame_of(options.view, columns(), rows());
    check_buffer(image, {frame.width(), frame.height()}, latent.channels, 8);
    reconstruct(latent, frame, image);
    return {};
  }

  std::vector<std::int32_t> decode_latent(std::span<const std::byte> file,
                                          const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    return read(file, options.limits).symbols;
  }

  void check(std::span<const std::byte> file, const DecompressOptions& options) const override {
    const OpenMpThreads threads(options.threads);
    (void)read(file, options.limits);
  }

  std::uint64_t memory_to_compress(std::uint32_t, std::uint32_t, std::uint32_t,
                                   const CompressOptions&) const override {
    return kLibTorch;
  }

  std::uint64_t memory_to_decompress(const FileInfo&, const DecompressOptions&) const override {
    return kLibTorch;
  }

  ModelId id() const override { return id_; }
  std::string architecture() const override { return nn::kGaussianVaeArchitecture; }

 private:
  static constexpr std::uint64_t kLibTorch = std::uint64_t{512}
                                             << 20;  // the smallest pictures: it is all that counts

  struct Latent {
    std::vector<std::int32_t> symbols;
    int quality;
    std::uint32_t channels;  // of the picture
  };

  [[nodiscard]] std::uint32_t rows() const { return static_cast<std::uint32_t>(vae_->config().rows); }
  [[nodiscard]] std::uint32_t columns() const { return static_cast<std::uint32_t>(vae_->config().columns); }

  void reconstruct(const Latent& latent, const Frame& frame, const ImageBuffer& image) const {
    keep_callers_threads();
    const c10::InferenceMode inference;
    const auto z = torch::tensor(loaded_.grid.dequantize(latent.symbols, latent.quality)).unsqueeze(0);
    const auto pixels = samples_of(vae_->decode(z), latent.channels);
    const auto* samples = pixels.data_ptr<std::uint8_t>();
    Downscaler<std::uint8_t> scaled(frame, latent.channels, image.colour);
    for (auto y = frame.top; y < frame.bottom; ++y)
      scaled.push(samples + (std::size_t{y} * columns() + frame.left) * latent.channels);
    if (image.has_alpha()) fill_alpha(image);
  }

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
    const auto colours = static_cast<std::uint32_t>(vae_->config().colours);
    if (header.width != columns() || header.height != rows() || header.channels > colours) {
      throw Error(ErrorCode::kCorrupt, "image is " + size_text(header.width, header.height, header.channels) +
                                           ", its model codes " + size_text(columns(), rows(), colours) +
                                           " only");
    }
    if (header.quality < 1 || header.quality > nn::kQualities || container.bands.size() != 1) {
      throw Error(ErrorCode::kCorrupt, "quality " + std::to_string(header.quality) + " and " +
                                           std::to_string(container.bands.size()) +
                                           " streams, expected 1..100 and one stream");
    }
    const auto count = static_cast<std::size_t>(vae_->config().latent);
    Latent latent{loaded_.grid.decode(container.bands.front(), count, header.quality), header.quality,
                  header.channels};
    // This encoder writes none, for the sake of small files; others may.
    check_latent(container.latent_crc, base::crc32c_extend(0, std::span<const std::int32_t>(latent.symbols)));
    return latent;
  }

  nn::LoadedGaussianVae loaded_;
  std::shared_ptr<nn::GaussianVaeImpl> vae_;  // its forward functions change nothing, but are not const
  ModelId id_;
};

}  // namespace

std::unique_ptr<LatentCodec> make_mnist_codec(const model::SafeTensors& file) {
  return std::make_unique<MnistCodec>(file);
}

}  // namespace vaec::codec
