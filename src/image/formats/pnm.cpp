// PNM: PBM, PGM and PPM, text and binary (netpbm's manual pages). OpenCV reads the samples; what stands
// before and behind them is read here.
#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include "image/byte_reader.hpp"
#include "image/formats/formats.hpp"
#include "image/opencv/decode.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

struct PnmHeader {
  Header header;
  std::uint32_t largest = 1;  // the sample that stands for white
  bool is_text = false;
  std::uint64_t end = 0;  // of the binary samples, in the file; of text not known
  std::string comment;
};

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::kUnreadable, why); }

char at(std::span<const std::byte> file, std::size_t offset) { return std::to_integer<char>(file[offset]); }

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// A decimal number of the header, after white space and comments, which are gathered.
std::optional<std::uint64_t> read_number(std::span<const std::byte> file, std::size_t& offset,
                                         std::string& comment) {
  while (offset < file.size() && (is_space(at(file, offset)) || at(file, offset) == '#')) {
    if (at(file, offset) != '#') {
      ++offset;
      continue;
    }
    if (!comment.empty()) comment += '\n';
    for (++offset; offset < file.size() && at(file, offset) != '\n' && at(file, offset) != '\r'; ++offset)
      comment += at(file, offset);
  }
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 32;
  std::optional<std::uint64_t> value;
  while (offset < file.size() && at(file, offset) >= '0' && at(file, offset) <= '9' &&
         value.value_or(0) < kLargest) {
    value = value.value_or(0) * 10 + static_cast<std::uint64_t>(at(file, offset++) - '0');
  }
  return value;
}

PnmHeader parse(std::span<const std::byte> file) {
  PnmHeader result;
  const char kind = at(file, 1);
  std::size_t offset = 2;
  const auto width = read_number(file, offset, result.comment);
  const auto height = read_number(file, offset, result.comment);
  const bool is_bitmap = kind == '1' || kind == '4';
  const auto largest =
      is_bitmap ? std::optional<std::uint64_t>(1) : read_number(file, offset, result.comment);
  if (!width || !height || !largest) refuse("the PNM header does not say width, height and largest value");
  if (*largest < 1 || *largest > 65535)
    refuse("damaged: the PNM header says that the largest sample is " + std::to_string(*largest));
  result.header = {*width, *height, kind == '3' || kind == '6' ? 3U : 1U, false, *largest > 255 ? 16U : 8U};
  result.largest = static_cast<std::uint32_t>(*largest);
  result.is_text = kind < '4';
  constexpr std::uint64_t kLargestSide = std::uint64_t{1} << 31;  // beyond every limit
  if (result.is_text || *width >= kLargestSide || *height >= kLargestSide) return result;
  const std::uint64_t samples = *width * result.header.channels;
  const std::uint64_t row = is_bitmap ? (samples + 7) / 8 : samples * (*largest > 255 ? 2 : 1);
  const std::uint64_t begin = std::min<std::uint64_t>(file.size(), offset + 1), rest = file.size() - begin;
  if (*height > rest / std::max<std::uint64_t>(row, 1)) {
    refuse("truncated: " + std::to_string(rest) + " bytes of pixels, expected " + std::to_string(row) +
           " for each of " + std::to_string(*height) + " rows");
  }
  result.end = begin + *height * row;
  return result;
}

Header read_header(std::span<const std::byte> file) { return parse(file).header; }

// Samples up to `largest` become samples up to all that their bits hold.
template <typename Sample>
void scale(std::vector<Sample>& samples, std::uint32_t largest) {
  constexpr std::uint64_t kWhite = static_cast<Sample>(~Sample{0});
  if (largest == kWhite) return;
  for (Sample& sample : samples) {
    sample = static_cast<Sample>(std::min(kWhite, (sample * kWhite + largest / 2) / largest));
  }
}

Content read(std::span<const std::byte> file, const ReadOptions&) {
  const PnmHeader found = parse(file);
  Content content;
  content.image = opencv_decode(file, found.header);
  // OpenCV gives bitmaps as 0 and 255, and scales text of 8 bits itself.
  if (found.largest > 255) {
    scale(content.image.samples16, found.largest);
  } else if (found.largest > 1 && !found.is_text) {
    scale(content.image.samples, found.largest);
  }
  if (!found.comment.empty()) content.texts.push_back({"Comment", found.comment});
  if (found.end == 0) return content;
  auto rest = file.subspan(found.end);
  while (!rest.empty() && is_space(at(rest, 0))) rest = rest.subspan(1);
  if (rest.empty()) return content;
  const bool more = has_text_at(rest, 0, "P") && rest.size() > 2;
  content.notes.push_back(more ? "more pictures in the same file, behind the first: left out"
                               : std::to_string(rest.size()) + " bytes behind the picture: left out");
  return content;
}

}  // namespace

const Format& pnm_format() {
  static const Format format{read_header, read, nullptr};
  return format;
}

}  // namespace vaec::image
