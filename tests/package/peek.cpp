// Lists .vaec files by the first bytes of each: no model is loaded, nothing is decoded.
//   peek FILE...
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vaec/vaec.hpp>

int main(int argc, char** argv) {
  std::printf("libvaec %s\n", vaec::version());
  if (vaec::version_number() != VAEC_VERSION_NUMBER) return EXIT_FAILURE;
  int status = EXIT_SUCCESS;
  for (int i = 1; i < argc; ++i) {
    std::array<char, vaec::kPeekBytes> beginning{};
    std::ifstream file(argv[i], std::ios::binary);
    file.read(beginning.data(), beginning.size());
    try {
      const auto info =
          vaec::peek(std::as_bytes(std::span(beginning)).first(static_cast<std::size_t>(file.gcount())));
      std::printf("%s: %ux%u, %u channel(s)%s of %u bits, quality %d, model %s\n", argv[i], info.width,
                  info.height, info.channels, info.has_alpha ? " and alpha" : "", info.bit_depth,
                  info.quality, vaec::to_hex(info.model_id).c_str());
    } catch (const vaec::Error& failure) {
      std::printf("%s: %s\n", argv[i], failure.what());
      status = EXIT_FAILURE;
    }
  }
  return status;
}
