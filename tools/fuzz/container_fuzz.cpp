// Any bytes as a .vaec file: a container that writes back the same, or Error kCorrupt or kUnsupported.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "base/crc32c.hpp"
#include "bitstream/bytes.hpp"
#include "bitstream/container.hpp"
#include "vaec/error.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::span<const std::byte> file) {
  using namespace vaec::bitstream;
  Container container;
  try {
    container = parse(file);
  } catch (const vaec::Error& error) {
    require(error.code() == vaec::ErrorCode::kCorrupt || error.code() == vaec::ErrorCode::kUnsupported);
    return;
  }
  // The format has one form for a content, but for the optional chunks that `parse` skips.
  const std::vector<std::byte> written = write(container);
  require(written.size() <= file.size());
  if (written.size() == file.size()) require(std::ranges::equal(written, file));
  const Container again = parse(written);
  require(again.bands.size() == container.bands.size());
  for (std::size_t i = 0; i < again.bands.size(); ++i) {
    require(std::ranges::equal(again.bands[i], container.bands[i]));
  }
  require(std::ranges::equal(again.hyper, container.hyper));
  require(again.latent_crc == container.latent_crc);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check(bytes);

  // The same behind a right beginning and before a right checksum, so that noise reaches the fields between.
  std::vector<std::byte> file;
  for (const char c : std::string_view("VAEC\x01")) file.push_back(static_cast<std::byte>(c));
  file.insert(file.end(), bytes.begin(), bytes.end());
  vaec::bitstream::ByteWriter checksum;
  checksum.u32(vaec::base::crc32c(file));
  file.insert(file.end(), checksum.written().begin(), checksum.written().end());
  check(file);
  return 0;
}
