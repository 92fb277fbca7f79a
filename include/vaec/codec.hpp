// Image -> .vaec bytes -> image, with a trained model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vaec/image.hpp"

namespace vaec {

// The first 8 bytes of the SHA-256 of a model's tensors: what a .vaec file says about the model it needs.
using ModelId = std::array<std::uint8_t, 8>;

[[nodiscard]] std::string to_hex(const ModelId& id);

// Tested before anything is allocated. Raise them for larger pictures that you trust.
struct Limits {
  std::uint32_t max_side = 32768;
  std::uint64_t max_pixels = std::uint64_t{1} << 28;
  // Bytes that coding one picture may take, its samples counted in; 0: no limit. With less, work goes on in
  // smaller pieces as far as that helps.
  std::uint64_t max_memory = 0;
  std::uint64_t max_metadata = std::uint64_t{1} << 20;  // bytes of ICC profile, EXIF, XMP each; 0: left out
};

// A part of a picture, or a smaller one.
struct View {
  // A rectangle in pixels; width 0: the whole picture. With a scale it is widened to whole cells of it.
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
  // 1, 2, 4, 8 or 16: a pixel is the mean of a cell of scale x scale pixels. From 8 on what the `photo`
  // model's linear branch makes of it alone, much faster.
  std::uint32_t scale = 1;

  [[nodiscard]] bool operator==(const View&) const = default;
};

// How hard `compress` looks for a smaller file, 1..9. Decoding takes as long for all of them.
//   1  rounds what the analysis transform gives
//   2  chooses between neighbouring symbols by rate and distortion: as fast to a few percent
//   3..9  refine the latent of this very picture by 2, 4, ... 128 steps of gradient descent through the
//         decoder
inline constexpr int kMinEffort = 1, kMaxEffort = 9, kDefaultEffort = 2;

// What the transforms compute in: bfloat16 is faster where the processor has it (AVX-512 BF16), which kAuto
// looks for. Files decode to the same latent either way, and to pixels that differ by one code value here and
// there.
enum class Precision { kAuto, kFloat32, kBFloat16 };

// A loaded model. Immutable after loading: `compress` and `decompress` may be called from several threads.
class Codec {
 public:
  virtual ~Codec() = default;

  // Reads a vaec .safetensors file. Throws Error: kModel (missing, damaged, of an unknown architecture),
  // kUsage (bfloat16 on a processor without AVX-512). `precision` means nothing to the `mnist` model.
  [[nodiscard]] static std::unique_ptr<Codec> load(const std::filesystem::path& model_file,
                                                   Precision precision = Precision::kAuto);

  // `quality` in 1..100: larger is better and bigger. The result is a whole .vaec file.
  // Alpha is kept exactly; the colours of fully transparent pixels are not. Metadata is kept, but not by the
  // `mnist` model.
  // Throws Error: kUsage (quality; an image whose members do not agree), kUnreadable (a picture that this
  // model cannot code: the `mnist` model codes 28x28 grey of 8 bits only), kLimit. `effort` means nothing to
  // the `mnist` model.
  [[nodiscard]] virtual std::vector<std::byte> compress(const Image& image, int quality,
                                                        const Limits& limits = {},
                                                        int effort = kDefaultEffort) const = 0;

  // The picture in a whole .vaec file that was made with this very model, or the part of it that `view` asks
  // for: only what that needs is decoded.
  // Throws Error: kCorrupt, kLimit, kModel (the file needs another model), kUsage (no such view).
  [[nodiscard]] virtual Image decompress(std::span<const std::byte> file, const Limits& limits = {},
                                         const View& view = {}) const = 0;

  // An upper bound of the bytes that coding a picture takes on one thread, its samples counted in: what
  // Limits::max_memory is compared with. Compressing one with transparent pixels takes up to 12 bytes a pixel
  // more. `bytes_per_pixel`: see Image. `effort`: of compress(), or 0 for decompress(), where `view` is what
  // is asked for. Throws Error kUsage (no such view).
  [[nodiscard]] virtual std::uint64_t memory_needed(std::uint32_t width, std::uint32_t height,
                                                    std::uint32_t bytes_per_pixel, int effort,
                                                    const View& view = {}) const = 0;

  // The integer latent that `decompress` would hand to the synthesis transform, in file order (for tests and
  // golden files): bit-identical on every machine.
  [[nodiscard]] virtual std::vector<std::int32_t> decode_latent(std::span<const std::byte> file,
                                                                const Limits& limits = {}) const = 0;

  // Decodes all but the pixels: latent, alpha, metadata. Throws what decompress() would.
  virtual void check(std::span<const std::byte> file, const Limits& limits = {}) const = 0;

  [[nodiscard]] virtual ModelId id() const = 0;
  [[nodiscard]] virtual std::string architecture() const = 0;  // "photo" or "mnist"
};

// Finds models: `name` is a path (it has a slash or ends in .safetensors), or a bare name, which is looked up in
// $VAEC_MODEL_PATH, models/ beside the executable and beside this library (or in a parent of its folder, for a
// build tree), then the installed share/vaec/models.
// Throws Error kModel, naming the places that were searched.
[[nodiscard]] std::filesystem::path find_model(const std::string& name);

// The model file in those same places whose id is `id`. Throws Error kModel that names the id.
[[nodiscard]] std::filesystem::path find_model(const ModelId& id);

// Threads that the networks and the entropy coder use for the calls of the calling thread (each of several
// that work at the same time has its own share). Call it before the first load. 0: as many as there are
// cores.
void set_threads(int threads);

}  // namespace vaec
