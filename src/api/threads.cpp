#include "base/cpu_count.hpp"
#include "codec/parts.hpp"
#include "vaec/codec.hpp"
#include "vaec/error.hpp"

namespace vaec {

void set_threads(int threads) {
  if (threads < 0) throw Error(ErrorCode::kUsage, "a number of threads must not be negative");
  codec::photo_parts().set_threads(threads > 0 ? threads : base::available_cpus());
}

}  // namespace vaec
