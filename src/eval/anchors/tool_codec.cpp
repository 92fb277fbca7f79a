#include "eval/anchors/tool_codec.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/stopwatch.hpp"
#include "eval/process.hpp"
#include "eval/whole_file.hpp"
#include "image/lossy.hpp"
#include "image/write.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

std::vector<std::string> words(const std::string& command) {
  std::istringstream stream(command);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

std::string without_spaces_around(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  const std::string line = text.substr(begin, text.find_first_of("\r\n", begin) - begin);
  return line.substr(0, line.find_last_not_of(" \t") + 1);
}

// Programs tell what went wrong last, after what they say of themselves.
std::string last_line(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  const std::size_t line_break = text.find_last_of('\n');
  return without_spaces_around(line_break == std::string::npos ? text : text.substr(line_break));
}

std::string argument_of(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

}  // namespace

ToolCodec::ToolCodec(Tool tool) : tool_(std::move(tool)) {
  for (const char* command : {tool_.encode, tool_.decode}) {
    const std::string program = words(command).front();
    if (!is_installed(program)) {
      throw Error(ErrorCode::kUsage, std::string(tool_.name) + ": " + program +
                                         " is not installed (Debian package " + tool_.package + ")");
    }
  }
}

CodecDescription ToolCodec::description() const {
  return {
      tool_.name, tool_.encode, tool_.decode, without_spaces_around(run_process(words(tool_.version)).output),
      std::string(tool_.quality_is) + "; seconds are those of whole programs, reading and writing PNG files"};
}

std::vector<double> ToolCodec::all_qualities() const {
  const auto steps = static_cast<int>(std::lround(std::abs(tool_.largest - tool_.smallest) / tool_.step));
  std::vector<double> all;
  for (int i = 0; i <= steps; ++i) {
    all.push_back(tool_.smallest + (tool_.largest - tool_.smallest) * i / steps);
  }
  return all;
}

Encoded ToolCodec::encode(const Image& image, double quality) {
  save(folder_.path() / "original.png", image::encode_image(image, image::OutputFormat::kPng));
  Encoded result;
  result.seconds = run(tool_.encode, quality, coded());
  result.file = load(coded());
  return result;
}

Decoded ToolCodec::decode(std::span<const std::byte> file, std::uint32_t channels) {
  save(coded(), file);
  const auto picture = folder_.path() / "decoded.png";
  Decoded result;
  result.seconds = run(tool_.decode, 0, picture);
  result.image = image::decode_lossy(load(picture), channels);
  return result;
}

std::filesystem::path ToolCodec::coded() const {
  return folder_.path() / (std::string("coded.") + tool_.extension);
}

double ToolCodec::run(const char* command, double quality, const std::filesystem::path& output) const {
  // What an earlier run wrote must not stand for what this one fails to write.
  std::error_code error;
  std::filesystem::remove_all(output, error);
  if (error) throw Error(ErrorCode::kWrite, output.string() + ": cannot be removed: " + error.message());
  const std::map<std::string, std::string> places = {{"<q>", argument_of(quality)},
                                                     {"<src>", (folder_.path() / "original.png").string()},
                                                     {"<bits>", coded().string()},
                                                     {"<rec>", (folder_.path() / "decoded.png").string()}};
  std::vector<std::string> arguments = words(command);
  for (std::string& argument : arguments) {
    for (const auto& [place, value] : places) {
      const std::size_t found = argument.find(place);
      if (found != std::string::npos) argument.replace(found, place.size(), value);
    }
  }
  const base::Stopwatch stopwatch;
  const ProcessResult result = run_process(arguments);
  const double seconds = stopwatch.seconds();
  if (result.status != 0) {
    throw Error(ErrorCode::kWrite, arguments.front() + " failed (status " + std::to_string(result.status) +
                                       "): " + last_line(result.output));
  }
  if (!std::filesystem::is_regular_file(output, error)) {
    throw Error(ErrorCode::kWrite, arguments.front() + " wrote no " + output.filename().string() + ": " +
                                       last_line(result.output));
  }
  return seconds;
}

}  // namespace vaec::eval
