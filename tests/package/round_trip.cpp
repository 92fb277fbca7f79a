// Compresses a picture with the installed model and brings it back.
//   round_trip FILE.vaec     FILE.vaec is written
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vaec/vaec.hpp>

int main(int argc, char** argv) {
  vaec::Image image{200, 120, 3};
  for (std::uint32_t y = 0; y < image.height; ++y) {
    for (std::uint32_t x = 0; x < image.width; ++x) {
      for (std::uint32_t c = 0; c < 3; ++c) image.samples.push_back(static_cast<std::uint8_t>(x + c * y / 2));
    }
  }
  image.alpha.assign(image.samples.size() / 3, 200);
  image.metadata.resolution = {vaec::Resolution::Unit::kCentimetre, 118110, 118110};
  image.metadata.exif = {std::byte{'I'}, std::byte{'I'}, std::byte{42}, std::byte{0}};
  try {
    const auto model = vaec::find_model("photo");
    const auto codec = vaec::Codec::load(model);
    const auto file = codec->compress(image, {.quality = 70});
    const auto refined = codec->compress(image, {.quality = 70, .effort = 3});  // loads LibTorch
    const vaec::Image back = codec->decompress(file);
    double error = 0;
    for (std::size_t i = 0; i < image.samples.size(); ++i) {
      const double difference = image.samples[i] - back.samples[i];
      error += difference * difference;
    }
    error /= static_cast<double>(image.samples.size());
    std::printf("%s: %zu bytes, %zu refined, mean squared error %.2f\n", model.c_str(), file.size(),
                refined.size(), error);
    if (argc > 1) {
      std::ofstream(argv[1], std::ios::binary)
          .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    }
    const bool good = back.width == 200 && back.alpha == image.alpha && back.metadata == image.metadata &&
                      error < 60 && file.size() < 5000 && codec->decompress(refined).width == 200;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const vaec::Error& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return vaec::exit_status(failure.code());
  }
}
