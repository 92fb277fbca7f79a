#include "cli/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

// The whole text is a number of this type.
template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t largest) {
  const auto number = parse<std::uint64_t>(text);
  return number && *number <= largest ? number : std::nullopt;
}

std::optional<std::vector<std::uint32_t>> parse_wholes(std::string_view text, char separator,
                                                       std::size_t count) {
  std::vector<std::uint32_t> numbers;
  while (true) {
    const std::size_t end = text.find(separator);
    const auto number = parse<std::uint32_t>(text.substr(0, end));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  if (numbers.size() != count) return std::nullopt;
  return numbers;
}

std::pair<int, int> parse_part(const std::string& option, const std::string& text) {
  const auto numbers = parse_wholes(text, '/', 2);
  constexpr std::uint32_t kMost = 1000000;
  if (!numbers || numbers->front() < 1 || numbers->front() > numbers->back() || numbers->back() > kMost) {
    throw Error(ErrorCode::kUsage, option + " " + text + ": expected I/N with I from 1 to N, like 2/8");
  }
  return {static_cast<int>(numbers->front()), static_cast<int>(numbers->back())};
}

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const std::string range = std::to_string(low) + " to " + std::to_string(high);
  const auto check = [low, high, range](std::string& text) {
    const auto number = parse_whole(text, high);
    if (!number || *number < low) return "Value " + text + " not in range " + range;
    text = std::to_string(*number);
    return std::string();
  };
  return {check, "INT in [" + std::to_string(low) + " - " + std::to_string(high) + "]"};
}

CLI::Validator positive_number() {
  const auto check = [](std::string& text) {
    const auto number = parse<double>(text);
    if (!number || !(*number > 0)) return "Value " + text + " is no positive number";
    constexpr double kLargest = 1e30;
    if (static_cast<float>(*number) == 0) return "Value " + text + " is too small";
    return *number <= kLargest ? std::string() : "Value " + text + " is too large";
  };
  return {check, "POSITIVE"};
}

CLI::Validator number_up_to(int high) {
  const auto check = [high](std::string& text) {
    const auto number = parse<double>(text);
    return number && *number >= 0 && *number <= high
               ? std::string()
               : "Value " + text + " not in range 0 to " + std::to_string(high);
  };
  return {check, "FLOAT in [0 - " + std::to_string(high) + "]"};
}

CLI::Validator share() { return number_up_to(1); }

CLI::Validator size_in_bytes(std::uint64_t least) {
  CLI::AsSizeValue with_unit(/*kb_is_1000=*/false);
  const auto check = [with_unit, least](std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_whole(text.substr(0, digits), std::numeric_limits<std::uint64_t>::max());
    if (!number) return "Value " + text + " is no size";
    if (*number < least) return "Value " + text + " is less than " + std::to_string(least);
    text = std::to_string(*number) + text.substr(digits);
    return with_unit(text);
  };
  return {check, with_unit.get_description()};
}

CLI::Option* add_list(CLI::App& app, const std::string& name, std::function<void(const std::string&)> add,
                      const std::string& description, CLI::Validator each) {
  const std::string title = name.substr(name.find("--"));
  const auto take = [title, add = std::move(add), each = std::move(each)](const std::string& text) {
    // Joined by line ends: the option may be repeated, and its items be arguments of their own.
    constexpr const char* kSeparators = ",\n";
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
      std::string item = text.substr(begin, end - begin);
      if (item.empty()) throw CLI::ValidationError(title, "Value " + text + " has an empty place");
      if (const std::string wrong = each(item); !wrong.empty()) throw CLI::ValidationError(title, wrong);
      add(item);
      begin = end + 1;
    }
  };
  return app.add_option_function<std::string>(name, take, description)
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args()
      ->multi_option_policy(CLI::MultiOptionPolicy::Join);
}

CLI::Option* add_numbers(CLI::App& app, const std::string& name, std::size_t count, std::uint32_t largest,
                         std::function<void(const std::vector<std::uint32_t>&)> take,
                         const std::string& description) {
  const auto parse = [=, take = std::move(take)](const std::string& text) {
    const auto numbers = parse_wholes(text, ',', count);
    if (!numbers || std::any_of(numbers->begin(), numbers->end(), [&](auto n) { return n > largest; })) {
      throw CLI::ValidationError(name, "Value " + text + " is not " + std::to_string(count) +
                                           " whole numbers up to " + std::to_string(largest) +
                                           ", separated by commas");
    }
    take(*numbers);
  };
  return app.add_option_function<std::string>(name, parse, description);
}

}  // namespace vaec::cli
