#include "codec/parts.hpp"
#include "plugin/module.hpp"

namespace vaec::codec {

const PhotoParts& photo_parts() {
  static const auto& parts = plugin::module_parts<PhotoParts>("vaec_photo.so", "vaec_photo_module");
  return parts;
}

}  // namespace vaec::codec
