#include "eval/whole_file.hpp"

#include <fstream>
#include <ios>
#include <iterator>

#include "vaec/error.hpp"

namespace vaec::eval {

std::vector<std::byte> load(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  std::vector<std::byte> bytes(stream ? static_cast<std::size_t>(stream.tellg()) : 0);
  stream.seekg(0);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw Error(ErrorCode::kWrite, file.string() + ": cannot be read back");
  return bytes;
}

void save(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::ofstream stream(file, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream.flush()) throw Error(ErrorCode::kWrite, file.string() + ": cannot be written");
}

}  // namespace vaec::eval
