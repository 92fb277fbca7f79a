#include "cli/embed_items.hpp"

#include <sstream>
#include <string_view>

#include "cli/batch.hpp"
#include "cli/folder_content.hpp"
#include "cli/picture_io.hpp"
#include "cli/streams.hpp"
#include "image/read.hpp"
#include "plugin/torch_module.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

bool is_array(const fs::path& file) { return train::is_idx_name(file) || train::is_npy_name(file); }

void add_array(const fs::path& file, bool takes_arrays, std::vector<EmbedItem>& items) {
  try {
    if (!takes_arrays) {
      throw Error(ErrorCode::kUnreadable,
                  file.string() + ": is an array of small pictures, which mnist models alone take (see -m)");
    }
    const auto array = std::make_shared<const train::PictureArray>(plugin::torch_module().read_array(file));
    for (std::size_t i = 0; i < array->count; ++i) items.push_back({file, array, i});
  } catch (...) {
    items.push_back({file, {}, 0, current_failure()});
  }
}

}  // namespace

std::string EmbedItem::name() const {
  return display_name(file) + (array ? "[" + std::to_string(index) + "]" : "");
}

Image EmbedItem::picture(const Limits& limits) const {
  if (!array) return image::read_pixels(read_picture_file(file, limits), display_name(file), limits);
  const auto* samples = array->picture(index);
  return {static_cast<std::uint32_t>(array->columns),
          static_cast<std::uint32_t>(array->rows),
          static_cast<std::uint32_t>(array->channels),
          {samples, samples + array->picture_bytes()}};
}

std::vector<EmbedItem> find_embed_items(const std::vector<std::string>& inputs, bool recursive,
                                        bool takes_arrays, const Verbosity& verbosity) {
  // The outputs of this plan are never written: only its search is used.
  const auto keep_name = [](const fs::path& name) { return fs::path(name).concat(".vector"); };
  const auto is_result = [](const fs::path& file) {
    return file.extension() == ".npy" || file.extension() == ".csv";
  };
  BatchOptions search;
  search.inputs = inputs;
  search.recursive = recursive;
  search.verbosity = verbosity;
  std::vector<EmbedItem> items;
  for (const Job& job :
       make_plan(search, {"pictures", look_for_picture, keep_name, keep_name, is_result}).jobs) {
    const bool is_problem = !job.problem.empty() && job.code != ErrorCode::kUsage;  // that of an output
    if (is_problem) {
      items.push_back({job.input, {}, 0, Failure{job.code, job.problem}});
    } else if (is_array(job.input)) {
      add_array(job.input, takes_arrays, items);
    } else {
      items.push_back({job.input});
    }
  }
  return items;
}

std::vector<std::string> read_labels(const fs::path& file) {
  const auto bytes = read_input(file, Limits{});
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<std::string> labels;
  constexpr std::string_view kIdx("\0\0\x08", 3), kGzip("\x1f\x8b");
  if (text.starts_with(kIdx) || text.starts_with(kGzip)) {
    for (const auto label : plugin::torch_module().read_idx_labels(file))
      labels.push_back(std::to_string(label));
    return labels;
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    labels.push_back(line);
  }
  return labels;
}

}  // namespace vaec::cli
