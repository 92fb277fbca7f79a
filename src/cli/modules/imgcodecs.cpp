// The module vaec_imgcodecs.so: OpenCV's readers and writers of picture files.
#include "image/imgcodecs.hpp"

extern "C" const vaec::image::Imgcodecs* vaec_imgcodecs_module() { return &vaec::image::linked_imgcodecs(); }
