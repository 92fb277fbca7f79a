// PNM: PBM, PGM and PPM, text and binary (netpbm's manual pages). No library is needed: OpenCV's reader takes a
// largest sample of 1 for darkness, and text without an end of line for damage.
#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include "base/interrupt.hpp"
#include "image/byte_reader.hpp"
#include "image/formats/formats.hpp"
#include "image/rows.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

struct PnmHeader {
  Header header;
  std::uint32_t largest = 1;  // the sample that stands for white
  bool is_bitmap = false;     // 1 is black there
  bool is_text = false;
  std::size_t begin = 0;  // of the samples
  std::string comment;

  [[nodiscard]] std::uint64_t samples_of_row() const { return header.width * header.channels; }
  // Of binary samples.
  [[nodiscard]] std::uint64_t bytes_of_row() const {
    return is_bitmap ? (header.width + 7) / 8 : samples_of_row() * (largest > 255 ? 2 : 1);
  }
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
  result.is_bitmap = kind == '1' || kind == '4';
  const auto largest =
      result.is_bitmap ? std::optional<std::uint64_t>(1) : read_number(file, offset, result.comment);
  if (!width || !height || !largest) refuse("the PNM header does not say width, height and largest value");
  if (*largest < 1 || *largest > 65535)
    refuse("damaged: the PNM header says that the largest sample is " + std::to_string(*largest));
  result.header = {*width, *height, kind == '3' || kind == '6' ? 3U : 1U, false, *largest > 255 ? 16U : 8U};
  result.largest = static_cast<std::uint32_t>(*largest);
  result.is_text = kind < '4';
  // One white space, or a comment up to its end of line.
  while (offset < file.size() && at(file, offset) == '#') {
    while (offset < file.size() && at(file, offset) != '\n') ++offset;
  }
  result.begin = std::min(offset + 1, file.size());
  return result;
}

// Before anything is allocated. Each sample of text takes a character at least.
void check_length(std::span<const std::byte> file, const PnmHeader& found) {
  const std::uint64_t rest = file.size() - found.begin,
                      row = found.is_text ? found.samples_of_row() : found.bytes_of_row();
  if (found.header.height <= rest / std::max<std::uint64_t>(row, 1)) return;
  refuse("truncated: " + std::to_string(rest) + " bytes of pixels, expected " +
         (found.is_text ? "at least " : "") + std::to_string(row) + " for each of " +
         std::to_string(found.header.height) + " rows");
}

Header read_header(std::span<const std::byte> file) { return parse(file).header; }

// Takes samples one after another; what is behind them stands at offset().
class SampleReader {
 public:
  SampleReader(std::span<const std::byte> file, const PnmHeader& found)
      : file_(file), found_(found), offset_(found.begin) {}

  [[nodiscard]] std::size_t offset() const { return offset_; }

  // A row, scaled so that the largest sample is white. False where the file ends within it.
  template <typename Sample>
  bool read_row(Sample* row) {
    constexpr std::uint64_t kWhite = static_cast<Sample>(~Sample{0});
    const std::uint64_t largest = found_.largest, samples = found_.samples_of_row();
    bits_ = 0;
    if (largest == 255 && !found_.is_text && !found_.is_bitmap) {  // as they are
      const auto count = std::min<std::uint64_t>(samples, file_.size() - offset_);
      std::transform(file_.begin() + static_cast<std::ptrdiff_t>(offset_),
                     file_.begin() + static_cast<std::ptrdiff_t>(offset_ + count), row,
                     [](std::byte byte) { return static_cast<Sample>(byte); });
      offset_ += count;
      return count == samples;
    }
    for (std::uint64_t i = 0; i < samples; ++i) {
      const auto value = found_.is_text ? next_of_text() : next_of_bytes();
      if (!value) return false;
      const std::uint64_t seen = std::min<std::uint64_t>(*value, largest);
      const std::uint64_t light = found_.is_bitmap ? 1 - seen : seen;
      row[i] = static_cast<Sample>((light * kWhite + largest / 2) / largest);
    }
    return true;
  }

 private:
  std::optional<std::uint64_t> next_of_bytes() {
    if (found_.is_bitmap && bits_ > 0) return bit();
    if (offset_ >= file_.size()) return std::nullopt;
    const auto byte = std::to_integer<std::uint32_t>(file_[offset_++]);
    if (found_.is_bitmap) {
      byte_ = byte;
      bits_ = 8;
      return bit();
    }
    if (found_.largest <= 255) return byte;
    if (offset_ >= file_.size()) return std::nullopt;
    return byte << 8 | std::to_integer<std::uint32_t>(file_[offset_++]);
  }
  std::uint64_t bit() { return byte_ >> --bits_ & 1; }

  // A bitmap's digits may stand side by side.
  std::optional<std::uint64_t> next_of_text() {
    if (!found_.is_bitmap) return read_number(file_, offset_, ignored_);
    while (offset_ < file_.size() && is_space(at(file_, offset_))) ++offset_;
    if (offset_ >= file_.size() || (at(file_, offset_) != '0' && at(file_, offset_) != '1'))
      return std::nullopt;
    return static_cast<std::uint64_t>(at(file_, offset_++) - '0');
  }

  std::span<const std::byte> file_;
  const PnmHeader& found_;
  std::size_t offset_;
  std::uint32_t byte_ = 0, bits_ = 0;  // of a bitmap: those that are left
  std::string ignored_;
};

template <typename Sample>
void read_samples(SampleReader& reader, const ReadOptions& options, Content& content) {
  std::vector<Sample> row(std::size_t{content.image.width} * content.image.channels);
  for (std::uint32_t y = 0; y < content.image.height; ++y) {
    base::throw_if_interrupted();
    std::fill(row.begin(), row.end(), Sample{0});
    const bool is_whole = reader.read_row(row.data());
    put_row(content.image, y, row.data());
    if (is_whole) continue;
    const std::string why =
        "ends in row " + std::to_string(y + 1) + " of " + std::to_string(content.image.height);
    if (!options.allows_damage) refuse("truncated: " + why);
    content.notes.push_back("damaged: truncated: " + why);
    return;
  }
}

Content read(std::span<const std::byte> file, const ReadOptions& options) {
  const PnmHeader found = parse(file);
  if (!options.allows_damage) check_length(file, found);
  Content content;
  content.image = make_image(found.header);
  SampleReader reader(file, found);
  if (found.header.bit_depth == 16) {
    read_samples<std::uint16_t>(reader, options, content);
  } else {
    read_samples<std::uint8_t>(reader, options, content);
  }
  if (!found.comment.empty()) content.texts.push_back({"Comment", found.comment});
  auto rest = file.subspan(reader.offset());
  while (!rest.empty() && is_space(at(rest, 0))) rest = rest.subspan(1);
  if (rest.empty() || !content.notes.empty()) return content;
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
