#include "eval/anchors/anchors.hpp"

#include "eval/anchors/opencv_codec.hpp"
#include "eval/anchors/tool_codec.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

// One thread each, as the others have, so that seconds can be compared.
Tool avif() {
  return {
      .name = "avif",
      .package = "libavif-bin",
      .encode =
          "avifenc -c aom -j 1 --speed 6 -y 444 --min 0 --max 63 -a end-usage=q -a cq-level=<q> <src> <bits>",
      .decode = "avifdec -j 1 --png-compress 0 <bits> <rec>",
      .version = "avifenc --version",
      .quality_is = "aom cq-level (4:4:4, avifenc's own tuning, for the eye)",
      .extension = "avif",
      .curve_qualities = {60, 52, 44, 36, 28, 20, 14, 8},
      .smallest = 63,
      .largest = 1,
      .step = 1};
}

Tool avif_psnr() {
  Tool tool = avif();
  tool.name = "avif-psnr";
  tool.encode =
      "avifenc -c aom -j 1 --speed 6 -y 444 --min 0 --max 63 -a end-usage=q -a cq-level=<q> -a tune=psnr "
      "<src> <bits>";
  tool.quality_is = "aom cq-level (4:4:4, tune=psnr)";
  return tool;
}

Tool jxl() {
  return {.name = "jxl",
          .package = "libjxl-tools",
          .encode = "cjxl -e 7 -d <q> --num_threads=0 <src> <bits>",
          .decode = "djxl --num_threads=0 <bits> <rec>",
          .version = "cjxl --version",
          .quality_is = "butteraugli distance",
          .extension = "jxl",
          .curve_qualities = {12, 8, 6, 4, 3, 2, 1.5, 1, 0.5},
          .smallest = 15,
          .largest = 0.1,
          .step = 0.1};
}

Tool heic() {
  return {.name = "heic",
          .package = "libheif-examples",
          .encode = "heif-enc -q <q> -o <bits> <src>",
          .decode = "heif-convert <bits> <rec>",
          .version = "heif-enc --help",
          .quality_is = "heif-enc quality (x265, 4:2:0)",
          .extension = "heic",
          .curve_qualities = {10, 20, 30, 40, 50, 60},
          .smallest = 1,
          .largest = 99,
          .step = 1};
}

}  // namespace

const char* anchor_names() {
  return "jpeg, webp, jpeg2000 (through OpenCV), avif, avif-psnr, jxl, heic (through their programs)";
}

std::unique_ptr<ImageCodec> make_anchor(const std::string& name) {
  if (name == "jpeg") return std::make_unique<OpenCvCodec>(image::LossyFormat::kJpeg);
  if (name == "webp") return std::make_unique<OpenCvCodec>(image::LossyFormat::kWebp);
  if (name == "jpeg2000") return std::make_unique<OpenCvCodec>(image::LossyFormat::kJpeg2000);
  for (const Tool& tool : {avif(), avif_psnr(), jxl(), heic()}) {
    if (name == tool.name) return std::make_unique<ToolCodec>(tool);
  }
  throw Error(ErrorCode::kUsage, name + ": is none of " + anchor_names());
}

}  // namespace vaec::eval
