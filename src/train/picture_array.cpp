#include "train/picture_array.hpp"

#include <utility>

#include "train/idx.hpp"
#include "train/npy_images.hpp"

namespace vaec::train {

PictureArray read_picture_array(const std::filesystem::path& file) {
  if (is_npy_name(file)) return read_npy_images(file);
  auto idx = std::make_shared<const IdxImages>(read_idx(file));
  return {idx->count, idx->rows, idx->columns, 1, idx->pixels, idx};
}

}  // namespace vaec::train
