// Image -> .vaec bytes -> image, with a trained model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vaec/export.hpp"
#include "vaec/image.hpp"
#include "vaec/image_view.hpp"
#include "vaec/models.hpp"
#include "vaec/options.hpp"
#include "vaec/peek.hpp"

namespace vaec {

// A loaded model. Immutable after loading: its functions may be called from several threads at the same time.
// They leave the host's settings of OpenMP (and of LibTorch, if it uses that) as they were. All but id() and
// architecture() throw Error as they say, and kUsage for a negative number of threads.
class VAEC_API Codec {
 public:
  virtual ~Codec() = default;

  // Reads a vaec .safetensors file. Throws Error kModel: missing, damaged, of an unknown architecture.
  [[nodiscard]] static std::unique_ptr<Codec> load(const std::filesystem::path& model_file);

  // Keeps every sample exactly, also of pixels that are fully transparent, and needs no model: id() is all 0.
  // Quality and effort mean nothing to it. Of what it decompresses, a view's scale gives the means of its cells.
  // Throws Error kInternal if a part of vaec cannot be loaded.
  [[nodiscard]] static std::unique_ptr<Codec> lossless();

  // The result is a whole .vaec file. Alpha is kept exactly; the colours of fully transparent pixels are not.
  // Metadata is kept, but not by the `mnist` model. The picture is read where it is; one with transparent
  // pixels is copied. Throws Error: kUsage (quality or effort out of range; a view whose members do not
  // agree), kUnreadable (a picture that this model cannot code: the `mnist` model codes grey of 8 bits of one
  // size only, 28x28 as shipped), kLimit.
  [[nodiscard]] virtual std::vector<std::byte> compress(const ImageView& image,
                                                        const CompressOptions& options = {}) const = 0;

  // The picture in a whole .vaec file that was made with this very model, or without loss (which the `mnist` model does
  // not decompress), or the part of it that the view asks for: only what that needs is decoded. Throws Error: kCorrupt,
  // kUnsupported, kLimit (metadata beyond Limits::max_metadata, too), kModel (the file needs another model), kUsage (no
  // such view).
  [[nodiscard]] virtual Image decompress(std::span<const std::byte> file,
                                         const DecompressOptions& options = {}) const = 0;

  // The same into memory of the caller. `image` has the size that size_of() tells of the view, and channels
  // and bit depth of the file: see peek(). Without room for alpha there, alpha is not decoded; room for alpha
  // of a picture that has none is filled with the largest value. Gives the metadata. Throws what decompress()
  // does, and Error kUsage: an image of other sizes, in which nothing has been changed then. After other
  // errors it may be filled in part.
  virtual Metadata decompress_into(std::span<const std::byte> file, const ImageBuffer& image,
                                   const DecompressOptions& options = {}) const = 0;

  // Decodes all but the pixels: latent, alpha, metadata. Throws what decompress() would. The view does not
  // count.
  virtual void check(std::span<const std::byte> file, const DecompressOptions& options = {}) const = 0;

  // Upper bounds of the bytes that coding a picture takes on one thread, its samples counted in: what
  // Limits::max_memory is compared with. Compressing one with transparent pixels, or with drawn parts
  // (CompressOptions::guard; not if the limit is too tight for that), takes up to 12 bytes a pixel more.
  // `bytes_per_pixel`: see Image, and FileInfo.
  [[nodiscard]] virtual std::uint64_t memory_to_compress(std::uint32_t width, std::uint32_t height,
                                                         std::uint32_t bytes_per_pixel,
                                                         const CompressOptions& options = {}) const = 0;
  [[nodiscard]] virtual std::uint64_t memory_to_decompress(const FileInfo& file,
                                                           const DecompressOptions& options = {}) const = 0;

  [[nodiscard]] virtual ModelId id() const = 0;
  [[nodiscard]] virtual std::string architecture() const = 0;  // "photo", "mnist" or "lossless"
};

}  // namespace vaec
