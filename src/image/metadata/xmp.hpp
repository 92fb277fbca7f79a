// What is inside XMP (ISO 16684-1), through Exiv2, whose parser has state of the whole process: one packet is
// worked on at a time, whatever the thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vaec/image.hpp"

namespace vaec::image {

class Xmp {
 public:
  // Packets that are larger are not worth the time, whatever they say.
  static constexpr std::uint64_t kMostToParse = std::uint64_t{16} << 20;

  // Nothing for one that is damaged.
  [[nodiscard]] static std::optional<Xmp> parse(std::span<const std::byte> packet);
  Xmp();  // empty
  ~Xmp();
  Xmp(Xmp&&) noexcept;
  Xmp& operator=(Xmp&&) noexcept;

  // Without its padding; if nothing has been changed the bytes are those that were parsed. Nothing if Exiv2
  // cannot write it.
  [[nodiscard]] std::optional<std::vector<std::byte>> packet() const;

  [[nodiscard]] std::optional<int> orientation() const;  // 1..8

  // Takes out the name (GUID) of a further packet that belongs to this one (extended XMP).
  [[nodiscard]] std::optional<std::string> take_extension_name();
  void add(const Xmp& extension);  // what is not there yet

  // What points at pictures and videos in the same file that are gone. Gives the names of what it removed.
  std::vector<std::string> remove_second_pictures();

  // As in Exif.
  void make_upright(bool turned, Size upright);
  void set_size(Size size);
  void remove_thumbnail();

  // Of PNG's keywords; kOther if there is something else, or no place.
  enum class Told { kNow, kAlready, kOther };
  Told tell(const std::string& keyword, const std::string& text);

 private:
  class Data;
  explicit Xmp(std::unique_ptr<Data> data);
  std::unique_ptr<Data> data_;
};

}  // namespace vaec::image
