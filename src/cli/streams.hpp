// Whole files and standard streams, in and out. `-` stands for standard input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file_attributes.hpp"
#include "vaec/options.hpp"

namespace vaec::cli {

inline constexpr const char* kStandardStream = "-";

// To be called before any file is opened: of the standard streams one that is closed gets /dev/null in the wrong
// direction, so that no file takes its number and its texts, and using it fails as before.
void occupy_closed_streams();

// Reads a file, a pipe or a device to its end, or standard input for "-". What is longer than an input within
// `limits` can sensibly be, or than the memory that they allow, is refused before it is read. `attributes`: those
// that an output made of it gets; none for standard input and for what is no file.
// `look` gets the beginning of what is longer than that, before the rest is read, and may throw.
// Throws Error: kUnreadable, kLimit, kInterrupted; all name the file.
using Look = std::function<void(std::span<const std::byte> beginning)>;
[[nodiscard]] std::vector<std::byte> read_input(const std::filesystem::path& file, const Limits& limits,
                                                std::optional<base::FileAttributes>* attributes = nullptr,
                                                const Look& look = {});

// A .vaec file: of anything else no more than the beginning is read. Throws Error kCorrupt, too.
[[nodiscard]] std::vector<std::byte> read_vaec_file(
    const std::filesystem::path& file, const Limits& limits,
    std::optional<base::FileAttributes>* attributes = nullptr);

// Throws Error: kUsage (standard output is a terminal), kWrite, kInterrupted (nobody reads it).
void write_standard_output(std::span<const std::byte> bytes);
void check_standard_output();

// Text, and one line, on standard output, at once. Throws Error kWrite, kInterrupted.
void print(const std::string& text);
void print_line(const std::string& line);

// How messages call a file: "standard input" for "-".
[[nodiscard]] std::string display_name(const std::filesystem::path& file);

}  // namespace vaec::cli
