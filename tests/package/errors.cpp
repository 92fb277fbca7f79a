// What goes wrong is an Error whose code says whose fault it is.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vaec/vaec.hpp>

namespace {

bool fails(const char* what, vaec::ErrorCode expected, const std::function<void()>& action) {
  try {
    action();
    std::printf("%s: no error\n", what);
    return false;
  } catch (const vaec::Error& failure) {
    std::printf("%s: %s (exit status %d)\n", what, failure.what(), vaec::exit_status(failure.code()));
    return failure.code() == expected;
  }
}

}  // namespace

int main() {
  using vaec::ErrorCode;
  const auto codec = vaec::Codec::load(vaec::find_model("photo"));
  vaec::Image image{64, 64, 3};
  image.samples.assign(64 * 64 * 3, 100);
  const auto file = codec->compress(image);
  auto damaged = file;
  damaged[file.size() / 2] ^= std::byte{1};
  const auto digits = vaec::Codec::load(vaec::find_model("mnist"));  // loads LibTorch

  const bool good =
      fails("quality 0", ErrorCode::kUsage, [&] { (void)codec->compress(image, {.quality = 0}); }) &
      fails("a picture for another model", ErrorCode::kUnreadable, [&] { (void)digits->compress(image); }) &
      fails("a damaged file", ErrorCode::kCorrupt, [&] { (void)codec->decompress(damaged); }) &
      fails("no .vaec file", ErrorCode::kCorrupt, [&] { (void)vaec::peek({}); }) &
      fails("over a limit", ErrorCode::kLimit,
            [&] { (void)codec->decompress(file, {.limits = {.max_pixels = 4095}}); }) &
      fails("a file of another model", ErrorCode::kModel, [&] { (void)digits->decompress(file); }) &
      fails("no such model", ErrorCode::kModel, [] { (void)vaec::find_model("none"); }) &
      fails("a region outside", ErrorCode::kUsage, [&] {
        (void)codec->decompress(file, {.view = {60, 60, 10, 10}});
      });
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
