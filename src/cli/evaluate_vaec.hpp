// vaec itself as one of the codecs that are measured.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/stopwatch.hpp"
#include "eval/image_codec.hpp"
#include "vaec/vaec.hpp"

namespace vaec::cli {

class EvaluatedVaec : public eval::ImageCodec {
 public:
  // The options' quality does not count.
  EvaluatedVaec(const Codec& codec, const CompressOptions& options, std::string command_line)
      : codec_(codec), options_(options), command_line_(std::move(command_line)) {}

  [[nodiscard]] eval::CodecDescription description() const override {
    return {"vaec", command_line_, "", VAEC_VERSION, "vaec quality"};
  }
  [[nodiscard]] std::vector<double> curve_qualities() const override {
    return {10, 20, 30, 40, 50, 60, 70, 80, 90};
  }
  [[nodiscard]] std::vector<double> all_qualities() const override {
    std::vector<double> all;
    for (int quality = 1; quality <= 100; ++quality) all.push_back(quality);
    return all;
  }
  [[nodiscard]] eval::Encoded encode(const Image& image, double quality) override {
    const base::Stopwatch stopwatch;
    options_.quality = static_cast<int>(quality);
    eval::Encoded result{codec_.compress(image, options_)};
    result.seconds = stopwatch.seconds();
    return result;
  }
  [[nodiscard]] eval::Decoded decode(std::span<const std::byte> file, std::uint32_t) override {
    const base::Stopwatch stopwatch;
    eval::Decoded result{codec_.decompress(file, {.threads = options_.threads, .limits = options_.limits})};
    result.seconds = stopwatch.seconds();
    return result;
  }

 private:
  const Codec& codec_;
  CompressOptions options_;
  std::string command_line_;
};

}  // namespace vaec::cli
