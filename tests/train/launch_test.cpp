#include "train/launch.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "failure.hpp"

namespace vaec::train {
namespace {

using Variables = std::map<std::string, std::string>;

Launch launch_of(const Variables& variables) {
  return launch_from([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string refusal(const Variables& variables) {
  return failure(ErrorCode::kUsage, [&] { static_cast<void>(launch_of(variables)); });
}

TEST(Launch, OfNothingIsOneProcessAlone) {
  const auto launch = launch_of({{"MASTER_ADDR", "node0"}, {"LOCAL_RANK", "1"}});
  EXPECT_EQ(launch.size, 1);
  EXPECT_EQ(launch.rank, 0);
  EXPECT_EQ(launch.local_rank, 0);
}

TEST(Launch, ReadsWhatTorchrunSets) {
  const auto launch = launch_of({{"RANK", "5"},
                                 {"WORLD_SIZE", "8"},
                                 {"LOCAL_RANK", "1"},
                                 {"MASTER_ADDR", "node0"},
                                 {"MASTER_PORT", "1234"},
                                 {"OMPI_COMM_WORLD_RANK", "0"},
                                 {"OMPI_COMM_WORLD_SIZE", "2"}});
  EXPECT_EQ(launch.rank, 5);
  EXPECT_EQ(launch.size, 8);
  EXPECT_EQ(launch.local_rank, 1);
  EXPECT_EQ(launch.address, "node0");
  EXPECT_EQ(launch.port, 1234);
}

// torchrun listens at MASTER_PORT itself, and says so.
TEST(Launch, LeavesTorchrunItsPort) {
  const auto port = [](const char* given, const char* taken) {
    return launch_of({{"RANK", "0"},
                      {"WORLD_SIZE", "2"},
                      {"MASTER_ADDR", "a"},
                      {"MASTER_PORT", given},
                      {"TORCHELASTIC_USE_AGENT_STORE", taken}})
        .port;
  };
  EXPECT_EQ(port("1234", "True"), 1235);
  EXPECT_EQ(port("65535", "True"), 65534);
  EXPECT_EQ(port("1234", "False"), 1234);
}

TEST(Launch, ReadsWhatMpirunAndSlurmSet) {
  const auto mpi = launch_of({{"OMPI_COMM_WORLD_RANK", "1"},
                              {"OMPI_COMM_WORLD_SIZE", "2"},
                              {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                              {"MASTER_ADDR", "a"}});
  EXPECT_EQ(mpi.rank, 1);
  EXPECT_EQ(mpi.size, 2);
  EXPECT_EQ(mpi.local_rank, 1);
  EXPECT_EQ(mpi.port, Launch::kDefaultPort);
  const auto slurm =
      launch_of({{"SLURM_PROCID", "3"}, {"SLURM_NTASKS", "4"}, {"SLURM_LOCALID", "1"}, {"MASTER_ADDR", "a"}});
  EXPECT_EQ(slurm.rank, 3);
  EXPECT_EQ(slurm.size, 4);
  EXPECT_EQ(slurm.local_rank, 1);
}

// Slurm's variables are there for a script that starts a single process, too.
TEST(Launch, SlurmAloneIsOneProcess) {
  EXPECT_EQ(launch_of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).size, 1);
  EXPECT_EQ(launch_of({{"SLURM_NTASKS", "4"}}).size, 1);
}

// mpirun's are there only for processes that it started: each alone would write the same files.
TEST(Launch, MpirunWithoutAnAddressIsRefused) {
  EXPECT_NE(refusal({{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "2"}}).find("MASTER_ADDR"),
            std::string::npos);
}

TEST(Launch, OneProcessNeedsNoAddress) { EXPECT_EQ(launch_of({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).size, 1); }

TEST(Launch, RefusesWhatDoesNotFit) {
  const Variables good = {{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}};
  EXPECT_EQ(launch_of(good).size, 2);
  const auto with = [&](const char* name, const char* value) {
    auto variables = good;
    variables[name] = value;
    return refusal(variables);
  };
  const auto without = [&](const char* name) {
    auto variables = good;
    variables.erase(name);
    return refusal(variables);
  };
  EXPECT_NE(without("WORLD_SIZE").find("RANK is set and WORLD_SIZE is not"), std::string::npos);
  EXPECT_NE(without("RANK").find("WORLD_SIZE is set and RANK is not"), std::string::npos);
  EXPECT_NE(without("MASTER_ADDR").find("MASTER_ADDR is not set"), std::string::npos);
  EXPECT_NE(with("MASTER_ADDR", "").find("MASTER_ADDR is not set"), std::string::npos);
  EXPECT_NE(with("RANK", "2").find("RANK is 2 and WORLD_SIZE 2"), std::string::npos);
  for (const char* bad : {"", "-1", "x", "1x", "1.5", " 1", "99999999999"}) {
    EXPECT_NE(with("RANK", bad).find("RANK is '" + std::string(bad) + "'"), std::string::npos) << bad;
    with("WORLD_SIZE", bad);
    with("LOCAL_RANK", bad);
    with("MASTER_PORT", bad);
  }
  with("WORLD_SIZE", "0");
  with("MASTER_PORT", "0");
  with("MASTER_PORT", "65536");
}

}  // namespace
}  // namespace vaec::train
