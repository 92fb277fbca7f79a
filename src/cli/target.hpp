// Finds the quality at which a picture's file has a wanted size, rate or PSNR.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "vaec/codec.hpp"

namespace vaec::cli {

// At most one of them is set; 0: not asked for.
struct Target {
  double bpp = 0;    // bits a pixel, of the whole file, at most
  double bytes = 0;  // of the whole file, at most
  double psnr = 0;   // dB, over all channels
  double ssimulacra2 = 0;

  [[nodiscard]] bool any() const { return bpp > 0 || bytes > 0 || decodes(); }
  // Whether files must be decoded to be judged.
  [[nodiscard]] bool decodes() const { return psnr > 0 || ssimulacra2 > 0; }
};

// Its options exclude each other and `others`.
void add_target(CLI::App& app, Target& target, const std::vector<CLI::Option*>& others);

struct Found {
  int quality = 0;
  std::vector<std::byte> file;
  // What was reached, where that is more than 2% off (of bytes, bpp, dB or points).
  std::string note;
};

// By bisection: all of these rise with the quality. PSNR and SSIMULACRA2 come as near to the target as they can; a
// size or rate is never above it. Where quality 1 is better than was asked for, or quality 100 smaller, that is
// what is found. Throws Error kLimit if quality 100 stays more than 2% below a PSNR or SSIMULACRA2, or quality 1
// is above a size, telling what they give; and what compress() and decompress() throw. The options' own quality
// does not count.
[[nodiscard]] Found compress_to(const Target& target, const Codec& codec, const Image& image,
                                CompressOptions options);

// What a file of `image` decodes to, while the two are held as well: within what that leaves of max_memory.
[[nodiscard]] Image decoded_beside(const Image& image, const Codec& codec, std::span<const std::byte> file,
                                   const CompressOptions& options);

}  // namespace vaec::cli
