#include "cli/batch_plan.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include "base/input_files.hpp"
#include "cli/streams.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// Where the outputs go.
enum class Destination { kBeside, kStandardOutput, kFile, kFolder };

Destination destination_of(const std::vector<std::string>& inputs, const std::string& output,
                           bool has_folder) {
  if (output.empty())
    return inputs.front() == kStandardStream ? Destination::kStandardOutput : Destination::kBeside;
  const bool is_many = has_folder || inputs.size() > 1;
  if (output == kStandardStream) {
    if (is_many) throw Error(ErrorCode::kUsage, "-o -: several files do not fit into standard output");
    return Destination::kStandardOutput;
  }
  std::error_code ignored;
  if (output.ends_with('/') || is_folder(output)) return Destination::kFolder;
  if (!is_many) return Destination::kFile;
  if (fs::exists(output, ignored)) {
    throw Error(ErrorCode::kUsage, output + ": is no folder, and several files need one");
  }
  return Destination::kFolder;
}

void list_folder(const fs::path& folder, const Naming& naming, std::vector<Job>& found) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(*it);
  }
  if (error) found.push_back({folder, {}, folder.string() + ": cannot be listed: " + error.message()});
  std::sort(entries.begin(), entries.end());
  for (const fs::directory_entry& entry : entries) {
    std::error_code ignored;
    if (entry.is_directory(ignored)) {
      if (!entry.is_symlink(ignored))
        list_folder(entry.path(), naming, found);  // a link could lead round in circles
    } else if (naming.takes(entry.path())) {
      found.push_back({entry.path(), {}, problem_among_others(entry.path())});
    }
  }
}

// The output of `input`, which was found under `root` (its own folder if it was named itself).
fs::path output_of(const fs::path& input, const fs::path& root, Destination destination,
                   const std::string& output, const Naming& naming) {
  switch (destination) {
    case Destination::kStandardOutput:
      return kStandardStream;
    case Destination::kFile:
      return output;
    case Destination::kBeside:
      return input.parent_path() / naming.rename(input.filename());
    case Destination::kFolder:
      break;
  }
  return (fs::path(output) / input.lexically_relative(root).parent_path() / naming.rename(input.filename()))
      .lexically_normal();
}

void check_conflicts(const std::vector<Job>& jobs) {
  base::InputFiles inputs;
  std::map<fs::path, const Job*> outputs;
  for (const Job& job : jobs) {
    if (job.problem.empty() && job.input != kStandardStream) inputs.add(job.input);
  }
  for (const Job& job : jobs) {
    if (!job.problem.empty() || job.output == kStandardStream) continue;
    inputs.refuse_as_output(job.output);
    const auto [other, is_new] = outputs.emplace(base::identity(job.output), &job);
    if (!is_new) {
      throw Error(ErrorCode::kUsage, other->second->input.string() + " and " + job.input.string() +
                                         " would both become " + job.output.string() +
                                         ": work on them one at a time, each with its own -o");
    }
  }
}

}  // namespace

std::string problem_among_others(const fs::path& file) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  if (!fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status)) return "";
  const char* kind = fs::is_fifo(status) ? "a named pipe" : fs::is_socket(status) ? "a socket" : "a device";
  return file.string() + ": is " + kind + ", not a file: it can only be read alone";
}

Plan plan_batch(const std::vector<std::string>& inputs, const std::string& output, bool recursive,
                const Naming& naming) {
  const bool has_folder = std::any_of(inputs.begin(), inputs.end(), is_folder);
  const bool has_stream = std::find(inputs.begin(), inputs.end(), kStandardStream) != inputs.end();
  if (has_stream && inputs.size() > 1) throw Error(ErrorCode::kUsage, "- (standard input) must stand alone");
  const Destination destination = destination_of(inputs, output, has_folder);
  if (has_stream && destination == Destination::kFolder) {
    throw Error(ErrorCode::kUsage,
                output + ": is a folder; what comes from standard input needs a file name");
  }

  Plan plan;
  plan.is_single = inputs.size() == 1 && !has_folder;
  plan.makes_folders = destination == Destination::kFolder;
  for (const std::string& input : inputs) {
    std::vector<Job> found;
    fs::path root = input;
    if (!is_folder(input)) {
      found.push_back({input, {}, inputs.size() > 1 ? problem_among_others(input) : ""});
      root = root.parent_path();
    } else if (recursive) {
      list_folder(input, naming, found);
    } else {
      throw Error(ErrorCode::kUsage, input + ": is a folder (use -r to work on what is in it)");
    }
    for (Job& job : found) {
      if (job.problem.empty()) job.output = output_of(job.input, root, destination, output, naming);
      plan.jobs.push_back(std::move(job));
    }
  }
  if (plan.jobs.empty()) throw Error(ErrorCode::kUnreadable, inputs.front() + ": holds no file to work on");
  check_conflicts(plan.jobs);
  return plan;
}

}  // namespace vaec::cli
