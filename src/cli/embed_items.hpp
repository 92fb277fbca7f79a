// What vaec embed works on.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/failure.hpp"
#include "cli/log.hpp"
#include "train/picture_array.hpp"
#include "vaec/image.hpp"
#include "vaec/options.hpp"

namespace vaec::cli {

// A picture: a file, or one of an array in a file.
struct EmbedItem {
  std::filesystem::path file;
  std::shared_ptr<const train::PictureArray> array = {};  // null: the file is a picture
  std::size_t index = 0;                                  // in the array
  std::optional<Failure> failure = {};                    // it cannot be worked on

  [[nodiscard]] std::string name() const;  // "a.png", or "digits.npy[17]"
  // Throws Error: kUnreadable, kLimit; all name the file.
  [[nodiscard]] Image picture(const Limits& limits) const;
};

// In the order of the inputs, those of a folder sorted, as in a batch; the same file may come twice. Files that are called as IDX
// images or .npy are arrays, which have an item for each picture where `takes_arrays`, else a failure; in folders they are left out.
// Throws what plan_batch() does.
[[nodiscard]] std::vector<EmbedItem> find_embed_items(const std::vector<std::string>& inputs, bool recursive,
                                                      bool takes_arrays, const Verbosity& verbosity);

// An IDX1 file of bytes (.gz too), or text with a label a line. Throws Error kUnreadable that names the file.
[[nodiscard]] std::vector<std::string> read_labels(const std::filesystem::path& file);

}  // namespace vaec::cli
