// Training in several processes that find each other over the loopback, as launchers start them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <random>

#include "free_port.hpp"
#include "model/safetensors.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

constexpr const char* kPhoto =
    "train --data in --valid in --batch 5 --crop 64 --latent 12 --channels 4,6,8 --precision fp32 -j 1 "
    "--keep last ";
constexpr const char* kMnist = "train --arch mnist --data in.idx --batch 50 -j 1 --keep last ";

class TrainMany : public ProgramTest {
 protected:
  void SetUp() override {
    // Noisy: the optimizer (SOAP) makes steps of what rounding leaves where gradients have no part at all.
    std::mt19937 random(1);
    for (const char* name : {"in/a.ppm", "in/b.ppm"}) {
      std::string picture = "P6\n128 128\n255\n";
      for (int i = 0; i < 128 * 128 * 3; ++i)
        picture += static_cast<char>(100 + 40 * std::sin(0.1 * (i / 3 % 128)) + random() % 30);
      write(name, picture);
    }
    std::string idx("\0\0\x08\x03\0\0\0\x78\0\0\0\x10\0\0\0\x10", 16);  // 120 pictures of 16x16
    for (int i = 0; i < 120; ++i) {
      for (int at = 0; at < 16 * 16; ++at)
        idx += static_cast<char>(110 + 80 * std::sin(0.1 * (1 + i % 7) * (at % 16) + i) + random() % 30);
    }
    write("in.idx", idx);
#ifndef VAEC_HAS_GLOO
    const Outcome refused = run(kMnist, "RANK=1 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 ");
    EXPECT_EQ(refused.status, 2);
    GTEST_SKIP() << refused.err;
#endif
  }

  // What `vaec ARGUMENTS` comes to as each of `size` processes. act(their ids) once the file `when` exists.
  std::vector<Outcome> run_many(int size, const std::string& arguments, const std::string& when = "",
                                const std::function<void(const std::vector<pid_t>&)>& act = {}) const {
    const std::string group = "WORLD_SIZE=" + std::to_string(size) +
                              " MASTER_ADDR=127.0.0.1 MASTER_PORT=" + std::to_string(free_port());
    std::vector<pid_t> processes;
    for (int rank = 0; rank < size; ++rank) {
      const std::string name = std::to_string(rank);
      processes.push_back(start(arguments, "export RANK=" + name + " " + group + "; exec ", name));
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
};

// The same steps as in one process, up to rounding; which the optimizer makes larger, and for photo the symbols
// that the encoder chooses: one may turn with the last bit of a latent. Batches of 50 and of 5 are no multiples of 3.
TEST_F(TrainMany, TakesTheStepsOfOneProcess) {
  const auto distance_of = [&](const std::string& kind, int size) {
    EXPECT_EQ(run(kind + "--steps 6 -o one.safetensors -f").status, 0);
    EXPECT_EQ(run(kind + "--steps 6 --burn-in 6 -o start.safetensors -f").status, 0);
    for (const auto& outcome : run_many(size, kind + "--steps 6 -o many.safetensors -f"))
      EXPECT_EQ(outcome.status, 0) << outcome.err;
    return distance("one.safetensors", "many.safetensors", "start.safetensors");
  };
  EXPECT_LT(distance_of(kMnist, 3), 0.02);
  EXPECT_LT(distance_of(kPhoto, 2), 0.1);
}

// Also: rank 0 alone has written, once.
TEST_F(TrainMany, AKilledProcessEndsAllAndRank0SavesACheckpoint) {
  const auto outcomes = run_many(3, kMnist + std::string("--steps 10000000 -o m.safetensors"),
                                 "m.safetensors", [](const auto& processes) { kill(processes[1], SIGKILL); });
  EXPECT_EQ(outcomes[1].status, 128 + SIGKILL);
  for (const std::size_t rank : {0U, 2U}) {
    EXPECT_EQ(outcomes[rank].status, 1) << outcomes[rank].err;
    EXPECT_NE(outcomes[rank].err.find("rank 1 of 3 ("), std::string::npos) << outcomes[rank].err;
    EXPECT_NE(outcomes[rank].err.find("is gone"), std::string::npos) << outcomes[rank].err;
  }
  EXPECT_NE(outcomes[0].err.find("go on with --resume m.ckpt"), std::string::npos) << outcomes[0].err;
  ASSERT_TRUE(exists("m.ckpt"));
  for (const auto& outcome : run_many(2, kMnist + std::string("--steps 1 -o m.safetensors --resume m.ckpt")))
    EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(TrainMany, WithoutRank0TheOthersEnd) {
  const auto outcomes = run_many(3, kMnist + std::string("--steps 10000000 -o m.safetensors"),
                                 "m.safetensors", [](const auto& processes) { kill(processes[0], SIGKILL); });
  for (const std::size_t rank : {1U, 2U}) {
    EXPECT_EQ(outcomes[rank].status, 1) << outcomes[rank].err;
    EXPECT_NE(outcomes[rank].err.find("rank 0 of 3 ("), std::string::npos) << outcomes[rank].err;
  }
}

TEST_F(TrainMany, AStopAtAnyRankEndsAllAndSavesEverything) {
  for (const int rank : {0, 1}) {
    const auto outcomes =
        run_many(2, kMnist + std::string("--steps 10000000 -f -o m.safetensors"), "m.safetensors",
                 [&](const auto& processes) {
                   kill(processes[static_cast<std::size_t>(rank)], rank == 0 ? SIGINT : SIGTERM);
                 });
    for (const auto& outcome : outcomes) EXPECT_EQ(outcome.status, 130) << outcome.err;
    EXPECT_NE(outcomes[0].err.find("go on with --resume m.ckpt"), std::string::npos) << outcomes[0].err;
    EXPECT_TRUE(exists("m.ckpt"));
    for (const char* name : {"m.ckpt", "m.safetensors"}) std::filesystem::remove(path(name));
  }
}

// What is wrong at one rank is said by all, with its exit status.
TEST_F(TrainMany, WhatOneCannotDoEndsAll) {
  write("m.safetensors", "an earlier model");
  for (const auto& outcome : run_many(2, kMnist + std::string("--steps 1 -o m.safetensors"))) {
    EXPECT_EQ(outcome.status, 6) << outcome.err;
    EXPECT_NE(outcome.err.find("m.safetensors"), std::string::npos) << outcome.err;
  }
  for (const auto& [option, told] :
       {std::pair("--seed $RANK", "--seed"),
        std::pair("--distortion $(test $RANK = 0 && echo bce || echo mse)", "another --distortion")}) {
    for (const auto& outcome : run_many(2, kMnist + std::string("--steps 1 -o n.safetensors ") + option)) {
      EXPECT_EQ(outcome.status, 2) << outcome.err;
      EXPECT_NE(outcome.err.find(told), std::string::npos) << outcome.err;
      EXPECT_FALSE(exists("n.safetensors"));
    }
  }
}

// launch_test.cpp has the others.
TEST_F(TrainMany, AWrongEnvironmentIsRefused) {
  const auto refused = [&](const std::string& environment, const std::string& why) {
    const Outcome outcome =
        run(kMnist + std::string("--steps 1 -o n.safetensors"), "env " + environment + " ");
    EXPECT_EQ(outcome.status, 2) << environment << ": " << outcome.err;
    EXPECT_NE(outcome.err.find(why), std::string::npos) << environment << ": " << outcome.err;
    EXPECT_FALSE(exists("n.safetensors"));
  };
  refused("RANK=0 MASTER_ADDR=127.0.0.1", "WORLD_SIZE is not");
  refused("RANK=0 WORLD_SIZE=2", "MASTER_ADDR is not set");
  refused("RANK=1 WORLD_SIZE=2 MASTER_ADDR=no.such.machine.invalid", "no.such.machine.invalid");
}

// As within an allocation of several tasks, where a script starts one process by itself.
TEST_F(TrainMany, AnAllocationOfSlurmAloneMakesNoGroup) {
  const Outcome outcome =
      run(kMnist + std::string("--steps 1 -o m.safetensors"), "env SLURM_PROCID=0 SLURM_NTASKS=4 ");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

}  // namespace
}  // namespace vaec::cli
