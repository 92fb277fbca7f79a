#include "cli/whole_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/file_descriptor.hpp"
#include "base/picture_names.hpp"
#include "bitstream/container.hpp"
#include "cli/streams.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

using namespace std::string_view_literals;

enum class Endian { kLittle, kBig };

// Pieces of a file, every access checked.
class File {
 public:
  explicit File(const std::filesystem::path& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status = {};
    is_open_ = descriptor_.get() >= 0 && fstat(descriptor_.get(), &status) == 0;
    if (is_open_) size_ = static_cast<std::uint64_t>(status.st_size);
  }
  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool holds(std::uint64_t offset, std::uint64_t bytes) const {
    return offset <= size_ && bytes <= size_ - offset;
  }
  // Fewer than `most` at the end.
  [[nodiscard]] std::vector<unsigned char> read(std::uint64_t offset, std::size_t most) const {
    std::vector<unsigned char> bytes(most);
    const ssize_t count =
        offset < size_ ? pread(descriptor_.get(), bytes.data(), most, static_cast<off_t>(offset)) : 0;
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  [[nodiscard]] bool has_text(std::uint64_t offset, std::string_view text) const {
    const auto bytes = read(offset, text.size());
    return std::equal(bytes.begin(), bytes.end(), text.begin(), text.end(),
                      [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); });
  }
  [[nodiscard]] std::optional<std::uint64_t> integer(std::uint64_t offset, std::size_t size,
                                                     Endian endian) const {
    auto bytes = read(offset, size);
    if (bytes.size() < size) return {};
    if (endian == Endian::kLittle) std::reverse(bytes.begin(), bytes.end());
    std::uint64_t value = 0;
    for (const unsigned char byte : bytes) value = value << 8U | byte;
    return value;
  }

 private:
  base::FileDescriptor descriptor_;
  bool is_open_ = false;
  std::uint64_t size_ = 0;
};

bool is_whole_png(const File& file) {
  if (file.size() >= 20 && file.has_text(file.size() - 12, "\0\0\0\0IEND\xae\x42\x60\x82"sv)) return true;
  for (std::uint64_t at = 8; file.holds(at, 12);) {  // something may follow the end
    if (file.has_text(at + 4, "IEND")) return true;
    at += 12 + file.integer(at, 4, Endian::kBig).value_or(file.size());
  }
  return false;
}

// Where the next marker stands, behind samples that are coded: 0xff and neither a stuffed zero nor a restart.
std::optional<std::uint64_t> next_marker(const File& file, std::uint64_t at) {
  constexpr std::size_t kStep = std::size_t{1} << 16;
  while (true) {
    const auto bytes = file.read(at, kStep);
    if (bytes.size() < 2) return {};
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
      const unsigned char code = bytes[i + 1];
      if (bytes[i] == 0xff && code != 0 && code != 0xff && (code < 0xd0 || code > 0xd7)) return at + i;
    }
    at += bytes.size() - 1;
  }
}

bool is_whole_jpeg(const File& file) {
  constexpr std::uint64_t kEnd = 0xffd9, kScan = 0xffda, kFill = 0xffff;
  if (file.integer(file.size() - 2, 2, Endian::kBig) == kEnd) return true;
  std::uint64_t at = 2;
  while (true) {  // something may follow the end
    const auto marker = file.integer(at, 2, Endian::kBig), length = file.integer(at + 2, 2, Endian::kBig);
    if (marker == kEnd) return true;
    if (marker == kFill) {
      ++at;
      continue;
    }
    if (!marker || *marker < 0xff00 || !length) return false;
    at += 2 + *length;
    if (marker != kScan) continue;
    const auto found = next_marker(file, at);
    if (!found) return false;
    at = *found;
  }
}

// Width, height and largest sample, behind white space; without comments, as vaec writes it.
bool is_whole_pnm(const File& file, std::uint64_t channels) {
  constexpr std::size_t kLongestHeader = 64;
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 31U;
  const auto bytes = file.read(0, kLongestHeader);
  std::array<std::uint64_t, 3> numbers{};
  std::size_t at = 2;
  for (std::uint64_t& number : numbers) {
    while (at < bytes.size() && (bytes[at] == ' ' || bytes[at] == '\n')) ++at;
    if (at < bytes.size() && (bytes[at] < '0' || bytes[at] > '9')) return true;  // not vaec's
    for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; ++at)
      number = std::min(number * 10 + (bytes[at] - '0'), kLargest);
  }
  if (at >= bytes.size()) return false;
  const std::uint64_t row = numbers[0] * channels * (numbers[2] > 255 ? 2 : 1);
  return row == 0 || numbers[1] <= (file.size() - at - 1) / row;
}

// The first directory and all that it leads to: the values of its entries, strips and tiles. BigTIFF has longer
// numbers.
bool is_whole_tiff(const File& file) {
  const Endian endian = file.has_text(0, "MM") ? Endian::kBig : Endian::kLittle;
  constexpr std::uint64_t kBigTiff = 43;
  const bool is_big = file.integer(2, 2, endian) == kBigTiff;
  const std::size_t number = is_big ? 8 : 4, in_count = is_big ? 8 : 2;
  const std::uint64_t in_entry = 4 + 2 * number;
  constexpr std::array<std::uint64_t, 19> kSizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  const auto directory = file.integer(number, number, endian),
             count = file.integer(directory.value_or(0), in_count, endian);
  if (!directory || !count || *count > file.size() ||
      !file.holds(*directory, in_count + in_entry * *count + number))
    return false;
  struct Values {
    std::uint64_t at = 0, count = 0, size = 0;
  } offsets, lengths;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const std::uint64_t entry = *directory + in_count + in_entry * i;
    const auto tag = file.integer(entry, 2, endian), type = file.integer(entry + 2, 2, endian);
    Values values{entry + 4 + number, file.integer(entry + 4, number, endian).value_or(0),
                  type && *type < kSizes.size() ? kSizes[*type] : 0};
    if (values.size > 0 && values.count > file.size()) return false;
    if (values.count * values.size > number)
      values.at = file.integer(values.at, number, endian).value_or(file.size());
    if (!file.holds(values.at, values.count * values.size)) return false;
    if (tag == 273U || tag == 324U) offsets = values;
    if (tag == 279U || tag == 325U) lengths = values;
  }
  const auto value = [&](const Values& values, std::uint64_t i) {
    return file.integer(values.at + i * values.size, values.size, endian).value_or(file.size());
  };
  for (std::uint64_t i = 0; i < std::min(offsets.count, lengths.count); ++i) {
    if (!file.holds(value(offsets, i), value(lengths, i))) return false;
  }
  return true;
}

// All there is of the beginning is what `text` begins with.
bool begins(const File& file, std::string_view text) {
  return file.has_text(0, text.substr(0, std::min<std::uint64_t>(text.size(), file.size())));
}

// Empty, or as after a power cut.
bool is_nothing(const File& file) {
  constexpr std::size_t kLooked = 64;
  const auto beginning = file.read(0, kLooked);
  return std::all_of(beginning.begin(), beginning.end(), [](unsigned char byte) { return byte == 0; });
}

OutputState state_of(bool is_whole) { return is_whole ? OutputState::kWhole : OutputState::kBroken; }

// Text may begin with BM, but has no zeros where BMP does.
bool begins_as_bmp(const File& file) {
  constexpr std::uint64_t kReserved = 6;
  const auto reserved = file.read(kReserved, 4);
  return begins(file, "BM") &&
         std::all_of(reserved.begin(), reserved.end(), [](unsigned char byte) { return byte == 0; });
}

OutputState state_of_picture(const File& file) {
  if (is_nothing(file)) return OutputState::kBroken;
  constexpr std::uint64_t kLongestSignature = 12;
  const bool is_short = file.size() < kLongestSignature;
  if (begins(file, "\x89PNG\r\n\x1a\n"sv)) return state_of(!is_short && is_whole_png(file));
  if (begins(file, "\xff\xd8\xff"sv)) return state_of(!is_short && is_whole_jpeg(file));
  if (begins(file, "RIFF") && (is_short || file.has_text(8, "WEBP"))) {
    return state_of(!is_short && file.holds(8, file.integer(4, 4, Endian::kLittle).value_or(0)));
  }
  if (begins_as_bmp(file)) {
    return state_of(!is_short &&
                    file.integer(2, 4, Endian::kLittle).value_or(file.size() + 1) <= file.size());
  }
  if (begins(file, "P5")) return state_of(is_whole_pnm(file, 1));
  if (begins(file, "P6")) return state_of(is_whole_pnm(file, 3));
  for (const auto signature : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (begins(file, signature)) return state_of(is_whole_tiff(file));
  }
  return OutputState::kForeign;
}

// A later version's file is no broken one.
OutputState state_of_vaec(const File& file, const std::filesystem::path& path, const Limits& limits) {
  if (is_nothing(file)) return OutputState::kBroken;
  if (!begins(file, "VAEC") || file.integer(4, 1, Endian::kBig).value_or(0) > bitstream::kFormatVersion)
    return OutputState::kForeign;
  try {
    static_cast<void>(bitstream::parse(read_input(path, limits)));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    return state_of(error.code() != ErrorCode::kCorrupt);
  }
  return OutputState::kWhole;
}

}  // namespace

OutputState look_at_output(const std::filesystem::path& path, const Limits& limits) {
  const File file(path);
  if (!file.is_open()) return OutputState::kWhole;  // nothing is known of it
  const bool is_vaec = file.has_text(0, "VAEC") || base::lower_case(path.extension().string()) == ".vaec";
  return is_vaec ? state_of_vaec(file, path, limits) : state_of_picture(file);
}

}  // namespace vaec::cli
