// How the processes of a group find each other.
#pragma once

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "train/launch.hpp"

namespace vaec::train {

// What each has once all have come.
struct Rendezvous {
  // Connections to rank 0's TCPStore, each for one thread: who waits for a value there, keeps the others off.
  c10::intrusive_ptr<c10d::Store> store, for_beats, for_backend;
  std::string address;             // of this machine, as the others reach it
  std::vector<std::string> names;  // by rank: "rank 1 of 3 (machine, process 4711)"
};

// Waits for all. Throws as join() (process_group.hpp) does.
[[nodiscard]] Rendezvous meet(const Launch& launch, std::chrono::milliseconds within);

// A text in a store, under a key.
void put(c10d::Store& store, const std::string& key, const std::string& text);
[[nodiscard]] std::string get(c10d::Store& store, const std::string& key);  // waits for it
// The same unless there is one: gives the one that is there then.
std::string put_first(c10d::Store& store, const std::string& key, const std::string& text);

// An exception of LibTorch's, without the backtrace.
[[nodiscard]] std::string first_line(const std::exception& error);

}  // namespace vaec::train
