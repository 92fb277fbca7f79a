// EXIF for tests, byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vaec::image {

class ExifMaker {
 public:
  struct Entry {
    std::uint32_t tag, type, count;
    std::vector<std::byte> value;
  };

  explicit ExifMaker(bool big_endian) : big_(big_endian) {}

  void put(std::vector<std::byte>& to, std::uint32_t value, int size) const {
    for (int i = 0; i < size; ++i)
      to.push_back(static_cast<std::byte>(value >> (8 * (big_ ? size - 1 - i : i))));
  }
  [[nodiscard]] Entry number(std::uint32_t tag, std::uint32_t type, std::uint32_t value) const {
    Entry entry{tag, type, 1, {}};
    put(entry.value, value, type == 3 ? 2 : 4);
    return entry;
  }
  [[nodiscard]] Entry fraction(std::uint32_t tag, std::uint32_t above, std::uint32_t below) const {
    Entry entry{tag, 5, 1, {}};
    put(entry.value, above, 4);
    put(entry.value, below, 4);
    return entry;
  }
  [[nodiscard]] Entry text(std::uint32_t tag, std::string_view words) const {
    Entry entry{tag, 2, static_cast<std::uint32_t>(words.size() + 1), {}};
    for (const char c : words) entry.value.push_back(static_cast<std::byte>(c));
    entry.value.push_back({});
    return entry;
  }
  [[nodiscard]] Entry maker_note(std::string_view bytes) const {
    Entry entry = text(0x927c, bytes);
    entry.type = 7;
    return entry;
  }

  // Directories one after the other, each with its values, and the thumbnail last.
  [[nodiscard]] std::vector<std::byte> make(std::vector<Entry> image, const std::vector<Entry>& photo = {},
                                            std::vector<Entry> thumbnail = {},
                                            const std::vector<std::byte>& pixels = {}) const {
    std::vector<std::byte> bytes;
    for (const char c : big_ ? std::string_view("MM\0*", 4) : std::string_view("II*\0", 4))
      bytes.push_back(static_cast<std::byte>(c));
    put(bytes, 8, 4);
    const auto size_of = [](const std::vector<Entry>& entries) {
      std::size_t size = 6 + 12 * entries.size();
      for (const Entry& entry : entries) size += entry.value.size() > 4 ? entry.value.size() : 0;
      return static_cast<std::uint32_t>(size);
    };
    if (!photo.empty()) image.push_back(number(0x8769, 4, 0));
    const std::uint32_t photo_at = 8 + size_of(image),
                        thumbnail_at = photo_at + (photo.empty() ? 0 : size_of(photo));
    if (!photo.empty()) image.back() = number(0x8769, 4, photo_at);
    if (!thumbnail.empty()) {
      thumbnail.push_back(number(0x201, 4, 0));
      thumbnail.push_back(number(0x202, 4, static_cast<std::uint32_t>(pixels.size())));
      thumbnail[thumbnail.size() - 2] = number(0x201, 4, thumbnail_at + size_of(thumbnail));
    }
    append(bytes, image, thumbnail.empty() ? 0 : thumbnail_at);
    if (!photo.empty()) append(bytes, photo, 0);
    if (!thumbnail.empty()) append(bytes, thumbnail, 0);
    bytes.insert(bytes.end(), pixels.begin(), pixels.end());
    return bytes;
  }

 private:
  void append(std::vector<std::byte>& bytes, const std::vector<Entry>& entries, std::uint32_t next) const {
    auto values = static_cast<std::uint32_t>(bytes.size() + 6 + 12 * entries.size());
    put(bytes, static_cast<std::uint32_t>(entries.size()), 2);
    for (const Entry& entry : entries) {
      put(bytes, entry.tag, 2);
      put(bytes, entry.type, 2);
      put(bytes, entry.count, 4);
      if (entry.value.size() > 4) {
        put(bytes, values, 4);
        values += static_cast<std::uint32_t>(entry.value.size());
      } else {
        bytes.insert(bytes.end(), entry.value.begin(), entry.value.end());
        bytes.resize(bytes.size() + 4 - entry.value.size());
      }
    }
    put(bytes, next, 4);
    for (const Entry& entry : entries) {
      if (entry.value.size() > 4) bytes.insert(bytes.end(), entry.value.begin(), entry.value.end());
    }
  }

  bool big_;
};

}  // namespace vaec::image
