// Runs the built program in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "temporary_folder.hpp"

namespace vaec::cli {

// The model that golden files are made of: small, and therefore quick.
inline const std::string kModel = VAEC_SOURCE_DIR "/tests/golden/tiny-photo.safetensors";

struct Outcome {
  int status = 0;  // the exit status; 128 + the signal for a program that a signal ended
  std::string out, err;
  long peak_kib = 0;  // largest resident memory
};

// Each test has an empty folder, which is the program's current one.
class ProgramTest : public testing::Test {
 protected:
  // Runs `vaec ARGUMENTS` through a shell, so that pipes and redirections work;
  // `before` stands before the command.
  [[nodiscard]] Outcome run(const std::string& arguments, const std::string& before = "") const {
    return finish(start(arguments, before));
  }

  // The same, and calls `act`(its process) once the file `when` exists.
  template <typename Act>
  [[nodiscard]] Outcome run_and(const std::string& arguments, const std::string& when, const Act& act) const {
    const pid_t child = start(arguments, "exec ");
    wait_for(when);
    act(child);
    return finish(child);
  }
  [[nodiscard]] Outcome run_and_signal(const std::string& arguments, int signal,
                                       const std::string& when) const {
    return run_and(arguments, when, [&](pid_t child) { kill(child, signal); });
  }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }

  // All files' names, sorted, relative to the folder; those of the runs themselves left out.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      const std::string name = entry.path().lexically_relative(folder_.path()).string();
      const bool of_a_run = name.starts_with(kOut) || name.starts_with(kErr);
      if (entry.is_regular_file() && !of_a_run) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  [[nodiscard]] std::string read(const std::string& name) const { return contents(path(name)); }

  void write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream(path(name), std::ios::binary) << content;
  }

  // A smooth PPM picture (PGM for one channel).
  void write_picture(const std::string& name, int width, int height, int channels = 3) const {
    std::string content =
        (channels == 1 ? "P5\n" : "P6\n") + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
    for (int i = 0; i < width * height; ++i) {
      for (int c = 0; c < channels; ++c) content += static_cast<char>(40 * c + i % width + i / width);
    }
    write(name, content);
  }

  // Several at the same time: each has a `name` of its own, and is begun and finished by it.
  [[nodiscard]] pid_t start(const std::string& arguments, const std::string& before,
                            const std::string& name = "") const {
    const std::string command = "cd '" + folder_.path().string() + "' && { " + before +
                                "'" VAEC_PROGRAM "' " + arguments + "; } > " + kOut + name + " 2> " + kErr +
                                name;
    const pid_t child = fork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    return child;
  }

  [[nodiscard]] Outcome finish(pid_t child, const std::string& name = "") const {
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    constexpr int kSignalled = 128;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status), read(kOut + name),
            read(kErr + name), usage.ru_maxrss};
  }

  // Until the file `name` exists; a minute at most.
  void wait_for(const std::string& name) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!exists(name) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

 private:
  static inline const std::string kOut = ".stdout", kErr = ".stderr";

  const TemporaryFolder folder_;
};

// Whether the program has AddressSanitizer in it, which takes memory of its own.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kHasAddressSanitizer = true;
#else
inline constexpr bool kHasAddressSanitizer = false;
#endif

// A test that compresses: needs the model.
class CodingTest : public ProgramTest {
 protected:
  void SetUp() override { ASSERT_TRUE(std::filesystem::exists(kModel)) << kModel << " is missing"; }

  // Runs `vaec compress ARGUMENTS` or decompress with the model.
  [[nodiscard]] Outcome compress(const std::string& arguments) const {
    return run(coding("compress", arguments));
  }
  [[nodiscard]] Outcome decompress(const std::string& arguments) const {
    return run(coding("decompress", arguments));
  }
  [[nodiscard]] static std::string coding(const std::string& subcommand, const std::string& arguments) {
    const bool says_threads = arguments.find("-j ") != std::string::npos;
    return subcommand + " -m '" + kModel + "' " + (says_threads ? "" : "-j 1 ") + arguments;
  }
};

}  // namespace vaec::cli
