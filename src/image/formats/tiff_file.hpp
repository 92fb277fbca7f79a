// libtiff's handle over bytes in memory. What it has to say is kept, never printed, each handle for itself.
#pragma once

#include <tiffio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vaec::image {

// Behind the callbacks, which must not throw: there are frames of C below them.
struct TiffMemory {
  std::span<const std::byte> read;  // or, of a file that is written:
  std::vector<std::byte> written;
  std::uint64_t position = 0;
  bool is_out_of_memory = false;
  std::array<char, 256> first_error{}, last_error{};  // since they were cleared
};

class TiffFile {
 public:
  // Opens `file`, whose first directory is then the current one. libtiff may not allocate more than so many
  // bytes at once. Throws Error kUnreadable.
  TiffFile(std::span<const std::byte> file, std::uint64_t largest_allocation);
  // A new one, in the order of bytes of this machine. Throws std::bad_alloc.
  explicit TiffFile(bool is_big_tiff);
  ~TiffFile();
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  [[nodiscard]] TIFF* get() const { return tiff_; }

  // What went wrong since forget_errors(), on one line; empty: nothing. Warnings of pixels that are lost count.
  [[nodiscard]] std::string error() const;
  void forget_errors() { memory_.first_error[0] = memory_.last_error[0] = 0; }

  // Writes the directory and gives the file; nothing else may follow. Throws Error kWrite.
  [[nodiscard]] std::vector<std::byte> finish();
  // Of a file that is written. Throws Error kWrite, or std::bad_alloc where that is why.
  [[noreturn]] void fail_to_write() const;

 private:
  [[noreturn]] void fail_to_open() const;
  void open(const char* mode, std::uint64_t largest_allocation);

  TiffMemory memory_;
  TIFF* tiff_ = nullptr;
};

// What is lost of a picture's pixels.
class TiffDamage {
 public:
  TiffDamage(TiffFile& file, bool is_allowed) : file_(file), is_allowed_(is_allowed) {}

  // After a call of libtiff's that decodes: whether it gave all. Throws Error kUnreadable unless damage is
  // allowed.
  bool check(bool is_good);
  // What is known before. Throws as check() does; `kind`: "damaged" or the like.
  void tell(const std::string& kind, const std::string& what);
  // In words, the first of all; empty: none.
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  TiffFile& file_;
  bool is_allowed_;
  std::string what_;
};

// A tag that libtiff keeps as one value of type T; `otherwise` if there is none, and it has no default.
template <typename T>
[[nodiscard]] T tiff_value(TIFF* tiff, std::uint32_t tag, T otherwise) {
  T value = otherwise;
  return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

// A tag that is bytes of any number; empty if it is not there. They are libtiff's.
[[nodiscard]] std::span<const std::byte> tiff_bytes(TIFF* tiff, std::uint32_t tag);

}  // namespace vaec::image
