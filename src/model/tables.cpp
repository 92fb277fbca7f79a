#include "model/tables.hpp"

#include <span>

#include "model/tensor_values.hpp"
#include "vaec/error.hpp"

namespace vaec::model {
namespace {

constexpr std::size_t kMostEntries = std::size_t{1}
                                     << 21;  // of all tables: four times what shipped models have

}  // namespace

std::vector<entropy::FrequencyTable> load_tables(const SafeTensors& file, const std::string& name,
                                                 std::int64_t count) {
  const auto first = values_of<std::int32_t>(file.tensor(name + ".first", DType::kI32, std::vector{count}));
  const auto length = values_of<std::int32_t>(file.tensor(name + ".length", DType::kI32, std::vector{count}));
  const auto all = file.tensors().find(name + ".frequencies");
  if (all == file.tensors().end() || all->second.shape.size() != 1) {
    throw Error(ErrorCode::kModel,
                "model: tensor " + name + ".frequencies is missing or not one-dimensional");
  }
  const auto frequencies =
      values_of<std::uint16_t>(file.tensor(name + ".frequencies", DType::kU16, all->second.shape));
  std::vector<entropy::FrequencyTable> tables;
  std::size_t at = 0, entries_made = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    // A length of 0 takes no room in the file, but in memory.
    if (i > 0) entries_made += tables.back().frequencies().size();
    if (entries_made > kMostEntries) {
      throw Error(ErrorCode::kModel, "model: " + name + ": its tables have more than " +
                                         std::to_string(kMostEntries) + " entries together");
    }
    if (i > 0 && length[i] == 0) {
      tables.push_back(tables.back());
      continue;
    }
    if (length[i] < 2 || static_cast<std::size_t>(length[i]) > frequencies.size() - at) {
      throw Error(ErrorCode::kModel, "model: " + name + ".length: table " + std::to_string(i) + " has " +
                                         std::to_string(length[i]) + " entries, " +
                                         std::to_string(frequencies.size() - at) + " are left");
    }
    const auto entries = std::span(frequencies).subspan(at, static_cast<std::size_t>(length[i]));
    tables.emplace_back(first[i], entries);
    at += entries.size();
  }
  if (at < frequencies.size()) {
    throw Error(ErrorCode::kModel,
                "model: " + name + ".frequencies: " + std::to_string(frequencies.size() - at) + " too many");
  }
  return tables;
}

}  // namespace vaec::model
