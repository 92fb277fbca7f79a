// What `vaec evaluate` measures: anything that turns a picture into a file's bytes and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::eval {

struct CodecDescription {
  std::string name;        // "webp"
  std::string command;     // that encodes, every setting in it; "<q>" stands for the quality
  std::string decode;      // that decodes; may be empty
  std::string version;     // of the library or program
  std::string quality_is;  // what a quality is, and what else a reader must know
};

struct Encoded {
  std::vector<std::byte> file;
  double seconds = 0;  // without reading and writing files on the caller's side
};

struct Decoded {
  Image image;
  double seconds = 0;
};

class ImageCodec {
 public:
  virtual ~ImageCodec() = default;

  [[nodiscard]] virtual CodecDescription description() const = 0;
  // The points of its curve.
  [[nodiscard]] virtual std::vector<double> curve_qualities() const = 0;
  // Every quality that can be asked for, from the one with the smallest files to the one with the largest.
  [[nodiscard]] virtual std::vector<double> all_qualities() const = 0;

  // Both throw Error. The decoded picture has the channels of the one that was encoded.
  [[nodiscard]] virtual Encoded encode(const Image& image, double quality) = 0;
  [[nodiscard]] virtual Decoded decode(std::span<const std::byte> file, std::uint32_t channels) = 0;
};

}  // namespace vaec::eval
