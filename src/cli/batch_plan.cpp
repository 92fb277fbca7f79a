#include "cli/batch_plan.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <system_error>

#include "base/input_files.hpp"
#include "cli/output_folders.hpp"
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

// Throws Error kUsage.
Destination destination_of(const std::vector<std::string>& inputs, const std::string& output, bool has_folder,
                           const Naming& naming) {
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
  if (naming.is_result(output)) {
    throw Error(ErrorCode::kUsage,
                output + ": is called as one file, and several need a folder (if it shall be one, name it " +
                    output + "/)");
  }
  return Destination::kFolder;
}

// A file to work on, and where it was found: its own folder if it was named itself.
struct Source {
  Job job;
  fs::path root;
  bool keeps_whole_name = false;
};

void list_folder(const fs::path& folder, const fs::path& root, const Naming& naming,
                 std::vector<Source>& sources, LeftOut& left_out) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(*it);
  }
  if (error) {
    sources.push_back({{folder, {}, folder.string() + ": cannot be listed: " + error.message()}, root});
  }
  std::sort(entries.begin(), entries.end());
  for (const fs::directory_entry& entry : entries) {
    std::error_code ignored;
    if (entry.is_directory(ignored)) {
      if (entry.is_symlink(ignored)) {
        left_out.add_linked_folder(entry.path());  // it could lead round in circles
      } else {
        list_folder(entry.path(), root, naming, sources, left_out);
      }
      continue;
    }
    switch (naming.look(entry.path())) {
      case Sight::kTaken:
        sources.push_back({{entry.path(), {}, problem_among_others(entry.path())}, root});
        break;
      case Sight::kOther:
        left_out.add_other(entry.path());
        break;
      case Sight::kUnreadable:
        left_out.add_unreadable(entry.path());
        break;
      case Sight::kBeside:
        break;
    }
  }
}

void set_output(Source& source, Destination destination, const std::string& output, const Naming& naming) {
  Job& job = source.job;
  const fs::path folder = job.input.parent_path();
  const auto name = [&] {
    return (source.keeps_whole_name ? naming.rename_whole : naming.rename)(job.input.filename());
  };
  switch (destination) {
    case Destination::kStandardOutput:
      job.output = kStandardStream;
      break;
    case Destination::kFile:
      job.output = output;
      break;
    case Destination::kBeside:
      job.output = folder / name();
      break;
    case Destination::kFolder: {
      const fs::path below = job.input.lexically_relative(source.root).parent_path();
      job.mirrored = static_cast<std::size_t>(std::distance(below.begin(), below.end()));
      job.output = (fs::path(output) / below / name()).lexically_normal();
      break;
    }
  }
}

// Results with one name, of inputs with several (a.jpg and a.png), keep the whole of those. Such a name may be
// another one's result, too, which then does the same.
void keep_names_apart(std::vector<Source>& sources, Destination destination, const std::string& output,
                      const Naming& naming) {
  if (destination != Destination::kBeside && destination != Destination::kFolder) return;
  std::map<fs::path, fs::path> identities;  // of folders: looked up once
  const auto place = [&](const Job& job) {
    const auto [found, is_new] = identities.try_emplace(job.output.parent_path());
    if (is_new) found->second = base::identity(found->first.empty() ? "." : found->first);
    return found->second / job.output.filename();
  };
  for (bool changed = true; changed;) {
    changed = false;
    std::map<fs::path, std::vector<Source*>> places;
    for (Source& source : sources) {
      if (source.job.problem.empty()) places[place(source.job)].push_back(&source);
    }
    for (const auto& [path, meeting] : places) {
      const fs::path name = meeting.front()->job.input.filename();
      const bool differ = std::any_of(meeting.begin(), meeting.end(),
                                      [&](const Source* s) { return s->job.input.filename() != name; });
      for (Source* source : meeting) {
        if (!differ || source->keeps_whole_name) continue;
        source->keeps_whole_name = changed = true;
        set_output(*source, destination, output, naming);
      }
    }
  }
}

void find_conflicts(Plan& plan) {
  base::InputFiles inputs;
  std::map<fs::path, const Job*> outputs;
  for (const Job& job : plan.jobs) {
    if (job.input != kStandardStream) inputs.add(job.input);
  }
  for (Job& job : plan.jobs) {
    if (!job.problem.empty() || job.output == kStandardStream) continue;
    try {
      inputs.refuse_as_output(job.output);
      const auto [other, is_new] = outputs.emplace(base::identity(job.output), &job);
      if (!is_new) {
        throw Error(ErrorCode::kUsage, job.input.string() + ": would become " + job.output.string() +
                                           ", as " + other->second->input.string() +
                                           " does: work on it alone, with its own -o");
      }
    } catch (const Error& error) {
      if (plan.is_single) throw;
      job.problem = error.what();
      job.code = error.code();
    }
  }
}

// `vaec compress in.png out.vaec`, as other programs are called.
void refuse_output_as_input(const std::vector<std::string>& inputs, const std::string& output,
                            const Naming& naming) {
  std::error_code ignored;
  if (inputs.size() != 2 || !output.empty() || !naming.is_result(inputs.back()) ||
      fs::exists(fs::symlink_status(inputs.back(), ignored))) {
    return;
  }
  throw Error(ErrorCode::kUsage,
              inputs.back() + ": there is no such file; an output is named by -o " + inputs.back());
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
  const Destination destination = destination_of(inputs, output, has_folder, naming);
  if (has_stream && destination == Destination::kFolder) {
    throw Error(ErrorCode::kUsage,
                output + ": is a folder; what comes from standard input needs a file name");
  }

  refuse_output_as_input(inputs, output, naming);

  Plan plan;
  plan.is_single = inputs.size() == 1 && !has_folder;
  plan.makes_folders = destination == Destination::kFolder;
  std::vector<Source> sources;
  for (const std::string& input : inputs) {
    if (!is_folder(input)) {
      sources.push_back(
          {{input, {}, inputs.size() > 1 ? problem_among_others(input) : ""}, fs::path(input).parent_path()});
    } else if (recursive) {
      list_folder(input, input, naming, sources, plan.left_out);
      plan.top_rights &= rights_of_folder(input);
    } else {
      throw Error(ErrorCode::kUsage, input + ": is a folder (use -r to work on what is in it)");
    }
  }
  for (Source& source : sources) {
    if (source.job.problem.empty()) set_output(source, destination, output, naming);
  }
  keep_names_apart(sources, destination, output, naming);
  for (Source& source : sources) plan.jobs.push_back(std::move(source.job));
  if (plan.jobs.empty()) {
    std::string message = inputs.front() + ": holds no file to work on";
    for (const std::string& sentence : plan.left_out.sentences(naming.wanted)) message += "; " + sentence;
    throw Error(ErrorCode::kUnreadable, message);
  }
  find_conflicts(plan);
  return plan;
}

}  // namespace vaec::cli
