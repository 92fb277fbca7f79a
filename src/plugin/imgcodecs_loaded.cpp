#include "image/imgcodecs.hpp"
#include "plugin/module.hpp"

namespace vaec::image {

const Imgcodecs& imgcodecs() {
  static const auto& module = plugin::module_parts<Imgcodecs>("vaec_imgcodecs.so", "vaec_imgcodecs_module");
  return module;
}

}  // namespace vaec::image
