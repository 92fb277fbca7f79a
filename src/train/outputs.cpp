#include "train/outputs.hpp"

#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
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
  for (const auto& file : {outputs.model, outputs.checkpoint, outputs.log, outputs.picture}) {
    base::check_may_write(file, overwrite);
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
