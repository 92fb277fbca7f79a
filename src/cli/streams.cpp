#include "cli/streams.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/interrupt.hpp"
#include "base/system_error.hpp"
#include "base/waiting.hpp"
#include "bitstream/container.hpp"
#include "cli/failure.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

[[noreturn]] void fail_reading(const std::string& name, int error) {
  if (error == EINTR) base::throw_if_interrupted();
  throw Error(ErrorCode::kUnreadable, name + ": cannot be read: " + base::error_text(error));
}

// Closes a file, but not standard input.
class Input {
 public:
  explicit Input(const std::filesystem::path& file) {
    if (file == kStandardStream) return;
    descriptor_ = base::open_to_read(file);
    if (descriptor_ < 0) fail_reading(display_name(file), errno);
    is_own_ = true;
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (is_own_) close(descriptor_);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = STDIN_FILENO;
  bool is_own_ = false;
};

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

void check_size(std::uint64_t size, const std::string& name, const Limits& limits) {
  constexpr std::uint64_t kBytesPerPixel = 16;  // four channels of 32 bits, uncompressed
  constexpr std::uint64_t kHeadersAndMetadata = 64 * kMiB;
  const std::uint64_t largest = limits.max_pixels * kBytesPerPixel + kHeadersAndMetadata;
  if (size > largest) {
    throw Error(ErrorCode::kLimit, name + ": is larger than " + std::to_string(largest) +
                                       " bytes, the most that an image within the limits can have " +
                                       "(see --max-pixels)");
  }
  // What the program takes before it looks at an input, and less than any coding is counted with: nothing is
  // refused here that could be worked on.
  constexpr std::uint64_t kOwnMemory = 64 * kMiB;
  if (limits.max_memory > 0 && size + kOwnMemory > limits.max_memory) {
    throw Error(ErrorCode::kLimit,
                name + ": it takes more than " + std::to_string((size + kOwnMemory) / kMiB) +
                    " MiB of memory, --memory allows " + std::to_string(limits.max_memory / kMiB) + " MiB");
  }
}

}  // namespace

void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest free descriptor is taken: the streams below are open by now.
    if (fcntl(stream, F_GETFD) < 0) (void)open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

std::vector<std::byte> read_input(const std::filesystem::path& file, const Limits& limits,
                                  std::optional<base::FileAttributes>* attributes, const Look& look) {
  const std::string name = display_name(file);
  const Input input(file);
  struct stat status = {};
  if (fstat(input.descriptor(), &status) != 0) fail_reading(name, errno);
  const std::uint64_t expected = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  check_size(expected, name, limits);
  if (attributes != nullptr && file != kStandardStream) *attributes = base::attributes_of(input.descriptor());

  constexpr std::size_t kBeginning = std::size_t{1} << 16;
  std::vector<std::byte> bytes(kBeginning);
  std::size_t used = 0;
  while (true) {
    const ssize_t count = base::read_some(input.descriptor(), std::span(bytes).subspan(used));
    if (count < 0) fail_reading(name, errno);
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
    check_size(used, name, limits);
    if (used < bytes.size()) continue;
    if (used == kBeginning && look) look(bytes);
    // One more than expected, to meet the end in the next round.
    bytes.resize(
        std::max<std::size_t>(expected + 1, bytes.size() + (used > expected ? bytes.size() / 2 : 0)));
  }
  bytes.resize(used);
  return bytes;
}

std::vector<std::byte> read_vaec_file(const std::filesystem::path& file, const Limits& limits,
                                      std::optional<base::FileAttributes>* attributes) {
  return read_input(file, limits, attributes, [&](std::span<const std::byte> beginning) {
    naming(display_name(file), [&] { bitstream::check_magic(beginning); });
  });
}

void check_standard_output() {
  if (isatty(STDOUT_FILENO) != 0) {
    throw Error(ErrorCode::kUsage, "standard output is a terminal: binary data is not written there");
  }
}

namespace {

void write_out(std::span<const std::byte> bytes) {
  const int error = base::write_all(STDOUT_FILENO, bytes);
  if (error == EINTR) base::throw_if_interrupted();
  if (error != 0) {
    throw Error(ErrorCode::kWrite, "standard output: cannot be written: " + base::error_text(error));
  }
}

}  // namespace

void write_standard_output(std::span<const std::byte> bytes) {
  check_standard_output();
  write_out(bytes);
}

void print(const std::string& text) { write_out(std::as_bytes(std::span(text))); }

void print_line(const std::string& line) { print(line + "\n"); }

std::string display_name(const std::filesystem::path& file) {
  if (file == kStandardStream) return "standard input";
  return file.empty() ? "''" : file.string();
}

}  // namespace vaec::cli
