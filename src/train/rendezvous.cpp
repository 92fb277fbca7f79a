#include "train/rendezvous.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <thread>

#include "base/interrupt.hpp"
#include "train/route.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

using namespace std::chrono_literals;
using MeetingClock = std::chrono::steady_clock;

constexpr auto kBetweenLooks = 50ms;
constexpr auto kStoreTimeout = 60s;            // of a single question
constexpr const char* kRefused = "refused";    // why the processes cannot work together
constexpr const char* kComplete = "complete";  // all have come

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }
std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }
std::string of_rank(const char* what, int rank) { return what + std::to_string(rank); }

[[noreturn]] void refuse_to_meet(const std::string& why) { throw Error(ErrorCode::kUsage, why); }

std::string this_process() {
  char machine[256] = "";
  gethostname(machine, sizeof machine - 1);
  return fmt::format("{}, process {}", machine, getpid());
}

Rendezvous connect_to_rank_0(const Launch& launch, MeetingClock::time_point deadline) {
  const auto where = fmt::format("MASTER_ADDR {}, MASTER_PORT {}: ", launch.address, launch.port);
  while (launch.rank != 0 && !accepts_connections(launch.address, launch.port)) {
    base::throw_if_interrupted();
    if (MeetingClock::now() > deadline)
      refuse_to_meet(where + "rank 0 did not come, or cannot be reached there");
    std::this_thread::sleep_for(4 * kBetweenLooks);
  }
  c10d::TCPStoreOptions options;
  options.port = launch.port;
  options.isServer = launch.rank == 0;
  options.waitWorkers = false;  // waiting in here can be interrupted, and names who is missing
  options.timeout = kStoreTimeout;
  // LibTorch 2 has another store, which is the default, and which Debian's is built without.
  [](auto& of_any_version) {
    if constexpr (requires { of_any_version.useLibUV; }) of_any_version.useLibUV = false;
  }(options);
  Rendezvous met;
  try {
    met.store = c10::make_intrusive<c10d::TCPStore>(launch.address, options);
    options.isServer = false;
    met.for_beats = c10::make_intrusive<c10d::TCPStore>(launch.address, options);
    met.for_backend = c10::make_intrusive<c10d::TCPStore>(launch.address, options);
  } catch (const std::exception& error) {
    refuse_to_meet(where + (launch.rank == 0 ? "rank 0 cannot listen there: " : "rank 0 does not answer: ") +
                   first_line(error));
  }
  return met;
}

void wait_for_all(c10d::Store& store, const Launch& launch, MeetingClock::time_point deadline) {
  while (store.add("come", 0) < launch.size) {
    base::throw_if_interrupted();
    if (store.check({kRefused})) refuse_to_meet(get(store, kRefused));
    if (MeetingClock::now() > deadline) {
      std::string missing;
      for (int rank = 0; rank < launch.size; ++rank) {
        if (store.add(of_rank("here", rank), 0) == 0) missing += fmt::format(" {}", rank);
      }
      refuse_to_meet(fmt::format("of {} processes these ranks did not come:{}", launch.size, missing));
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  put(store, kComplete, "");
}

void present(c10d::Store& store, const Launch& launch) {
  const auto size = put_first(store, "size", std::to_string(launch.size));
  if (size != std::to_string(launch.size)) {
    refuse_to_meet(fmt::format("rank {} is one of {} processes, another one of {}: give all the same size",
                               launch.rank, launch.size, size));
  }
  if (store.add(of_rank("here", launch.rank), 1) > 1)
    refuse_to_meet(fmt::format("two processes have rank {}: each needs its own", launch.rank));
  put(store, of_rank("name", launch.rank), this_process());
  put(store, of_rank("route", launch.rank), route_to(launch.address).to);
  store.add("come", 1);
}

// Who reaches rank 0 over the loopback is on its machine, whose address those elsewhere know: a machine's own
// name often stands for 127.0.1.1.
std::string own_address(c10d::Store& store, const Launch& launch) {
  auto own = route_to(launch.address).from;
  for (int rank = 0; is_loopback(own) && rank < launch.size; ++rank) {
    const auto seen = get(store, of_rank("route", rank));
    if (!is_loopback(seen)) own = seen;
  }
  return own;
}

}  // namespace

void put(c10d::Store& store, const std::string& key, const std::string& text) {
  store.set(key, bytes_of(text));
}

std::string get(c10d::Store& store, const std::string& key) { return text_of(store.get(key)); }

std::string put_first(c10d::Store& store, const std::string& key, const std::string& text) {
  return text_of(store.compareSet(key, std::vector<std::uint8_t>{}, bytes_of(text)));
}

std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

Rendezvous meet(const Launch& launch, std::chrono::milliseconds within) {
  const auto deadline = MeetingClock::now() + within;
  auto met = connect_to_rank_0(launch, deadline);
  try {
    present(*met.store, launch);
    wait_for_all(*met.store, launch, deadline);
    for (int rank = 0; rank < launch.size; ++rank) {
      const auto process = get(*met.store, of_rank("name", rank));
      met.names.push_back(fmt::format("rank {} of {} ({})", rank, launch.size, process));
    }
    met.address = own_address(*met.store, launch);
  } catch (const Error& error) {
    // A late one more does not disturb those that train.
    if (!met.store->check({kComplete})) put_first(*met.store, kRefused, error.what());
    if (launch.rank == 0) std::this_thread::sleep_for(10 * kBetweenLooks);  // the others look
    throw;
  } catch (const std::exception& error) {
    refuse_to_meet("rank 0 has ended before all had come: " + first_line(error));
  }
  return met;
}

}  // namespace vaec::train
