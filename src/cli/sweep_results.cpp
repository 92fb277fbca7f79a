#include "cli/sweep_results.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/json.hpp"
#include "base/mapped_file.hpp"
#include "eval/csv.hpp"
#include "eval/gnuplot.hpp"
#include "model/model_file.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

constexpr std::size_t kMostResultBytes = std::size_t{1} << 16;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Cells of a table, the first line its head, as lines of columns of one width.
std::string in_columns(const std::vector<std::vector<std::string>>& cells) {
  std::vector<std::size_t> widths(cells.front().size());
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : cells) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i)
      row += fmt::format("{}{:>{}}", i == 0 ? "" : "  ", line[i], widths[i]);
    text += row + "\n";
  }
  return text;
}

// Where a value stands on its axis: a number at itself, a list at its place among the lists.
double place_of(const Axis& axis, const std::string& value) {
  if (axis.name != "hidden") return std::stod(value);
  return static_cast<double>(std::find(axis.values.begin(), axis.values.end(), value) - axis.values.begin());
}

// The values themselves below the axis, unless they were drawn from a range.
std::string ticks_of(const Axis& axis) {
  std::string ticks;
  for (const auto& value : axis.values) {
    ticks +=
        fmt::format("{}{} {}", ticks.empty() ? "" : ", ", eval::gnuplot_quoted(value), place_of(axis, value));
  }
  return ticks.empty() ? "set xtics autofreq\n" : "set xtics (" + ticks + ")\n";
}

}  // namespace

Score score_of(const std::string& architecture) {
  return architecture == "mnist" ? Score{"elbo", 1} : Score{"loss", -1};
}

FoldResult result_of(const std::filesystem::path& model, const Score& score) {
  const auto file = model::SafeTensors::open(model);
  const auto card = file.metadata().find(model::kCardKey);
  if (card == file.metadata().end()) throw Error(ErrorCode::kModel, model.string() + ": has no card");
  const auto json =
      base::parse_json(card->second, model::kMaxCardBytes, ErrorCode::kModel, model.string() + ": its card");
  if (!json.is_object() || !json.contains("validation") || !json["validation"].is_object() ||
      !json["validation"].contains(score.figure) || !json["validation"][score.figure].is_number())
    throw Error(ErrorCode::kModel, model.string() + ": its card has no validation");
  return {score.sign * json["validation"][score.figure].get<double>(), json.value("seconds", 0.0), {}};
}

void save_result(const std::filesystem::path& file, const FoldResult& result) {
  nlohmann::json json{{"seconds", result.seconds}};
  if (result.error.empty()) {
    json["score"] = result.score;
  } else {
    json["error"] = result.error;
  }
  const auto text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  base::write_file(file, std::as_bytes(std::span(text)), /*overwrite=*/true);
}

std::optional<FoldResult> load_result(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  const auto mapped = base::map_file(file, ErrorCode::kUnreadable);
  const std::string text(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size());
  const auto json = base::parse_json(text, kMostResultBytes, ErrorCode::kUnreadable, file.string());
  const auto is = [&](const char* name, bool (nlohmann::json::*kind)() const noexcept) {
    return json.contains(name) && (json[name].*kind)();
  };
  if (!json.is_object() || !is("seconds", &nlohmann::json::is_number) ||
      is("score", &nlohmann::json::is_number) == is("error", &nlohmann::json::is_string))
    throw Error(ErrorCode::kUnreadable,
                file.string() + ": is no result of a sweep; remove it to train again");
  return FoldResult{json.value("score", 0.0), json["seconds"].get<double>(), json.value("error", "")};
}

double PointResult::mean() const {
  double sum = 0;
  for (const auto& fold : folds) sum += fold.error.empty() ? fold.score : kNone;
  return sum / static_cast<double>(folds.size());
}

double PointResult::deviation() const {
  if (folds.size() < 2) return 0;
  double sum = 0;
  for (const auto& fold : folds) sum += (fold.score - mean()) * (fold.score - mean());
  return std::sqrt(sum / static_cast<double>(folds.size() - 1));
}

double PointResult::seconds() const {
  double sum = 0;
  for (const auto& fold : folds) sum += fold.seconds;
  return sum;
}

void sort_by_score(std::vector<PointResult>& results) {
  const auto key = [](const PointResult& result) {
    return std::isfinite(result.mean()) ? result.mean() : -std::numeric_limits<double>::infinity();
  };
  std::stable_sort(results.begin(), results.end(),
                   [&](const PointResult& a, const PointResult& b) { return key(a) > key(b); });
}

std::string table_of(const std::vector<Axis>& axes, const std::vector<PointResult>& results,
                     const Score& score) {
  std::vector<std::vector<std::string>> cells(1);
  for (const auto& axis : axes) cells[0].push_back(axis.name);
  for (const auto& head : {score.figure, std::string("+-"), std::string("seconds")}) cells[0].push_back(head);
  for (const auto& result : results) {
    auto line = result.point;
    if (std::isfinite(result.mean())) {
      line.push_back(fmt::format("{:.5g}", score.sign * result.mean()));
      line.push_back(fmt::format("{:.2g}", result.deviation()));
    } else {
      line.insert(line.end(), {"failed", ""});
    }
    line.push_back(fmt::format("{:.0f}", result.seconds()));
    cells.push_back(std::move(line));
  }
  return in_columns(cells);
}

std::string csv_of(const std::vector<Axis>& axes, const std::vector<PointResult>& results,
                   const Score& score) {
  std::string text;
  for (const auto& axis : axes) text += axis.name + ",";
  text += score.figure + ",deviation,seconds";
  const std::size_t folds = results.empty() ? 0 : results.front().folds.size();
  for (std::size_t i = 0; i < folds; ++i) text += fmt::format(",fold{}", i + 1);
  text += "\n";
  for (const auto& result : results) {
    for (const auto& value : result.point) text += eval::csv_quoted(value) + ",";
    if (std::isfinite(result.mean()))
      text += fmt::format("{:.9g},{:.9g}", score.sign * result.mean(), result.deviation());
    else
      text += ",";
    text += fmt::format(",{:.9g}", result.seconds());
    for (const auto& fold : result.folds)
      text += fold.error.empty() ? fmt::format(",{:.9g}", score.sign * fold.score) : ",";
    text += "\n";
  }
  return text;
}

std::string plot_script_of(const std::vector<Axis>& axes, const std::vector<PointResult>& results,
                           const Score& score, const std::filesystem::path& picture) {
  std::string data, plots;
  int panels = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::set<std::string> values;
    std::string points;
    for (const auto& result : results) {
      if (!std::isfinite(result.mean())) continue;
      values.insert(result.point[i]);
      points += fmt::format("{} {} {}\n", place_of(axes[i], result.point[i]), score.sign * result.mean(),
                            result.deviation());
    }
    if (values.size() < 2) continue;
    data += fmt::format("$axis{} << EOD\n{}EOD\n", i, points);
    plots += fmt::format(
        "set xlabel '{}'\n{}{}set logscale x\n"
        "plot $axis{} using 1:2:3 with yerrorbars linecolor 1 pointtype 7 pointsize 0.8 notitle\n",
        axes[i].name, ticks_of(axes[i]), axes[i].name == "hidden" ? "un" : "", i);
    ++panels;
  }
  if (panels == 0) return "";
  constexpr int kPanelWidth = 450, kPanelHeight = 400;
  return data +
         fmt::format(
             "set terminal pngcairo noenhanced size {},{} font 'sans,11'\nset output {}\nset grid\nset "
             "offsets "
             "graph 0.05, graph 0.05, graph 0.05, graph 0.05\nset ylabel '{}'\nset multiplot layout 1,{}\n",
             panels * kPanelWidth, kPanelHeight, eval::gnuplot_quoted(picture.string()), score.figure,
             panels) +
         plots + "unset multiplot\n";
}

}  // namespace vaec::cli
