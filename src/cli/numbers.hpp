// Numbers on the command line. Each is read as it stands, in decimal digits, or refused: CLI11 would take 010
// for 8, -1 and what 64 bits cannot hold for the largest number, and nan for a positive one.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vaec::cli {

// Digits only. Nothing: it is none, or larger than `largest`.
[[nodiscard]] std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t largest);

// Exactly `count` of them, separated by `separator`.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> parse_wholes(std::string_view text, char separator,
                                                                     std::size_t count);

// "I/N", a part of several, with I from 1 to N. Throws Error kUsage that names the option.
[[nodiscard]] std::pair<int, int> parse_part(const std::string& option, const std::string& text);

// For the options of an App: to be given to transform(), so that CLI11 reads what was checked.
[[nodiscard]] CLI::Validator whole_number(std::uint64_t low, std::uint64_t high);
// A decimal fraction, more than 0, at most 1e30: what is computed with it may be in 32-bit floats.
[[nodiscard]] CLI::Validator positive_number();
[[nodiscard]] CLI::Validator number_up_to(int high);  // a decimal fraction from 0
[[nodiscard]] CLI::Validator share();                 // from 0 to 1
// 500, 500k, 2G: 1024 to the k.
[[nodiscard]] CLI::Validator size_in_bytes(std::uint64_t least = 0);

// An option that takes a list, separated by commas; `add` gets each item after `each` has checked it. An
// empty place is refused, where CLI11 would leave it out.
CLI::Option* add_list(CLI::App& app, const std::string& name, std::function<void(const std::string&)> add,
                      const std::string& description, CLI::Validator each = {});

// An option that takes exactly `count` whole numbers, none above `largest`, separated by commas.
CLI::Option* add_numbers(CLI::App& app, const std::string& name, std::size_t count, std::uint32_t largest,
                         std::function<void(const std::vector<std::uint32_t>&)> take,
                         const std::string& description);

}  // namespace vaec::cli
