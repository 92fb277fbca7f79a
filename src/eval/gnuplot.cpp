#include "eval/gnuplot.hpp"

#include <span>

#include "eval/process.hpp"
#include "eval/temporary_folder.hpp"
#include "eval/whole_file.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

std::string first_line(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

// In gnuplot's single quotes only the quote itself needs care, and a line break ends the command.
std::string gnuplot_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "''" : c == '\n' || c == '\r' ? " " : std::string(1, c);
  return result + "'";
}

void check_gnuplot() {
  if (!is_installed("gnuplot"))
    throw Error(ErrorCode::kUsage, "gnuplot is not installed (Debian package gnuplot-nox)");
}

std::optional<std::vector<std::byte>> run_gnuplot(
    const std::function<std::string(const std::filesystem::path& picture)>& make_script) {
  check_gnuplot();
  const TemporaryFolder folder;
  const auto picture = folder.path() / "plot.png", script_file = folder.path() / "plot.gnuplot";
  const std::string script = make_script(picture);
  if (script.empty()) return std::nullopt;
  save(script_file, std::as_bytes(std::span(script)));
  const ProcessResult result = run_process({"gnuplot", script_file.string()});
  if (result.status != 0) {
    throw Error(ErrorCode::kWrite, "gnuplot failed: " + first_line(result.output));
  }
  return load(picture);
}

}  // namespace vaec::eval
