// Who is still there of the processes of a group.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "train/process_group.hpp"
#include "train/rendezvous.hpp"

namespace vaec::train {

// Each process counts a number of its own up in rank 0's store every second, from a thread of its own: so
// rank 0 sees who is gone, and the others whether it is. Who ends the run writes there why. A process that
// makes no progress and yet lives is not noticed. Not thread-safe.
class Members {
 public:
  Members(int rank, const Rendezvous& met);
  ~Members();  // rank 0's waits some seconds, until the others have left its store
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  // Throws GroupBroken: the run has ended elsewhere, or rank 0 has not been heard of for a minute.
  void check() const;
  // Ends the run in all processes; the first that does says why.
  void end(const Error& why);
  // Why the run has ended, once something was noticed of it. Looks for some seconds who is silent.
  [[nodiscard]] Error verdict(const std::string& noticed);

 private:
  class Pulse;

  [[nodiscard]] Error gone(const std::vector<int>& ranks) const;

  int rank_;
  int gone_ = 0;  // as many are known not to come back
  Rendezvous met_;
  std::shared_ptr<Pulse> pulse_;  // the thread's, too
  std::thread thread_;
};

}  // namespace vaec::train
