// What the integer g_s of a model loses against its trained one, on the same latents.
//
//   synthesis_loss PICTURES.vpack MODEL [PARENT]        (tools/pack_images.py packs pictures)
//
// For some qualities: estimated bits a pixel, mean PSNR in dB of the trained g_s in float32 and of the integer one, and the
// BD-rate between them; with PARENT also the BD-rate of MODEL's integers against PARENT's trained g_s.
#include <cmath>
#include <cstdio>
#include <vector>

#include "eval/bd_rate.hpp"
#include "model/safetensors.hpp"
#include "nn/photo_file.hpp"
#include "nn/synthesis_quantizer.hpp"
#include "train/dataset.hpp"
#include "vaec/error.hpp"

namespace {

using namespace vaec;

constexpr int kQualities[] = {5, 35, 65, 100};

struct Curves {
  std::vector<eval::CurvePoint> trained, integer;
};

double psnr(const torch::Tensor& x, const torch::Tensor& pixels) {
  const auto error = (x.round().clamp(0, 255) - pixels).square().mean().item<double>();
  return 10 * std::log10(255.0 * 255.0 / error);
}

Curves measure(const std::filesystem::path& model, const std::vector<torch::Tensor>& pictures) {
  const torch::NoGradGuard no_grad;
  const auto file = model::SafeTensors::open(model);
  auto vae = nn::trainable(file);
  const auto layers = model::load_synthesis_layers(file, vae->config());
  Curves curves;
  for (const int q : kQualities) {
    double bpp = 0, trained = 0, integer = 0;
    for (const auto& image : pictures) {
      const auto side = [&](int d) { return image.size(d) / model::kHyperStride * model::kHyperStride; };
      const auto pixels =
          image.slice(0, 0, side(0)).slice(1, 0, side(1)).permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32);
      const auto quality = torch::full({1}, static_cast<float>(q));
      const auto x = (pixels / 255).contiguous(at::MemoryFormat::ChannelsLast);
      const auto coded = vae->predict(vae->analysis(x) * vae->gain(quality, true), quality, std::nullopt);
      const auto plane = nn::quality_plane(quality, coded.y_hat.size(2), coded.y_hat.size(3));
      bpp += (coded.y_bits + coded.z_bits).item<double>() / static_cast<double>(side(0) * side(1));
      trained += psnr(vae->synthesis(coded.y_hat * vae->gain(quality, false), plane) * 255, pixels);
      const auto y = (coded.y_hat * model::kMeanUnit).round().to(torch::kInt32);
      const auto found = nn::integer_synthesis(layers, y, q).to(torch::kFloat32);
      integer += psnr((found / model::kPixelUnit), pixels);
    }
    const auto n = static_cast<double>(pictures.size());
    curves.trained.push_back({static_cast<double>(q), bpp / n, trained / n});
    curves.integer.push_back({static_cast<double>(q), bpp / n, integer / n});
  }
  return curves;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "synthesis_loss PICTURES.vpack MODEL [PARENT]\n");
    return 2;
  }
  try {
    auto pictures = train::load_dataset(argv[1], false, 1).images;
    for (auto& p : pictures) p = p.expand({-1, -1, 3});
    const auto curves = measure(argv[2], pictures);
    std::printf("quality   bpp     trained  integer\n");
    for (std::size_t i = 0; i < std::size(kQualities); ++i) {
      std::printf("%7d  %.4f  %.3f  %.3f  %+.3f\n", kQualities[i], curves.trained[i].bpp,
                  curves.trained[i].psnr, curves.integer[i].psnr,
                  curves.integer[i].psnr - curves.trained[i].psnr);
    }
    std::printf("BD-rate of the integers: %+.2f%%\n", eval::bd_rate(curves.trained, curves.integer).percent);
    if (argc == 4) {
      const auto parent = measure(argv[3], pictures);
      std::printf("against the parent's trained g_s: %+.2f%%\n",
                  eval::bd_rate(parent.trained, curves.integer).percent);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
