// Training in several processes that find each other over the loopback, as launchers start them.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <map>

#include "model/safetensors.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

// Nobody listens at it.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(socket);
  return ntohs(address.sin_port);
}

constexpr const char* kPhoto =
    "train --data in --valid in --batch 5 --crop 64 --latent 12 --channels 4,6,8 --precision fp32 -j 1 --keep last ";
constexpr const char* kMnist = "train --arch mnist --data in.idx --batch 50 -j 1 --keep last ";

class TrainMany : public ProgramTest {
 protected:
  void SetUp() override {
    for (const char* name : {"in/a.ppm", "in/b.ppm"}) write_picture(name, 128, 128);
    std::string idx("\0\0\x08\x03\0\0\0\x78\0\0\0\x10\0\0\0\x10", 16);  // 120 pictures of 16x16
    for (int i = 0; i < 120; ++i) {
      for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x) {
          idx += static_cast<char>(128 + 100 * std::sin(0.1 * (1 + i % 7) * x + i) * std::cos(0.05 * i * y));
        }
      }
    }
    write("in.idx", idx);
    const Outcome alone = run(kMnist + std::string("-o probe.safetensors --steps 1"), "RANK=1 WORLD_SIZE=2 ");
    has_group_ = alone.err.find("built without") == std::string::npos;
    if (!has_group_) GTEST_SKIP() << alone.err;
  }

  // What `vaec ARGUMENTS` comes to as each of `size` processes. act(their ids) once the file `when` exists.
  std::vector<Outcome> run_many(int size, const std::string& arguments, const std::string& when = "",
                                const std::function<void(const std::vector<pid_t>&)>& act = {}) const {
    const std::string group = "WORLD_SIZE=" + std::to_string(size) +
                              " MASTER_ADDR=127.0.0.1 MASTER_PORT=" + std::to_string(free_port());
    std::vector<pid_t> processes;
    for (int rank = 0; rank < size; ++rank) {
      const std::string name = std::to_string(rank);
      processes.push_back(start(arguments, "exec env RANK=" + name + " " + group + " ", name));
    }
    if (act) {
      wait_for(when);
      act(processes);
    }
    std::vector<Outcome> outcomes;
    for (int rank = 0; rank < size; ++rank) {
      outcomes.push_back(finish(processes[static_cast<std::size_t>(rank)], std::to_string(rank)));
    }
    return outcomes;
  }

  // The float32 tensors of a model.
  std::map<std::string, std::vector<float>> weights(const std::string& name) const {
    const auto file = model::SafeTensors::open(path(name));
    std::map<std::string, std::vector<float>> all;
    for (const auto& [key, view] : file.tensors()) {
      if (view.dtype != model::DType::kF32) continue;
      auto& values = all[key];
      values.resize(view.data.size() / sizeof(float));
      std::memcpy(values.data(), view.data.data(), view.data.size());
    }
    return all;
  }

  // Of all weights: how far `a` is from `b`, as a share of how far `a` is from `start`.
  double distance(const std::string& a, const std::string& b, const std::string& start) const {
    const auto at_a = weights(a), at_b = weights(b), at_start = weights(start);
    double apart = 0, moved = 0;
    for (const auto& [key, values] : at_a) {
      if (!at_b.contains(key) || at_start.at(key).size() != values.size()) continue;
      for (std::size_t i = 0; i < values.size(); ++i) {
        apart += std::pow(values[i] - at_b.at(key)[i], 2);
        moved += std::pow(values[i] - at_start.at(key)[i], 2);
      }
    }
    EXPECT_GT(moved, 0);
    return std::sqrt(apart / moved);
  }

  bool has_group_ = false;
};

}  // namespace
}  // namespace vaec::cli
