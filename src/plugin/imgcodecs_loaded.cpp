#include "image/imgcodecs.hpp"
#include "plugin/module.hpp"

namespace vaec::image {

const Imgcodecs& imgcodecs() {
  using Entry = const Imgcodecs*();
  static const Imgcodecs& module =
      *reinterpret_cast<Entry*>(plugin::module_function("vaec_imgcodecs.so", "vaec_imgcodecs_module"))();
  return module;
}

}  // namespace vaec::image
