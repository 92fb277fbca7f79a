#include "cli/embed_output.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <span>
#include <string_view>

#include "base/atomic_file.hpp"
#include "base/npy.hpp"
#include "eval/csv.hpp"
#include "eval/gnuplot.hpp"
#include "eval/principal_components.hpp"
#include "eval/scatter_plot.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

std::string csv_of(const EmbeddingTable& table) {
  std::string text = "file";
  for (std::size_t i = 0; i < table.columns; ++i) text += ",v" + std::to_string(i);
  text += '\n';
  const float* value = table.values.data();
  for (const auto& name : table.names) {
    text += eval::csv_quoted(name);
    for (std::size_t i = 0; i < table.columns; ++i) {
      std::array<char, 32> digits;  // the fewest that read back as the same float
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value++).ptr;
      text += ',';
      text.append(digits.data(), end);
    }
    text += '\n';
  }
  return text;
}

// 2 before 10, but a word before another as in a dictionary.
struct LabelOrder {
  bool operator()(const std::string& a, const std::string& b) const {
    const auto size_of_number = [](const std::string& text) {
      const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
      return is_number ? text.size() : std::string::npos;
    };
    return std::pair(size_of_number(a), std::string_view(a)) <
           std::pair(size_of_number(b), std::string_view(b));
  }
};

}  // namespace

fs::path names_file(const fs::path& output) {
  return output.extension() == ".npy" ? fs::path(output).replace_extension(".txt") : fs::path();
}

bool can_name(const fs::path& output, const std::string& name) {
  return names_file(output).empty() || name.find_first_of("\r\n") == std::string::npos;
}

void write_table(const fs::path& output, const EmbeddingTable& table, bool overwrite) {
  const auto write_text = [&](const fs::path& file, const std::string& text) {
    base::write_file(file, std::as_bytes(std::span(text)), overwrite);
  };
  if (names_file(output).empty()) return write_text(output, csv_of(table));
  std::string names;
  for (const auto& name : table.names) names += name + '\n';
  write_text(names_file(output), names);
  base::write_file(output, base::encode_npy(table.values, table.columns), overwrite);
}

void check_labels(const std::vector<std::string>& labels) {
  const std::size_t count = std::set<std::string>(labels.begin(), labels.end()).size();
  if (count > eval::kMostGroups) {
    throw Error(ErrorCode::kUsage, "--labels: " + std::to_string(count) + " different labels; at most " +
                                       std::to_string(eval::kMostGroups) + " colours can be told apart");
  }
}

void write_plot(const fs::path& picture, const EmbeddingTable& table, bool overwrite) {
  const auto view = eval::project_to_plane(table.values, table.columns);
  std::map<std::string, eval::PointGroup, LabelOrder> groups;
  for (std::size_t i = 0; i < view.points.size(); ++i) {
    const std::string label = table.labels.empty() ? "" : table.labels[i];
    auto& group = groups[label];
    group.name = label;
    group.points.push_back(view.points[i]);
  }
  std::vector<eval::PointGroup> sorted;
  for (auto& [label, group] : groups) sorted.push_back(std::move(group));
  const auto axis = [&](const char* which, double share) {
    return fmt::format("{} principal component ({:.0f}% of the variance)", which, 100 * share);
  };
  const auto drawn = eval::run_gnuplot([&](const fs::path& file) {
    return eval::scatter_script(sorted, {axis("first", view.share[0]), axis("second", view.share[1])}, file);
  });
  if (drawn) base::write_file(picture, *drawn, overwrite);
}

}  // namespace vaec::cli
