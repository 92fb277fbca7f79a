#include "vaec/codec.hpp"

#include <omp.h>

#include <algorithm>
#include <string>
#include <thread>

#include "codec/photo_codec.hpp"
#include "codec/torch_parts.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"
#include "vaec/error.hpp"

namespace vaec {

std::unique_ptr<Codec> Codec::load(const std::filesystem::path& model_file, Precision precision) {
  const auto file = model::SafeTensors::open(model_file);
  try {
    const auto architecture = model::architecture(file);
#ifdef VAEC_WITH_PHOTO_CODEC
    if (architecture == "photo") return codec::make_photo_codec(file, precision);
#else
    (void)precision;
#endif
    if (architecture == "mnist") return codec::torch_parts().make_mnist_codec(file);
    throw Error(ErrorCode::kModel,
                "unknown architecture '" + architecture + "': is it made for a newer vaec?");
  } catch (const Error& error) {
    throw Error(error.code(), model_file.string() + ": " + error.what());
  }
}

void set_threads(int threads) {
  if (threads < 0) throw Error(ErrorCode::kUsage, "a number of threads must not be negative");
  const int count =
      threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  omp_set_num_threads(count);
}

}  // namespace vaec
