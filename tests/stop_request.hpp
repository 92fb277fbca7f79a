// Takes back what base::request_stop() set, so that the next test can run.
#pragma once

#include "base/process_state.hpp"

namespace vaec {

inline void clear_stop_request() { base::process_state().stop_requested = false; }

}  // namespace vaec
