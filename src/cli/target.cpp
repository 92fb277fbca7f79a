#include "cli/target.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <map>

#include "cli/numbers.hpp"
#include "eval/psnr.hpp"
#include "eval/ssimulacra2.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

constexpr double kTolerance = 0.02;

struct Trial {
  std::vector<std::byte> file;
  double value = 0;  // in the target's unit
};

double wanted(const Target& t) {
  return t.psnr > 0 ? t.psnr : t.ssimulacra2 > 0 ? t.ssimulacra2 : t.bpp > 0 ? t.bpp : t.bytes;
}

std::string words(const Target& t, double value) {
  if (t.psnr > 0) return fmt::format("{:.2f} dB", value);
  if (t.ssimulacra2 > 0) return fmt::format("SSIMULACRA2 {:.2f}", value);
  if (t.bpp > 0) return fmt::format("{:.4f} bpp", value);
  return fmt::format("{:.0f} bytes", value);
}

double value_of(const Target& t, const Codec& codec, const Image& image, const CompressOptions& options,
                const std::vector<std::byte>& file) {
  if (t.decodes()) {
    const Image decoded = decoded_beside(image, codec, file, options);
    if (t.psnr > 0) return eval::psnr(image, decoded);
    const auto score = eval::ssimulacra2(image, decoded);
    if (score) return *score;
    throw Error(ErrorCode::kLimit, "a target of " + words(t, t.ssimulacra2) +
                                       " cannot be aimed at: a side of the picture has less than " +
                                       std::to_string(eval::kSmallestSsimulacra2Side) + " pixels");
  }
  const auto bytes = static_cast<double>(file.size());
  return t.bpp > 0 ? 8 * bytes / (static_cast<double>(image.width) * image.height) : bytes;
}

}  // namespace

Image decoded_beside(const Image& image, const Codec& codec, std::span<const std::byte> file,
                     const CompressOptions& options) {
  Limits limits = options.limits;
  if (limits.max_memory > 0) {
    const std::uint64_t held =
        std::uint64_t{image.width} * image.height * image.bytes_per_pixel() + file.size();
    limits.max_memory = limits.max_memory > held ? limits.max_memory - held : 1;
  }
  return codec.decompress(file, {.threads = options.threads, .limits = limits});
}

void add_target(CLI::App& app, Target& target, const std::vector<CLI::Option*>& others) {
  auto excluded = others;
  const auto add = [&](const char* name, double& value, const char* unit, const char* what) {
    auto* option = app.add_option(name, value, what)->transform(positive_number())->type_name(unit);
    for (auto* other : excluded) option->excludes(other);
    excluded.push_back(option);
  };
  add("--target-bpp", target.bpp, "X", "Find the quality for so many bits a pixel");
  add("--target-psnr", target.psnr, "DB", "Find the quality for this PSNR in dB");
  add("--target-ssimulacra2", target.ssimulacra2, "X",
      "Find the quality for this SSIMULACRA2: 90 looks the same, 70 is high quality, 50 medium");
  add("--target-size", target.bytes, "BYTES", "Find the quality for a file of so many bytes");
}

Found compress_to(const Target& target, const Codec& codec, const Image& image, CompressOptions options) {
  const double goal = wanted(target);
  const bool guard = options.guard;
  const auto try_once = [&](int quality, bool guarded) {
    options.quality = quality;
    options.guard = guarded;
    Trial trial{codec.compress(image, options), 0};
    trial.value = value_of(target, codec, image, options, trial.file);
    return trial;
  };
  // Without the guard all of them grow with the quality.
  std::map<int, Trial> trials;
  const auto value_at = [&](int quality) {
    auto found = trials.find(quality);
    if (found == trials.end()) found = trials.emplace(quality, try_once(quality, false)).first;
    return found->second.value;
  };

  int low = kMinQuality,
      high = kMaxQuality;  // value_at(low) <= goal < value_at(high), if it can be reached at all
  if (value_at(low) > goal * (1 + kTolerance) || value_at(high) < goal * (1 - kTolerance)) {
    if (guard && target.decodes()) {
      Trial kept = try_once(kMaxQuality, true);
      if (kept.value >= goal) return {kMaxQuality, std::move(kept.file), {}};
    }
    throw Error(ErrorCode::kLimit,
                fmt::format("a target of {} cannot be reached: quality {} gives {}, quality {} {}",
                            words(target, goal), low, words(target, value_at(low)), high,
                            words(target, value_at(high))));
  }
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (value_at(middle) <= goal ? low : high) = middle;
  }
  const auto off = [&](int quality) { return std::abs(value_at(quality) - goal); };
  const int best = off(low) <= off(high) ? low : high;
  Found found{best, std::move(trials.at(best).file), {}};
  if (guard) {
    Trial kept = try_once(best, true);
    if (kept.file.size() < found.file.size()) {
      found.file = std::move(kept.file);
      if (std::abs(kept.value - goal) > kTolerance * goal)
        found.note =
            fmt::format("drawn parts are kept exactly, in fewer bytes: {}", words(target, kept.value));
      return found;
    }
  }
  if (off(best) > kTolerance * goal) {
    found.note = fmt::format("quality {} comes nearest to {}: {}", best, words(target, goal),
                             words(target, value_at(best)));
  }
  return found;
}

}  // namespace vaec::cli
