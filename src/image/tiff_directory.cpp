#include "image/tiff_directory.hpp"

#include "image/byte_reader.hpp"
#include "vaec/error.hpp"

namespace vaec::image {
namespace {

constexpr std::uint32_t kByte = 1, kShort = 3, kLong = 4;  // TIFF's field types
constexpr std::uint64_t kEntrySize = 12;

// The first value of the entry at `offset`; values of more than 4 bytes stand elsewhere, at the offset given.
std::optional<std::uint32_t> first_value(std::span<const std::byte> bytes, std::uint64_t offset,
                                         Endian endian) {
  const auto type = read_integer(bytes, offset + 2, 2, endian);
  const auto count = read_integer(bytes, offset + 4, 4, endian);
  const auto where = read_integer(bytes, offset + 8, 4, endian);
  if (!type || !count || !where) return std::nullopt;
  const int size = *type == kByte ? 1 : *type == kShort ? 2 : *type == kLong ? 4 : 0;
  if (size == 0) return 0;
  const bool is_inline = std::uint64_t{*count} * static_cast<std::uint64_t>(size) <= 4;
  return read_integer(bytes, is_inline ? offset + 8 : *where, size, endian);
}

}  // namespace

std::uint32_t TiffDirectory::value_or(std::uint16_t tag, std::uint32_t otherwise) const {
  const auto found = first_values.find(tag);
  return found == first_values.end() ? otherwise : found->second;
}

std::optional<TiffDirectory> read_first_directory(std::span<const std::byte> bytes) {
  Endian endian = Endian::kLittle;
  if (has_text_at(bytes, 0, "MM")) {
    endian = Endian::kBig;
  } else if (!has_text_at(bytes, 0, "II")) {
    return std::nullopt;
  }
  if (read_integer(bytes, 2, 2, endian) != 42U) return std::nullopt;
  const auto start = read_integer(bytes, 4, 4, endian);
  const auto count = start ? read_integer(bytes, *start, 2, endian) : std::nullopt;
  if (!count) return std::nullopt;

  TiffDirectory directory;
  std::uint64_t offset = std::uint64_t{*start} + 2;
  for (std::uint32_t i = 0; i < *count; ++i, offset += kEntrySize) {
    const auto tag = read_integer(bytes, offset, 2, endian);
    const auto value = tag ? first_value(bytes, offset, endian) : std::nullopt;
    if (!value) return std::nullopt;
    directory.first_values.emplace(static_cast<std::uint16_t>(*tag), *value);
  }
  directory.more_follow = read_integer(bytes, offset, 4, endian).value_or(0) != 0;
  return directory;
}

std::vector<std::byte> with_tiff_entry(std::span<const std::byte> file, std::uint16_t tag,
                                       std::uint16_t value) {
  const auto read = [&](std::uint64_t offset, int size) {
    const auto found = read_integer(file, offset, size, Endian::kLittle);
    if (!found) throw Error(ErrorCode::kWrite, "a TIFF file without a directory");
    return *found;
  };
  std::vector<std::byte> result(file.begin(), file.end());
  result.resize((result.size() + 1) / 2 * 2);  // a directory begins at an even offset
  const auto start = static_cast<std::uint32_t>(result.size());
  const auto put = [&](std::uint32_t number, int size) {
    for (int i = 0; i < size; ++i) result.push_back(static_cast<std::byte>(number >> (8 * i) & 0xff));
  };
  const auto old = read(4, 4), count = read(old, 2);
  put(count + 1, 2);
  bool done = false;
  for (std::uint32_t i = 0; i <= count; ++i) {  // in the order of their tags
    const auto entry = old + 2 + i * kEntrySize;
    if (!done && (i == count || read(entry, 2) > tag)) {
      put(tag, 2);
      put(kShort, 2);
      put(1, 4);
      put(value, 4);
      done = true;
    }
    if (i == count) break;
    (void)read(entry + kEntrySize - 1, 1);
    const auto bytes = file.subspan(entry, kEntrySize);
    result.insert(result.end(), bytes.begin(), bytes.end());
  }
  put(read(old + 2 + count * kEntrySize, 4), 4);
  for (int i = 0; i < 4; ++i)
    result[4 + static_cast<std::size_t>(i)] = static_cast<std::byte>(start >> (8 * i));
  return result;
}

int exif_orientation(std::span<const std::byte> bytes) {
  const auto directory = read_first_directory(bytes);
  const std::uint32_t orientation = directory ? directory->value_or(kTagOrientation, 1) : 1;
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

}  // namespace vaec::image
