#include "cli/help.hpp"

#include <sstream>
#include <string>

namespace vaec::cli {
namespace {

constexpr std::size_t kLeftColumn = 30, kWidth = 100;

// The words of `text` in lines that start at the right column; the first goes on from `used` characters.
std::string wrapped(const std::string& text, std::size_t used) {
  std::string result;
  if (used + 1 > kLeftColumn) {
    result += "\n";
    used = 0;
  }
  result.append(kLeftColumn - used, ' ');
  std::size_t column = kLeftColumn;
  std::istringstream words(text);
  for (std::string word; words >> word; column += word.size()) {
    if (column > kLeftColumn && column + 1 + word.size() > kWidth) {
      result += "\n" + std::string(kLeftColumn, ' ');
      column = kLeftColumn;
    } else if (column > kLeftColumn) {
      result += ' ';
      ++column;
    }
    result += word;
  }
  return result + "\n";
}

// "-o,--output", without what a flag turns to: "--no-guard{false}".
std::string names_of(const CLI::Option& option) {
  std::string names;
  const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ",") + name; };
  for (const std::string& name : option.get_snames()) add("-" + name);
  for (const std::string& name : option.get_lnames()) add("--" + name);
  return names;
}

// CLI11 tells what names stand for: "{auto->0,fp32->1}".
std::string choices_of(const std::string& choice) {
  std::string names;
  for (std::size_t i = 0; i < choice.size(); ++i) {
    if (choice.compare(i, 2, "->") == 0) i = choice.find_first_of(",}", i);
    names += choice[i];
  }
  return names;
}

class Formatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    const std::string left =
        "  " + (is_positional ? option->get_name(true) : names_of(*option)) + make_option_opts(option);
    std::string right = make_option_desc(option);
    if (!option->get_default_str().empty()) right += " (default: " + option->get_default_str() + ")";
    return left + wrapped(right, left.size());
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0) return "";  // a flag
    // "N:INT in [1 - 100]", "TEXT:{a,b}": the name, or the choice if there is one.
    const std::string type = option->get_type_name();
    const std::size_t choice = type.find('{');
    const std::string shown =
        choice != std::string::npos ? choices_of(type.substr(choice)) : type.substr(0, type.find(':'));
    const bool is_open = option->get_expected_max() > 1 && !shown.ends_with("...");
    return (shown.empty() ? "" : " " + shown) + (is_open ? "..." : "");
  }

  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string left = "  " + sub->get_name();
    return left + wrapped(sub->get_description(), left.size());
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<Formatter>(); }

}  // namespace vaec::cli
