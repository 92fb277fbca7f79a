// The module vaec_imgcodecs.so: readers and writers of picture files: OpenCV, libjpeg, libpng, Exiv2.
#include "image/imgcodecs.hpp"

extern "C" const vaec::image::Imgcodecs* vaec_imgcodecs_module() { return &vaec::image::linked_imgcodecs(); }
