// Codecs that are command-line programs: each picture goes through files in a temporary folder.
#pragma once

#include <filesystem>

#include "eval/image_codec.hpp"
#include "eval/temporary_folder.hpp"

namespace vaec::eval {

// Of a command, "<q>", "<src>", "<bits>" and "<rec>" stand for the quality, the original (PNG), the file in
// question and the decoded picture (PNG).
struct Tool {
  const char* name;
  const char* package;  // Debian's
  const char* encode;
  const char* decode;
  const char* version;  // a command whose first line of output says it
  const char* quality_is;
  const char* extension;
  std::vector<double> curve_qualities;
  double smallest, largest, step;  // of all qualities: the ends by size of file, what is between two
};

class ToolCodec : public ImageCodec {
 public:
  // Throws Error: kUsage that names the Debian package of a program that is not installed, kWrite.
  explicit ToolCodec(Tool tool);

  [[nodiscard]] CodecDescription description() const override;
  [[nodiscard]] std::vector<double> curve_qualities() const override { return tool_.curve_qualities; }
  [[nodiscard]] std::vector<double> all_qualities() const override;
  // The seconds are those of the whole program: its start, reading and writing files.
  [[nodiscard]] Encoded encode(const Image& image, double quality) override;
  [[nodiscard]] Decoded decode(std::span<const std::byte> file, std::uint32_t channels) override;

 private:
  // Runs `command`, which writes `output`, and gives its seconds.
  double run(const char* command, double quality, const std::filesystem::path& output) const;
  [[nodiscard]] std::filesystem::path coded() const;

  Tool tool_;
  TemporaryFolder folder_;
};

}  // namespace vaec::eval
