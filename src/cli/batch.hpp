// What compress and decompress share: options, the loop over files, the report.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file_attributes.hpp"
#include "cli/batch_plan.hpp"
#include "cli/log.hpp"
#include "vaec/codec.hpp"

namespace vaec::cli {

struct BatchOptions {
  std::vector<std::string> inputs;
  std::string output;
  std::string model;
  bool recursive = false;
  bool overwrite = false;
  bool json = false;
  bool skip_existing = false;
  std::string shard;  // "i/n", or empty: all files
  int threads = 1;
  std::uint64_t max_pixels = 0;  // 0: the default limits
  std::uint64_t max_metadata = Limits{}.max_metadata;
  std::uint64_t memory = 0;  // bytes; 0: no limit
  Verbosity verbosity;

  [[nodiscard]] Limits limits() const;
};

// Adds what both subcommands have.
void add_batch_options(CLI::App& app, BatchOptions& options);
// --max-pixels, with what it means for `Limits`: given, it alone decides.
void add_max_pixels(CLI::App& app, std::uint64_t& max_pixels);
[[nodiscard]] Limits limits_for(std::uint64_t max_pixels);

// What plan_batch() makes of the options; of its files in their order what `--shard i/n` names, the i-th of every
// n. Tells what is left out. Throws what plan_batch() does, and Error kUsage.
[[nodiscard]] Plan make_plan(const BatchOptions& options, const Naming& naming);

// Before any work: notes in the plan which outputs cannot be written. False: there is nothing left to work
// on.
[[nodiscard]] bool check_outputs(Plan& plan, const BatchOptions& options);

// Before any work. Throws Error kUsage: binary output to a terminal, or mixed with JSON lines.
void check_streams(const Plan& plan, const BatchOptions& options);

// Of what a .vaec file decodes to.
struct Verified {
  double psnr = 0;                    // dB; infinite: exact
  std::optional<double> ssimulacra2;  // nothing: the picture is too small
};

// What was learned of one file.
struct FileResult {
  std::uint32_t width = 0, height = 0;
  std::uint64_t bytes = 0;                         // of the .vaec file, in both directions; 0: there is none
  std::uint64_t picture_bytes = 0;                 // of the other file
  std::vector<std::byte> output;                   // a whole file
  std::optional<base::FileAttributes> attributes;  // of the input, which the output gets
  std::optional<Verified> verified;                // if it was asked for
  std::optional<int> quality;                      // that a target found
  bool lossless = false;                           // the .vaec file
  std::uint64_t exact_blocks = 0;                  // bytes of it, see FileInfo
  std::vector<std::string> notes;                  // what is not as one may expect, a phrase each
  bool replaces_broken = false;                    // its output exists, but is not whole
  bool is_skipped = false;                         // its output exists already: nothing else is known
};

// Works on the jobs, as many at a time as there are threads, and writes their outputs: `work` is called from
// several threads, with the number of threads that its file may use. Goes on past a bad file, starts no
// further one when interrupted, and reports them in their order. Gives the exit status.
[[nodiscard]] int run_batch(const Plan& plan, const BatchOptions& options,
                            const std::function<FileResult(const Job&, int threads)>& work);

}  // namespace vaec::cli
