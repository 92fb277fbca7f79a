// How OpenMP's threads wait for each other.
#pragma once

namespace vaec::plugin {

// Has them spin for some microseconds and then sleep. By default GCC's runtime spins for milliseconds, which
// on a busy machine is time taken from the very thread that is waited for: every barrier then costs a turn of
// the scheduler. It reads GOMP_SPINCOUNT when it is loaded: hence before any module is, and before there are
// other threads. Where the user has set it or OMP_WAIT_POLICY, that stays.
void wait_briefly();

}  // namespace vaec::plugin
