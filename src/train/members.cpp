#include "train/members.hpp"

#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace vaec::train {
namespace {

using namespace std::chrono_literals;
using MembersClock = std::chrono::steady_clock;

constexpr auto kBeat = 1s;
constexpr auto kSilence = 60s;       // longer than a living process ever is, however busy its machine
constexpr auto kAnswer = 4s;         // in which a living process beats, once something is wrong
constexpr auto kLeave = 20s;         // in which a living process reads why the run has ended
constexpr auto kLook = 50ms;         // between two looks at the store
constexpr const char* kEnd = "end";  // why the run has ended: an ErrorCode, a blank, a text

std::string beat_of(int rank) { return "beat" + std::to_string(rank); }

std::vector<std::int64_t> beats_in(c10d::Store& store, std::size_t size) {
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < size; ++i) all.push_back(store.add(beat_of(static_cast<int>(i)), 0));
  return all;
}

Error end_from(const std::string& text) {
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end == text.data() + text.size()) return {ErrorCode::kTraining, text};
  return {static_cast<ErrorCode>(code), end + 1};
}

// Gives the one that is there then: another process may have been first.
Error put_end(c10d::Store& store, const Error& why) {
  return end_from(put_first(store, kEnd, fmt::format("{} {}", static_cast<int>(why.code()), why.what())));
}

}  // namespace

// What the thread does. It outlives Members where rank 0's machine has vanished within a question to it.
class Members::Pulse {
 public:
  Pulse(int rank, std::vector<std::string> names, c10::intrusive_ptr<c10d::Store> store)
      : rank_(rank), names_(std::move(names)), store_(std::move(store)) {}

  void beat() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kBeat, [&] { return leaving_; })) {
      lock.unlock();
      try {
        store_->add(beat_of(rank_), 1);
        if (rank_ == 0) look_for_silent();
        if (!ended_ && store_->check({kEnd})) {
          end_ = get(*store_, kEnd);
          ended_ = true;
        }
        heard_ = MembersClock::now();
      } catch (const std::exception&) {
        lost_ = true;
        return;
      }
      lock.lock();
    }
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] Error end() const { return end_from(end_); }  // once ended()
  // Rank 0's store, by what the thread last saw of it.
  [[nodiscard]] bool store_is_there() const {
    return !lost_ && MembersClock::now() - heard_.load() < kSilence;
  }
  // The same, by what it sees next.
  [[nodiscard]] bool store_answers() const {
    const auto asked = MembersClock::now();
    while (store_is_there() && heard_.load() < asked) std::this_thread::sleep_for(kLook);
    return store_is_there();
  }

 private:
  void look_for_silent() {
    const auto beats = beats_in(*store_, names_.size());
    last_.resize(beats.size(), -1);
    seen_.resize(beats.size());
    for (std::size_t i = 0; i < beats.size(); ++i) {
      if (beats[i] != last_[i]) seen_[i] = MembersClock::now();
      if (MembersClock::now() - seen_[i] < kSilence) continue;
      put_end(*store_, Error(ErrorCode::kTraining,
                             fmt::format("{} has not been heard of for {} s", names_[i], kSilence / 1s)));
    }
    last_ = beats;
  }

  const int rank_;
  const std::vector<std::string> names_;
  const c10::intrusive_ptr<c10d::Store> store_;  // the thread's alone
  std::vector<std::int64_t> last_;
  std::vector<MembersClock::time_point> seen_;  // when it last changed
  std::atomic<MembersClock::time_point> heard_{MembersClock::now()};
  std::atomic<bool> ended_{false}, lost_{false};
  std::string end_;  // set before ended_
  std::mutex mutex_;
  std::condition_variable changed_;
  bool leaving_ = false;
};

Members::Members(int rank, const Rendezvous& met)
    : rank_(rank), met_(met), pulse_(std::make_shared<Pulse>(rank, met.names, met.for_beats)) {
  thread_ = std::thread([pulse = pulse_] { pulse->beat(); });
}

Members::~Members() {
  pulse_->leave();
  try {
    if (!pulse_->store_is_there()) {
      thread_.detach();
      return;
    }
    thread_.join();
    const auto others = static_cast<std::int64_t>(met_.names.size()) - 1 - gone_;
    if (rank_ != 0) met_.store->add("left", 1);
    const auto until = MembersClock::now() + kLeave;
    while (rank_ == 0 && met_.store->add("left", 0) < others && MembersClock::now() < until) {
      std::this_thread::sleep_for(kLook);
    }
  } catch (const std::exception&) {  // rank 0 was faster
  }
}

void Members::check() const {
  if (pulse_->ended()) throw GroupBroken("the run has ended");
  if (!pulse_->store_is_there()) throw GroupBroken("rank 0 is silent");
}

void Members::end(const Error& why) {
  try {
    if (pulse_->store_is_there())
      put_end(*met_.store,
              Error(why.code(), met_.names[static_cast<std::size_t>(rank_)] + ": " + why.what()));
  } catch (const std::exception&) {  // without rank 0 the run ends anyway
  }
}

Error Members::verdict(const std::string& noticed) {
  try {
    const bool answers = pulse_->store_answers();
    if (pulse_->ended()) return pulse_->end();
    if (!answers) return gone({0});
    const auto before = beats_in(*met_.store, met_.names.size());
    const auto until = MembersClock::now() + kAnswer;
    while (!met_.store->check({kEnd}) && MembersClock::now() < until) std::this_thread::sleep_for(kLook);
    const auto after = beats_in(*met_.store, met_.names.size());
    std::vector<int> silent;
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (after[i] == before[i]) silent.push_back(static_cast<int>(i));
    }
    gone_ = static_cast<int>(silent.size());
    return put_end(*met_.store, silent.empty() ? Error(ErrorCode::kTraining, "a connection broke: " + noticed)
                                               : gone(silent));
  } catch (const std::exception&) {
    return gone({0});
  }
}

Error Members::gone(const std::vector<int>& ranks) const {
  std::string all;
  for (const int rank : ranks) all += (all.empty() ? "" : ", ") + met_.names[static_cast<std::size_t>(rank)];
  return {ErrorCode::kTraining, all + (ranks.size() == 1 ? " is gone" : " are gone")};
}

}  // namespace vaec::train
