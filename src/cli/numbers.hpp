// Numbers on the command line. Each is read as it stands, in decimal digits, or refused: CLI11 would take 010
// for 8, -1 and what 64 bits cannot hold for the largest number, and nan for a positive one.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vaec::cli {

// Digits only. Nothing: it is none, or larger than `largest`.
[[nodiscard]] std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t largest);

// Exactly `count` of them, separated by `separator`.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> parse_wholes(std::string_view text, char separator,
                                                                     std::size_t count);

// For the options of an App: to be given to transform(), so that CLI11 reads what was checked.
[[nodiscard]] CLI::Validator whole_number(std::uint64_t low, std::uint64_t high);
[[nodiscard]] CLI::Validator positive_number();  // a finite decimal fraction, more than 0
[[nodiscard]] CLI::Validator share();            // a decimal fraction from 0 to 1
[[nodiscard]] CLI::Validator size_in_bytes();    // 500, 500k, 2G: 1024 to the k

}  // namespace vaec::cli
