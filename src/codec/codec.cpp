#include "vaec/codec.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>

#include "codec/mnist_codec.hpp"
#include "codec/photo_codec.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"
#include "vaec/error.hpp"

namespace vaec {

std::unique_ptr<Codec> Codec::load(const std::filesystem::path& model_file, Precision precision) {
  const auto file = model::SafeTensors::open(model_file);
  try {
    const auto architecture = model::architecture(file);
    if (architecture == "photo") return codec::make_photo_codec(file, precision);
    if (architecture == "mnist") return codec::make_mnist_codec(file);
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
  at::set_num_threads(count);
  static std::once_flag once;  // LibTorch throws when this is set again, or after its pool has started
  std::call_once(once, [] {
    try {
      at::set_num_interop_threads(1);
    } catch (const c10::Error&) {  // another user of LibTorch in this process chose already: speed only
    }
  });
}

}  // namespace vaec
