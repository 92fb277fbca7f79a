#include "train/dataset.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

#include "base/interrupt.hpp"
#include "base/mapped_file.hpp"
#include "base/picture_names.hpp"
#include "base/threads.hpp"
#include "train/image_reader.hpp"
#include "train/packed.hpp"
#include "train/picture_array.hpp"
#include "train/unreadable.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

namespace fs = std::filesystem;

bool is_packed(const fs::path& file) { return base::lower_case(file.extension().string()) == ".vpack"; }
bool is_test_split(const fs::path& file) {
  const auto name = base::lower_case(file.filename().string());
  return name.find("t10k") != std::string::npos || name.find("test") != std::string::npos;
}

// The images share the memory of `owner`, which is only read.
torch::Tensor share(const void* samples, std::int64_t height, std::int64_t width, std::int64_t channels,
                    std::shared_ptr<const void> owner) {
  return torch::from_blob(
      const_cast<void*>(samples), {height, width, channels}, [owner = std::move(owner)](void*) {},
      torch::kUInt8);
}

void add_array(const fs::path& file, std::vector<torch::Tensor>& images) {
  const auto array = std::make_shared<const PictureArray>(read_picture_array(file));
  const auto size = [](std::size_t number) { return static_cast<std::int64_t>(number); };
  images.reserve(images.size() + array->count);
  for (std::size_t i = 0; i < array->count; ++i)
    images.push_back(
        share(array->picture(i), size(array->rows), size(array->columns), size(array->channels), array));
}

void add_packed(const fs::path& file, std::vector<torch::Tensor>& images) {
  const auto mapped = base::map_file(file, ErrorCode::kUnreadable);
  try {
    for (const auto& image : parse_packed(mapped.bytes)) {
      images.push_back(
          share(image.samples.data(), image.height, image.width, image.channels, mapped.storage));
    }
  } catch (const Error& error) {
    throw Error(error.code(), file.string() + ": " + error.what());
  }
}

// An undefined tensor (and a warning) for a picture that cannot be read.
torch::Tensor read_image(const fs::path& file) {
  try {
    auto image = std::make_shared<const Image>(read_picture(file));
    if (image->samples.empty() ||
        image->samples.size() != std::uint64_t{image->width} * image->height * image->channels) {
      fail(file.string() + ": no pixels");
    }
    return share(image->samples.data(), image->height, image->width, image->channels, image);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    spdlog::warn("left out: {}", error.what());
    return {};
  }
}

void add_pictures(const std::vector<fs::path>& files, int threads, std::vector<torch::Tensor>& images) {
  std::vector<torch::Tensor> read(files.size());
  std::atomic<std::size_t> next = 0;
  std::exception_ptr thrown;
  std::once_flag thrown_once;
  const auto read_some = [&](std::size_t) {
    try {
      for (std::size_t i = next++; i < files.size() && !base::stop_requested(); i = next++)
        read[i] = read_image(files[i]);
    } catch (...) {
      std::call_once(thrown_once, [&] { thrown = std::current_exception(); });
      next = files.size();
    }
  };
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(threads), files.size());
  auto others = base::start_threads(std::max<std::size_t>(count, 1) - 1, read_some);
  read_some(0);
  others.clear();  // joins
  if (thrown) std::rethrow_exception(thrown);
  if (base::stop_requested()) throw Error(ErrorCode::kInterrupted, "interrupted while the images were read");
  std::copy_if(read.begin(), read.end(), std::back_inserter(images),
               [](const torch::Tensor& image) { return image.defined(); });
}

// Regular files below `folder`, in sorted order.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(folder, options, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) files.push_back(entry->path());
  }
  if (error) fail(folder.string() + ": cannot be listed: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

enum class Kind { kIdx, kPacked, kPictures, kNpy };

struct Selection {
  Kind kind = Kind::kPictures;
  std::vector<fs::path> files;
  std::vector<fs::path> left_out;  // what is beside pictures
};

// What is read of a folder: of one kind alone.
Selection select_from(const fs::path& folder, bool train_split) {
  const auto files = files_below(folder);
  const auto select = [&](const auto& wanted) {
    std::vector<fs::path> selected;
    std::copy_if(files.begin(), files.end(), std::back_inserter(selected), wanted);
    return selected;
  };
  if (std::any_of(files.begin(), files.end(), is_idx_name)) {
    return {
        Kind::kIdx,
        select([&](const fs::path& file) { return is_idx_name(file) && is_test_split(file) != train_split; }),
        {}};
  }
  if (auto packed = select(is_packed); !packed.empty()) return {Kind::kPacked, std::move(packed), {}};
  // Features or labels may lie beside pictures: these are meant.
  std::vector<fs::path> pictures, others;
  std::partition_copy(files.begin(), files.end(), std::back_inserter(pictures), std::back_inserter(others),
                      is_picture);
  if (auto arrays = select(is_npy_name); pictures.empty() && !arrays.empty())
    return {Kind::kNpy, std::move(arrays), {}};
  return {Kind::kPictures, std::move(pictures), std::move(others)};
}

Selection select_file(const fs::path& file) {
  return {is_packed(file)                     ? Kind::kPacked
          : is_npy_name(file)                 ? Kind::kNpy
          : base::has_picture_extension(file) ? Kind::kPictures
                                              : Kind::kIdx,
          {file},
          {}};
}

void tell_left_out(const std::vector<fs::path>& files) {
  constexpr std::size_t kNamed = 3;
  if (files.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, files.size()); ++i)
    names += (i > 0 ? ", " : "") + files[i].string();
  spdlog::warn("{} file(s) left out that are no pictures: {}{}", files.size(), names,
               files.size() > kNamed ? ", ..." : "");
}

void add_selected(const Selection& selection, int threads, std::vector<torch::Tensor>& images) {
  if (selection.kind == Kind::kPictures) return add_pictures(selection.files, threads, images);
  const auto add = selection.kind == Kind::kPacked ? add_packed : add_array;
  for (const auto& file : selection.files) add(file, images);
}

std::string name_of(const fs::path& path) {
  std::error_code unknown;  // the current folder may be gone
  const auto whole = fs::absolute(path, unknown), normal = (unknown ? path : whole).lexically_normal();
  return (normal.has_filename() ? normal : normal.parent_path()).filename().string();
}

}  // namespace

std::vector<fs::path> dataset_files(const fs::path& path, bool train_split) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? select_from(path, train_split).files : std::vector{path};
}

Dataset load_dataset(const fs::path& path, bool train_split, int threads) {
  std::error_code ignored;
  Dataset dataset;
  if (fs::is_directory(path, ignored)) {
    const auto selection = select_from(path, train_split);
    if (selection.kind == Kind::kIdx && selection.files.empty()) {
      fail(path.string() + ": has IDX files, but none of its " + (train_split ? "training" : "test") +
           " images");
    }
    tell_left_out(selection.left_out);
    add_selected(selection, threads, dataset.images);
  } else if (fs::is_regular_file(path, ignored)) {
    add_selected(select_file(path), threads, dataset.images);
  } else {
    fail(path.string() + (fs::exists(path, ignored) ? ": is neither a regular file nor a folder"
                                                    : ": no such file or folder"));
  }
  if (dataset.images.empty()) fail(path.string() + ": no image in it that can be read");

  double pixels = 0;
  for (const auto& image : dataset.images) pixels += static_cast<double>(image.size(0) * image.size(1));
  char sizes[64];
  std::snprintf(sizes, sizeof sizes, "%zu image%s, %.1f MP, from ", dataset.images.size(),
                dataset.images.size() == 1 ? "" : "s", pixels / 1e6);
  dataset.description = sizes + name_of(path);
  return dataset;
}

bool has_test_split(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return false;
  bool train = false, test = false;
  for (const auto& file : files_below(path)) {
    if (is_idx_name(file)) (is_test_split(file) ? test : train) = true;
  }
  return train && test;
}

torch::Tensor fold_of(std::int64_t count, int fold, int folds) {
  if (count < folds) {
    throw Error(ErrorCode::kUsage, "--fold: " + std::to_string(count) + " images cannot make " +
                                       std::to_string(folds) + " parts");
  }
  constexpr std::uint64_t kSeed =
      1;  // another generator than training's, which draws what it would without folds
  auto generator = at::make_generator<at::CPUGeneratorImpl>(kSeed);
  const auto place = torch::randperm(count, generator, torch::kInt64);
  return place.remainder(folds) == fold - 1;
}

int colours_of(const Dataset& dataset) {
  for (const auto& image : dataset.images) {
    if (image.size(2) == 3 && !(torch::equal(image.select(2, 0), image.select(2, 1)) &&
                                torch::equal(image.select(2, 0), image.select(2, 2))))
      return 3;
  }
  return 1;
}

torch::Tensor stack_images(const Dataset& dataset, int colours, std::int64_t max_side) {
  const auto size_text = [](const torch::Tensor& image) {
    return std::to_string(image.size(1)) + "x" + std::to_string(image.size(0));
  };
  const auto& first = dataset.images.at(0);
  if (first.size(0) > max_side || first.size(1) > max_side)
    fail("images of " + size_text(first) + ": each side must be at most " + std::to_string(max_side));
  auto stacked =
      torch::empty({static_cast<std::int64_t>(dataset.images.size()), colours, first.size(0), first.size(1)},
                   torch::kUInt8);
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    auto image = dataset.images[i];
    if (image.size(0) != first.size(0) || image.size(1) != first.size(1)) {
      fail("image " + std::to_string(i) + " is " + size_text(image) + ", the first is " + size_text(first) +
           ": all must be of one size");
    }
    if (image.size(2) == 3 && colours == 1) {
      const auto rgb = image.to(torch::kInt32);
      image = (299 * rgb.select(2, 0) + 587 * rgb.select(2, 1) + 114 * rgb.select(2, 2) + 500)
                  .div(1000, "floor")
                  .to(torch::kUInt8)
                  .unsqueeze(2);
    }
    stacked[static_cast<std::int64_t>(i)].copy_(image.permute({2, 0, 1}));  // one channel serves for three
  }
  return stacked;
}

}  // namespace vaec::train
