#include "cli/batch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>

#include "base/atomic_file.hpp"
#include "base/interrupt.hpp"
#include "base/stage.hpp"
#include "base/tell.hpp"
#include "base/threads.hpp"
#include "cli/batch_report.hpp"
#include "cli/failure.hpp"
#include "cli/numbers.hpp"
#include "cli/output_folders.hpp"
#include "cli/program.hpp"
#include "cli/streams.hpp"
#include "cli/whole_output.hpp"
#include "cli/writers.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

void write_output(const Job& job, const Plan& plan, const BatchOptions& options, const FileResult& result) {
  if (job.output == kStandardStream) return write_standard_output(result.output);
  if (plan.makes_folders) make_output_folders(job, plan.top_rights);
  base::write_file(job.output, result.output, options.overwrite || result.replaces_broken, result.attributes);
}

// Whether the output is there, and is to be left as it is if it is whole.
bool may_be_done(const Job& job, const BatchOptions& options) {
  std::error_code unknown;
  return options.skip_existing && job.output != kStandardStream &&
         std::filesystem::is_regular_file(job.output, unknown);
}

void check_output(const Job& job, const Plan& plan, bool overwrite) {
  if (job.output == kStandardStream) return;
  base::check_may_write(job.output, overwrite,
                        plan.makes_folders ? base::Folders::kMade : base::Folders::kThere);
  if (!plan.is_single) base::refuse_pipe(job.output);
}

FileResult run_job(const Job& job, const Plan& plan, const BatchOptions& options, int threads,
                   const std::function<FileResult(const Job&, int)>& work) {
  if (!job.problem.empty()) throw Error(job.code, job.problem);
  bool is_broken = false;
  if (may_be_done(job, options)) {
    const OutputState state = look_at_output(job.output, options.limits());
    if (state == OutputState::kWhole) {
      FileResult skipped;
      skipped.is_skipped = true;
      return skipped;
    }
    is_broken = state == OutputState::kBroken;
  }
  check_output(job, plan, options.overwrite || is_broken);  // again: it may be long ago
  FileResult result = work(job, threads);
  result.replaces_broken = is_broken;
  return result;
}

// Throws Error kUsage.
void keep_shard(const std::string& shard, Plan& plan) {
  const auto [part, parts] = parse_part("--shard", shard);
  std::vector<Job> kept;
  for (auto i = static_cast<std::size_t>(part - 1); i < plan.jobs.size();
       i += static_cast<std::size_t>(parts))
    kept.push_back(std::move(plan.jobs[i]));
  plan.jobs = std::move(kept);
}

// What each stage took, all threads together.
void print_stages() {
  double sum = 0;
  for (std::size_t i = 0; i < base::kStages; ++i) sum += base::seconds_in(static_cast<base::Stage>(i));
  for (std::size_t i = 0; i < base::kStages; ++i) {
    const auto stage = static_cast<base::Stage>(i);
    const double seconds = base::seconds_in(stage);
    if (seconds > 0)
      base::tell("vaec: %-12s %8.3f s %5.1f%%\n", base::name_of(stage), seconds, 100 * seconds / sum);
  }
}

}  // namespace

Limits limits_for(std::uint64_t max_pixels) {
  if (max_pixels == 0) return {};
  constexpr std::uint64_t kLargestSide = std::numeric_limits<std::int32_t>::max();
  Limits limits;
  limits.max_side = static_cast<std::uint32_t>(std::min(max_pixels, kLargestSide));
  limits.max_pixels = max_pixels;
  return limits;
}

Limits BatchOptions::limits() const {
  auto limits = limits_for(max_pixels);
  limits.max_metadata = max_metadata;
  limits.max_memory = memory;
  return limits;
}

void add_max_pixels(CLI::App& app, std::uint64_t& max_pixels) {
  app.add_option("--max-pixels", max_pixels, "Refuse larger images (default: 2^28 pixels, 32768 a side)")
      ->transform(whole_number(1, std::uint64_t{1} << 40))
      ->type_name("N");
}

void add_batch_options(CLI::App& app, BatchOptions& options) {
  options.threads = default_threads();
  app.add_option("INPUT", options.inputs, "Files, folders (with -r), or - for standard input")
      ->required()
      ->type_name("");
  app.add_option("-o,--output", options.output,
                 "Output file, folder (for several files; the tree is mirrored) or - for standard output "
                 "(default: beside each input)")
      ->type_name("OUT");
  app.add_flag("-r,--recursive", options.recursive, "Work on what is in folders, and in folders in them");
  app.add_option("-j,--threads", options.threads, "Threads in all (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  CLI::Option* force = app.add_flag("-f,--force", options.overwrite, "Overwrite outputs that exist");
  app.add_flag("--skip-existing", options.skip_existing,
               "Leave out files whose outputs exist and are whole: resumes an interrupted batch")
      ->excludes(force);
  app.add_option(
         "--shard", options.shard,
         "Work on the I-th of N parts of the files, 1 to N: the same parts wherever the same files are seen")
      ->type_name("I/N");
  app.add_flag("--json", options.json,
               "One JSON object a file on standard output: input, output, status (ok, skipped or error), "
               "width, height, "
               "bytes and bpp (of the .vaec file), seconds, error, notes");
  add_max_pixels(app, options.max_pixels);
  app.add_option(
         "--max-metadata", options.max_metadata,
         "Of ICC profile, EXIF and XMP each: what has more bytes is left out of a .vaec file, and refused "
         "from one; 0 leaves all out (default: 1M)")
      ->transform(size_in_bytes())
      ->type_name("SIZE");
  app.add_option("--memory", options.memory,
                 "Work within so much memory, as 500M or 2G; refuse what needs more (default: no limit)")
      ->transform(size_in_bytes(/*least=*/1))
      ->type_name("SIZE");
  add_verbosity(app, options.verbosity);
}

Plan make_plan(const BatchOptions& options, const Naming& naming) {
  Plan plan = plan_batch(options.inputs, options.output, options.recursive, naming);
  if (!options.shard.empty()) keep_shard(options.shard, plan);
  if (!options.verbosity.quiet) {
    for (const std::string& sentence : plan.left_out.sentences(naming.wanted)) {
      base::tell("vaec: note: %s\n", sentence.c_str());
    }
  }
  return plan;
}

void check_streams(const Plan& plan, const BatchOptions& options) {
  if (plan.jobs.empty() || plan.jobs.front().output != kStandardStream) return;
  if (options.json) {
    throw Error(ErrorCode::kUsage, "--json: standard output takes the file already (choose another -o)");
  }
  check_standard_output();
}

bool check_outputs(Plan& plan, const BatchOptions& options) {
  bool some_left = false;
  for (Job& job : plan.jobs) {
    if (!job.problem.empty()) continue;
    try {
      if (!may_be_done(job, options)) check_output(job, plan, options.overwrite);
      some_left = true;
    } catch (const Error& error) {
      job.problem = error.what();
      job.code = error.code();
    }
  }
  return some_left;
}

namespace {

// What came of one file.
struct Outcome {
  FileResult result;
  std::optional<Failure> failure;
  double seconds = 0;
};

// Reports in the order of the plan, whatever the order in which files are done.
class OrderedReport {
 public:
  OrderedReport(const Plan& plan, const BatchOptions& options)
      : plan_(plan),
        report_(plan.jobs.size(), options.json, options.verbosity.quiet),
        outcomes_(plan.jobs.size()) {}

  // Throws what BatchReport throws. Thread-safe.
  void add(std::size_t index, Outcome outcome) {
    const std::lock_guard lock(mutex_);
    outcomes_[index] = std::move(outcome);
    while (next_ < outcomes_.size() && outcomes_[next_]) tell(next_++);
  }
  // What is done behind files that were not: of an interrupted batch.
  void finish() {
    for (; next_ < outcomes_.size(); ++next_) {
      if (outcomes_[next_]) tell(next_);
    }
    report_.finish();
  }
  [[nodiscard]] const BatchReport& report() const { return report_; }
  [[nodiscard]] ErrorCode last_error() const { return last_error_; }

 private:
  void tell(std::size_t index) {
    const Outcome& outcome = *outcomes_[index];
    if (outcome.failure) {
      last_error_ = outcome.failure->code;
      report_.failed(plan_.jobs[index], outcome.failure->message);
    } else {
      report_.done(plan_.jobs[index], outcome.result, outcome.seconds);
    }
  }

  const Plan& plan_;
  BatchReport report_;
  std::mutex mutex_;
  std::vector<std::optional<Outcome>> outcomes_;
  std::size_t next_ = 0;
  ErrorCode last_error_ = ErrorCode::kInternal;
};

// Runs one step of a job and counts its time; a failure ends the job.
template <typename Step>
void run_step(Outcome& outcome, const Step& step) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  try {
    step();
  } catch (...) {
    outcome.failure = current_failure();
  }
  outcome.seconds += std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int run_batch(const Plan& plan, const BatchOptions& options,
              const std::function<FileResult(const Job&, int)>& work) {
  OrderedReport report(plan, options);
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false;
  std::exception_ptr broken;  // what fails beside the files ends the batch: the report, for one
  std::once_flag broken_once;
  const auto end_batch = [&] {  // call it inside a catch block only
    std::call_once(broken_once, [&] { broken = std::current_exception(); });
    stopped = true;
  };

  const auto threads = static_cast<std::size_t>(options.threads);
  const auto workers = std::min(threads, plan.jobs.size());
  const auto finish_job = [&](std::size_t index, Outcome& outcome) {
    const Job& job = plan.jobs[index];
    if (!outcome.failure && !outcome.result.is_skipped) {
      run_step(outcome, [&] {
        const base::StageTimer timer(base::Stage::kWrite);
        write_output(job, plan, options, outcome.result);
      });
    }
    std::vector<std::byte>().swap(outcome.result.output);  // gives its memory back, as clear() would not
    if (outcome.failure && outcome.failure->code == ErrorCode::kInterrupted) return;
    try {
      report.add(index, std::move(outcome));
    } catch (...) {
      end_batch();
    }
  };
  {
    // A file a thread keeps all cores busy where one file would not; writing waits for the disk meanwhile.
    constexpr std::size_t kWriters = 4;
    std::optional<Writers> writers;
    if (plan.jobs.size() > 1) writers.emplace(kWriters, workers);
    const auto run_jobs = [&](std::size_t worker) {
      const auto share =
          workers > 1 ? static_cast<int>((threads - worker + workers - 1) / workers) : options.threads;
      while (!stopped && !base::stop_requested()) {
        const std::size_t index = next++;
        if (index >= plan.jobs.size()) return;
        auto outcome = std::make_shared<Outcome>();
        run_step(*outcome, [&] { outcome->result = run_job(plan.jobs[index], plan, options, share, work); });
        if (writers) {
          writers->push([&finish_job, index, outcome] { finish_job(index, *outcome); });
        } else {
          finish_job(index, *outcome);
        }
      }
    };
    const auto run_worker = [&](std::size_t worker) {
      try {
        run_jobs(worker);
      } catch (...) {
        end_batch();
      }
    };
    // This thread is the last of them, and may be the only one.
    const auto others = base::start_threads(workers - 1, run_worker);
    run_worker(workers - 1);
  }
  if (broken) std::rethrow_exception(broken);
  report.finish();
  if (options.verbosity.verbose) print_stages();
  if (report.report().left() > 0) return exit_status(ErrorCode::kInterrupted);
  if (report.report().failures() == 0) return 0;
  constexpr int kSomeFailed = 1;
  return plan.is_single ? exit_status(report.last_error()) : kSomeFailed;
}

}  // namespace vaec::cli
