// What vaec embed writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vaec::cli {

// A row for each vector: NAMES[i] is whose row i is. All vectors are of one size.
struct EmbeddingTable {
  std::vector<std::string> names, labels;  // labels: as many, or none
  std::vector<float> values;               // [names.size(), columns]
  std::size_t columns = 0;
};

// The list of names beside a .npy file: "a.txt" of "a.npy". Empty for other outputs, which hold them.
[[nodiscard]] std::filesystem::path names_file(const std::filesystem::path& output);

// Whether `output` can hold a row of this name: a line break in it would be two names in a list.
[[nodiscard]] bool can_name(const std::filesystem::path& output, const std::string& name);

// A .npy file, float32 [N, columns], and before it its list of names, one a line; or, by the extension, a CSV file: a line of
// headings (file,v0,v1,...), then a line a vector, of numbers that read back as they were. Throws Error kWrite.
void write_table(const std::filesystem::path& output, const EmbeddingTable& table, bool overwrite);

// Their principal components as a PNG file, a colour a label. Throws Error: kUsage (gnuplot is not installed, too many labels), kWrite.
void write_plot(const std::filesystem::path& picture, const EmbeddingTable& table, bool overwrite);

// Throws Error kUsage: more labels than colours.
void check_labels(const std::vector<std::string>& labels);

}  // namespace vaec::cli
