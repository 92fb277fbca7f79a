#include "image/imgcodecs.hpp"

namespace vaec::image {

const Imgcodecs& imgcodecs() { return linked_imgcodecs(); }

}  // namespace vaec::image
