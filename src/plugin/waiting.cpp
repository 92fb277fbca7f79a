#include "plugin/waiting.hpp"

#include <cstdlib>

namespace vaec::plugin {
namespace {

constexpr const char* kSpins = "5000";  // looks at the barrier; measured by tools/bench/busy.sh

}  // namespace

void wait_briefly() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("GOMP_SPINCOUNT", kSpins, /*overwrite=*/0);
}

}  // namespace vaec::plugin
