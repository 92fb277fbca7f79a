// The sizes of the two-level VAE, as they stand in a model's metadata.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/safetensors.hpp"
#include "vaec/options.hpp"

namespace vaec::model {

inline constexpr int kLatentStride = 16;  // pixels a latent position
inline constexpr int kHyperStride = 64;   // pixels a hyper-latent position
inline constexpr int kCellsAHyper = kHyperStride / kLatentStride;
inline constexpr double kReferenceLambda = 0.013;  // the lambda at which the closed form's gain is 1

// The nonlinear branches see a latent of about unit size and give one back in units of the rounding step.
inline constexpr double kLatentScale = 10.0, kHyperScale = 4.0;
// With a scale index up to this one a symbol is zero, and not coded: fewer than one in a thousand would not be.
inline constexpr int kZeroScale = 2;
inline constexpr int kMaxLfChannels = 8;
inline constexpr double kLeakySlope = 0.1;  // of LeakyReLU, the activation of g_a, g_s and h_a

// One side of the transforms, by resolution: 1/4, 1/8, 1/16 of the image's.
struct TransformConfig {
  std::array<int, 3> channels{32, 64, 128};
  std::array<int, 3> blocks{1, 1, 1};  // residual blocks of two 3x3 convolutions
  // Between the parts at 1/4 and the linear branch: g_a's adds to the pixels that the linear branch
  // transforms, g_s's sees the picture that it makes.
  bool skip = false;
};

// What is asked of both transforms, 0: the default, or what a model to start from has.
struct TransformSizes {
  std::array<int, 3> channels{}, blocks{};                    // of g_a and g_s
  std::array<int, 3> analysis_channels{}, analysis_blocks{};  // of g_a, in place of these
  bool skip = false;                                          // of both
  bool operator==(const TransformSizes&) const = default;
};

// What the loss counts as distortion: lambda times a weighted sum. Each measure has such units that photographs at
// quality 50 of a model trained for squared error have about the same of it.
struct Distortion {
  double mse = 1;          // of 255^2 * mean squared error of RGB
  double xyb = 0;          // of kXybWeight * 255^2 * mean squared error of XYB, the channels added up
  double ms_ssim = 0;      // of kMsSsimWeight * (1 - MS-SSIM)
  double ssimulacra2 = 0;  // of kSsimulacra2Weight * the sum of SSIMULACRA2's weighted errors

  [[nodiscard]] bool is_mse() const { return mse != 0 && xyb == 0 && ms_ssim == 0 && ssimulacra2 == 0; }
  // Not of a model that a newer vaec trained for a measure of its own: it decodes, but is not refined or trained.
  [[nodiscard]] bool is_known() const { return mse != 0 || xyb != 0 || ms_ssim != 0 || ssimulacra2 != 0; }
  [[nodiscard]] bool operator==(const Distortion&) const = default;
};
inline constexpr double kXybWeight = 1.3;
inline constexpr double kMsSsimWeight = 1280;  // the ratio of CompressAI's lambdas for the two
inline constexpr double kSsimulacra2Weight = 5;

// "mse", "xyb", "ms-ssim" or "ssimulacra2", each with a weight behind a colon if that is not 1; several with commas
// between them: "ms-ssim,mse:0.25".
[[nodiscard]] std::string to_text(const Distortion& distortion);
// Throws Error kModel: no such text, a name twice, a weight that is not above 0 and at most 1000.
[[nodiscard]] Distortion distortion_from(const std::string& text);

struct PhotoConfig {
  int latent = 320;              // channels of y
  int hyper = 64;                // channels of z
  int hyper_width = 128;         // channels inside h_a and h_s
  int context_width = 64;        // channels that h_s draws from the latents already decoded
  int levels = 8;                // of the quality, at which gains and statistics of z stand
  int lf_width = 64;             // channels that h_s draws from the LF image
  std::vector<int> lf{0, 1, 4};  // channels of y that make up the LF image, ascending; luma comes first
  TransformConfig analysis, synthesis;
  double lambda_min = 0.0007, lambda_max = 1.2;  // what quality 1 and 100 were trained for
  Distortion distortion;

  // Whether lambda_min and lambda_max are what is asked of them, and that in words.
  [[nodiscard]] bool has_lambda_range() const;
  static const std::string kLambdaRange;
  // lambda of a quality (1..100), log-spaced.
  [[nodiscard]] double lambda(double quality) const;
  // Throws Error kInternal / kModel (a size out of its range, missing, of the wrong type).
  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static PhotoConfig from_json(const std::string& text);
  // From a model file's metadata. Members that it does not know are ignored: what changes decoding comes with another
  // `version` (1 if there is none). Throws Error kModel.
  [[nodiscard]] static PhotoConfig from_file(const SafeTensors& file);

  // Whether each channel of y is one of the LF image's.
  [[nodiscard]] std::vector<bool> is_lf() const;

  void set(const TransformSizes& sizes);
  // Latent positions on each side that one output of g_s depends on.
  [[nodiscard]] int synthesis_halo() const;
};

// The position of a quality among `levels`, 0..levels - 1, in real numbers.
[[nodiscard]] double level_position(double quality, int levels);
// The level whose means, expected errors and weights of z a quality uses.
[[nodiscard]] int nearest_level(int quality, int levels);

}  // namespace vaec::model
