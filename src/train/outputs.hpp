// The files that a training run writes: a model, and beside it what tells of the run and goes on from it.
#pragma once

#include <filesystem>
#include <fstream>

#include "train/options.hpp"
#include "train/task.hpp"

namespace vaec::train {

struct Outputs {
  std::filesystem::path model, checkpoint, log, picture;
};
[[nodiscard]] Outputs outputs_of(const Options& options);

// Whether the run goes on with the outputs that are there: it resumes their own checkpoint.
[[nodiscard]] bool goes_on(const Options& options);

// Throws Error kWrite if one of them exists and neither goes_on() nor options.overwrite lets it be replaced,
// or if it cannot be; kUsage if it is also read: as a picture of the data, or as the model to start from.
// Asked before any work.
void check_outputs(const Options& options);

// JSON lines; one object a line, "kind" says what it is.
class Log {
 public:
  // Throws Error kWrite, as write() does. `append`: to what is there; a line that a crash cut short is ended
  // first.
  Log(const std::filesystem::path& file, bool append);
  void write(const char* kind, std::int64_t step, double seconds, const Figures& figures,
             double images_per_second);

 private:
  void check() const;

  std::filesystem::path file_;
  std::ofstream out_;
};

}  // namespace vaec::train
