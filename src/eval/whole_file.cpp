#include "eval/whole_file.hpp"

#include <fstream>
#include <ios>

#include "base/mapped_file.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {

std::vector<std::byte> load(const std::filesystem::path& file) {
  const auto mapped = base::map_file(file, ErrorCode::kWrite);
  if (mapped.bytes.empty()) throw Error(ErrorCode::kWrite, file.string() + ": is empty");
  return {mapped.bytes.begin(), mapped.bytes.end()};
}

void save(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::ofstream stream(file, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) throw Error(ErrorCode::kWrite, file.string() + ": cannot be written");
}

}  // namespace vaec::eval
