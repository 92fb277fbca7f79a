// EXIF (CIPA DC-008), a TIFF structure. It is changed in place: what only a camera's maker can read (maker
// notes, whose offsets count from somewhere) stays where it is, byte by byte. Exiv2, which would write it
// anew, moves those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "image/byte_reader.hpp"
#include "vaec/image.hpp"

namespace vaec::image {

class Exif {
 public:
  // Nothing for what is no TIFF structure, or has no good entry. "Exif\0\0" may stand before it. Entries that
  // are damaged (of no known type, with values or directories beyond the end, directories in circles) are
  // taken out; the good ones stay as they are.
  [[nodiscard]] static std::optional<Exif> parse(std::span<const std::byte> bytes);

  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t damaged_entries() const { return damaged_; }

  [[nodiscard]] std::optional<int> orientation() const;  // 1..8
  [[nodiscard]] Resolution resolution() const;
  [[nodiscard]] bool says(const Resolution& other) const;  // the same, as a container rounds it

  // Of pixels that stand upright now. Whoever turns them by a quarter swaps what it says of x and y:
  // `upright` is the new size.
  void make_upright(bool turned, Size upright);
  void set_size(Size size);  // where it says one
  void remove_thumbnail();

 private:
  enum class Kind { kImage, kPhoto, kGps, kInterop, kThumbnail };
  struct Directory {
    Kind kind;
    std::size_t begin, end;  // with the link to the next one
    std::size_t link;        // where that is; 0: nowhere
  };
  struct Entry {
    Kind directory;
    std::uint32_t tag, type, count;
    std::size_t at;          // of its 12 bytes
    std::size_t data, size;  // of its value
  };

  [[nodiscard]] std::uint32_t number(std::size_t at, int size) const;
  void put(std::size_t at, int size, std::uint32_t value);
  [[nodiscard]] const Entry* find(Kind directory, std::uint32_t tag) const;
  [[nodiscard]] std::optional<double> value(const Entry* entry) const;
  void set(const Entry* entry, std::uint32_t type, std::uint32_t value);

  void read_all();
  const Directory* read_directory(std::uint32_t at, Kind kind);
  bool read_entry(std::size_t at, Kind directory);
  void erase(std::size_t begin, std::size_t end);

  std::vector<std::byte> bytes_;
  Endian endian_ = Endian::kLittle;
  std::vector<Directory> directories_;  // no two share a byte
  std::vector<Entry> entries_;          // the good ones
  std::size_t damaged_ = 0;
};

}  // namespace vaec::image
