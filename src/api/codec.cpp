#include "vaec/codec.hpp"

#include <string>

#include "codec/parts.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"
#include "vaec/error.hpp"

namespace vaec {

std::unique_ptr<Codec> Codec::load(const std::filesystem::path& model_file) {
  const auto file = model::SafeTensors::open(model_file);
  try {
    const auto architecture = model::architecture(file);
#ifdef VAEC_WITH_PHOTO_CODEC
    if (architecture == "photo") return codec::photo_parts().make_photo_codec(file);
#endif
    if (architecture == "mnist") return codec::torch_parts().make_mnist_codec(file);
    throw Error(ErrorCode::kModel,
                "unknown architecture '" + architecture + "': is it made for a newer vaec?");
  } catch (const Error& error) {
    throw Error(error.code(), model_file.string() + ": " + error.what());
  }
}

#ifdef VAEC_WITH_PHOTO_CODEC
std::unique_ptr<Codec> Codec::lossless() { return codec::lossless_parts().make_lossless_codec(); }
#else
std::unique_ptr<Codec> Codec::lossless() {
  throw Error(ErrorCode::kInternal, "this vaec was built without OpenCV and codes no pictures");
}
#endif

}  // namespace vaec
