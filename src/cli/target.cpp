#include "cli/target.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <map>

#include "base/interrupt.hpp"
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
  const auto add = [&](const char* name, double& value, const CLI::Validator& number, const char* unit,
                       const char* what) {
    auto* option = app.add_option(name, value, what)->transform(number)->type_name(unit);
    for (auto* other : excluded) option->excludes(other);
    excluded.push_back(option);
  };
  add("--target-bpp", target.bpp, positive_number(), "X",
      "Find the best quality within so many bits a pixel");
  add("--target-psnr", target.psnr, positive_number(), "DB", "Find the quality for this PSNR in dB");
  add("--target-ssimulacra2", target.ssimulacra2, positive_number(), "X",
      "Find the quality for this SSIMULACRA2: 90 looks the same, 70 is high quality, 50 medium");
  add("--target-size", target.bytes, size_in_bytes(/*least=*/1), "SIZE",
      "Find the best quality for a file of at most so many bytes, as 100k");
}

Found compress_to(const Target& target, const Codec& codec, const Image& image, CompressOptions options) {
  const double goal = wanted(target);
  const bool guard = options.guard;
  const auto try_once = [&](int quality, bool guarded) {
    base::throw_if_interrupted();
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

  const auto is_off = [&](double value) { return std::abs(value - goal) > kTolerance * goal; };
  // The file of `quality`, or what the guard makes of it where that takes fewer bytes.
  const auto found_at = [&](int quality) {
    Found found{quality, std::move(trials.at(quality).file), {}};
    if (is_off(value_at(quality))) {
      found.note = fmt::format("quality {} comes nearest to {}: {}", quality, words(target, goal),
                               words(target, value_at(quality)));
    }
    if (!guard) return found;
    Trial kept = try_once(quality, true);
    if (kept.file.size() >= found.file.size()) return found;
    found.file = std::move(kept.file);
    found.note.clear();
    if (is_off(kept.value))
      found.note = fmt::format("drawn parts are kept exactly, in fewer bytes: {}", words(target, kept.value));
    return found;
  };

  const bool is_low = target.decodes() && value_at(kMaxQuality) < goal * (1 - kTolerance),
             is_large = !target.decodes() && value_at(kMinQuality) > goal;
  if (is_low || is_large) {
    if (guard) {
      const int nearest = is_low ? kMaxQuality : kMinQuality;
      Trial kept = try_once(nearest, true);
      if (is_low ? kept.value >= goal : kept.value <= goal) return {nearest, std::move(kept.file), {}};
    }
    throw Error(ErrorCode::kLimit,
                fmt::format("a target of {} cannot be reached: quality {} gives {}, quality {} {}",
                            words(target, goal), kMinQuality, words(target, value_at(kMinQuality)),
                            kMaxQuality, words(target, value_at(kMaxQuality))));
  }
  if (value_at(kMinQuality) > goal) return found_at(kMinQuality);
  if (value_at(kMaxQuality) <= goal) return found_at(kMaxQuality);
  int low = kMinQuality, high = kMaxQuality;  // value_at(low) <= goal < value_at(high)
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (value_at(middle) <= goal ? low : high) = middle;
  }
  const auto off = [&](int quality) { return std::abs(value_at(quality) - goal); };
  return found_at(target.decodes() && off(high) < off(low) ? high : low);
}

}  // namespace vaec::cli
