#include "train/outputs.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/input_files.hpp"
#include "train/dataset.hpp"
#include "train/image_reader.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

namespace fs = std::filesystem;

fs::path beside(fs::path model, const char* extension) { return model.replace_extension(extension); }

bool ends_within_a_line(const fs::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() == 0) return false;
  in.seekg(-1, std::ios::end);
  return in.get() != '\n';
}

// What is not there yet is no input: a folder of many pictures is searched only where something may be
// replaced.
void refuse_inputs(const Options& options, const std::vector<fs::path>& outputs) {
  std::error_code ignored;
  if (std::none_of(outputs.begin(), outputs.end(),
                   [&](const fs::path& file) { return fs::exists(file, ignored); }))
    return;
  base::InputFiles inputs;
  for (const bool train_split : {true, false}) {
    for (const fs::path& file : dataset_files(options.data, train_split)) inputs.add(file);
  }
  if (!options.valid.empty()) {
    for (const fs::path& file : dataset_files(options.valid, /*train_split=*/false)) inputs.add(file);
  }
  for (const fs::path& file : {options.init, options.resume}) {
    if (!file.empty()) inputs.add(file);
  }
  for (const fs::path& file : outputs) inputs.refuse_as_output(file);
}

}  // namespace

Outputs outputs_of(const Options& options) {
  const auto& model = options.output;
  return {model, beside(model, ".ckpt"), beside(model, ".jsonl"), beside(model, picture_extension())};
}

bool goes_on(const Options& options) {
  std::error_code ignored;
  return !options.resume.empty() && fs::equivalent(options.resume, outputs_of(options).checkpoint, ignored);
}

void check_outputs(const Options& options) {
  const auto outputs = outputs_of(options);
  const bool overwrite = options.overwrite || goes_on(options);
  const std::vector<fs::path> files = {outputs.model, outputs.checkpoint, outputs.log, outputs.picture};
  if (!goes_on(options)) refuse_inputs(options, files);
  for (const auto& file : files) {
    base::check_may_write(file, overwrite);
    base::refuse_pipe(file);
  }
}

Log::Log(const fs::path& file, bool append) : file_(file) {
  const bool torn = append && ends_within_a_line(file);
  out_.open(file, append ? std::ios::app : std::ios::trunc);
  if (torn) out_ << std::endl;
  check();
}

void Log::write(const char* kind, std::int64_t step, double seconds, const Figures& figures,
                double images_per_second) {
  nlohmann::json line{{"kind", kind}, {"step", step}, {"seconds", seconds}};
  if (images_per_second > 0) line["images_per_second"] = images_per_second;
  for (const auto& [name, value] : figures) line[name] = value;
  out_ << line.dump() << std::endl;
  check();
}

void Log::check() const {
  if (!out_) throw Error(ErrorCode::kWrite, file_.string() + ": cannot be written");
}

}  // namespace vaec::train
