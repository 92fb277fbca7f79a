#include "eval/anchors/butteraugli.hpp"

#include <charconv>
#include <string>

#include "eval/process.hpp"
#include "eval/whole_file.hpp"
#include "image/write.hpp"
#include "vaec/error.hpp"

namespace vaec::eval {
namespace {

constexpr const char* kProgram = "butteraugli";

}  // namespace

Butteraugli::Butteraugli() {
  if (is_installed(kProgram)) return;
  throw Error(ErrorCode::kUsage, "butteraugli is not installed (Debian package butteraugli)");
}

double Butteraugli::distance(const Image& original, const Image& distorted) const {
  const auto a = folder_.path() / "original.png", b = folder_.path() / "distorted.png";
  save(a, image::encode_image(original, image::OutputFormat::kPng));
  save(b, image::encode_image(distorted, image::OutputFormat::kPng));
  const auto result = run_process({kProgram, a.string(), b.string()});
  double distance = 0;
  const char *begin = result.output.data(), *end = begin + result.output.size();
  const auto [stop, error] = std::from_chars(begin, end, distance);
  if (result.status == 0 && error == std::errc() && (stop == end || *stop == '\n')) return distance;
  throw Error(ErrorCode::kWrite, "butteraugli failed (status " + std::to_string(result.status) +
                                     "): " + result.output.substr(0, result.output.find('\n')));
}

}  // namespace vaec::eval
