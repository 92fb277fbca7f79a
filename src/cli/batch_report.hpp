// What a batch prints: a line a file, and a sum.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "cli/batch_plan.hpp"

namespace vaec::cli {

struct FileResult;

// Lines for people go to standard error; JSON lines, if asked for, to standard output in place of them.
class BatchReport {
 public:
  BatchReport(std::size_t files, bool json, bool quiet) : files_(files), json_(json), quiet_(quiet) {}

  // Throws Error kWrite if standard output takes no more.
  void done(const Job& job, const FileResult& result, double seconds);
  void failed(const Job& job, const std::string& message);
  // The sum over all files.
  void finish() const;

  [[nodiscard]] std::size_t failures() const { return failures_; }
  [[nodiscard]] std::size_t left() const { return files_ - done_ - failures_ - skipped_; }

 private:
  // Of a batch's files with the same note so many are named, the others counted.
  static constexpr std::size_t kToldNotes = 3;

  [[nodiscard]] double elapsed() const;  // seconds
  void show_progress() const;

  std::size_t files_, done_ = 0, failures_ = 0, skipped_ = 0;
  std::uint64_t bytes_ = 0, picture_bytes_ = 0, pixels_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool json_, quiet_;
  std::map<std::string, std::size_t> notes_;
};

// "1 file", "2 files"
[[nodiscard]] std::string counted(std::size_t count, const std::string& noun);

// "23.4 kB"
[[nodiscard]] std::string readable_size(std::uint64_t bytes);

}  // namespace vaec::cli
