#include "image/formats/tiff_file.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "vaec/error.hpp"

namespace vaec::image {
namespace {

TiffMemory& memory_of(thandle_t handle) { return *static_cast<TiffMemory*>(handle); }

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t size) noexcept {
  TiffMemory& memory = memory_of(handle);
  if (size <= 0 || memory.position >= memory.read.size()) return 0;
  const auto count =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(size), memory.read.size() - memory.position);
  std::memcpy(to, memory.read.data() + memory.position, count);
  memory.position += count;
  return static_cast<tmsize_t>(count);
}

// libtiff reads back what it wrote, too.
tmsize_t read_written(thandle_t handle, void* to, tmsize_t size) noexcept {
  TiffMemory& memory = memory_of(handle);
  memory.read = memory.written;
  return read_bytes(handle, to, size);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) noexcept { return 0; }

tmsize_t write_bytes(thandle_t handle, void* from, tmsize_t size) noexcept {
  TiffMemory& memory = memory_of(handle);
  if (size <= 0) return 0;
  const auto end = memory.position + static_cast<std::uint64_t>(size);
  try {
    if (end > memory.written.size()) memory.written.resize(end);
  } catch (const std::exception&) {
    memory.is_out_of_memory = true;
    return 0;
  }
  std::memcpy(memory.written.data() + memory.position, from, static_cast<std::size_t>(size));
  memory.position = end;
  return size;
}

toff_t size_of(thandle_t handle) noexcept {
  const TiffMemory& memory = memory_of(handle);
  return memory.written.empty() ? memory.read.size() : memory.written.size();
}

toff_t seek(thandle_t handle, toff_t offset, int whence) noexcept {
  TiffMemory& memory = memory_of(handle);
  const std::uint64_t from = whence == SEEK_CUR ? memory.position : whence == SEEK_END ? size_of(handle) : 0;
  return memory.position = from + offset;
}

int close_nothing(thandle_t) noexcept { return 0; }

// Strips then are decoded from where they lie. libtiff never writes into what is mapped.
int map(thandle_t handle, void** base, toff_t* size) noexcept {
  const TiffMemory& memory = memory_of(handle);
  *base = const_cast<std::byte*>(memory.read.data());
  *size = memory.read.size();
  return 1;
}

int map_nothing(thandle_t, void**, toff_t*) noexcept { return 0; }

void unmap(thandle_t, void*, toff_t) noexcept {}

using Message = std::array<char, 256>;

Message print(const char* format, std::va_list values) noexcept {
  Message message{};
  std::vsnprintf(message.data(), message.size(), format, values);
  for (char& c : message) {
    if (c != 0 && (c < ' ' || c > '~')) c = ' ';
  }
  return message;
}

void keep(TiffMemory& memory, const Message& message) noexcept {
  if (memory.first_error[0] == 0) memory.first_error = message;
  memory.last_error = message;
}

int on_error(TIFF*, void* memory, const char*, const char* format, std::va_list values) noexcept {
  const Message message = print(format, values);
  // libtiff goes on with less then: where a file says no lengths of its strips it takes all that follows.
  const bool is_none = std::string_view(message.data()).starts_with("Too large ");
  if (!is_none) keep(*static_cast<TiffMemory*>(memory), message);
  return 1;
}

// Of warnings, those of JPEG and fax decoders who had to make up pixels. Most others are of no consequence.
int on_warning(TIFF*, void* memory, const char* module, const char* format, std::va_list values) noexcept {
  const Message message = print(format, values);
  const std::string_view text(message.data()), from(module == nullptr ? "" : module);
  const bool is_jpeg = from == "JPEGLib" || from == "LibJpeg", is_fax = from.substr(0, 3) == "Fax";
  const bool is_loss = (is_jpeg && (text.starts_with("Premature end") ||
                                    (text.starts_with("Corrupt") && text.find("extraneous") == text.npos))) ||
                       (is_fax && text.starts_with("Premature EOF"));
  if (is_loss) keep(*static_cast<TiffMemory*>(memory), message);
  return 1;
}

}  // namespace

void TiffFile::open(const char* mode, std::uint64_t largest_allocation) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  if (options == nullptr) throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &memory_);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &memory_);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(largest_allocation));
  const bool reads = mode[0] == 'r';
  tiff_ = TIFFClientOpenExt("TIFF", mode, &memory_, reads ? read_bytes : read_written,
                            reads ? write_nothing : write_bytes, seek, close_nothing, size_of,
                            reads ? map : map_nothing, unmap, options.get());
}

TiffFile::TiffFile(std::span<const std::byte> file, std::uint64_t largest_allocation) {
  memory_.read = file;
  open("rc", largest_allocation);  // c: a strip is not made many
  if (tiff_ == nullptr) fail_to_open();
}

// Before the last error there may be some of tags that do not matter.
void TiffFile::fail_to_open() const {
  const std::string_view why(memory_.last_error.data());
  const bool ends =
      why.starts_with("Can not read") || why.starts_with("Cannot read") || why.starts_with("IO error");
  const bool differ = why.starts_with("Cannot handle different values");
  throw Error(ErrorCode::kUnreadable,
              (differ ? "has samples of different kinds, which this version cannot read: "
               : ends ? "truncated: "
                      : "damaged: ") +
                  std::string(why.empty() ? "no TIFF directory" : why));
}

TiffFile::TiffFile(bool is_big_tiff) {
  open(is_big_tiff ? "w8" : "w", 0);
  if (tiff_ == nullptr) throw std::bad_alloc();
}

TiffFile::~TiffFile() {
  if (tiff_ != nullptr) TIFFCleanup(tiff_);
}

std::string TiffFile::error() const { return memory_.first_error.data(); }

std::vector<std::byte> TiffFile::finish() {
  if (TIFFWriteDirectory(tiff_) != 1) fail_to_write();
  TIFFCleanup(tiff_);
  tiff_ = nullptr;
  return std::move(memory_.written);
}

void TiffFile::fail_to_write() const {
  if (memory_.is_out_of_memory) throw std::bad_alloc();
  throw Error(ErrorCode::kWrite, ".tiff file cannot be made: " + error());
}

bool TiffDamage::check(bool is_good) {
  const std::string error = file_.error();
  if (is_good && error.empty()) return true;
  tell("damaged", error.empty() ? "pixels are missing" : error);
  file_.forget_errors();
  return is_good;
}

void TiffDamage::tell(const std::string& kind, const std::string& what) {
  if (!is_allowed_) throw Error(ErrorCode::kUnreadable, kind + ": " + what);
  if (what_.empty()) what_ = what;
}

std::span<const std::byte> tiff_bytes(TIFF* tiff, std::uint32_t tag) {
  std::uint32_t count = 0;
  const void* data = nullptr;
  if (TIFFGetField(tiff, tag, &count, &data) != 1 || data == nullptr) return {};
  return {static_cast<const std::byte*>(data), count};
}

}  // namespace vaec::image
