#include "cli/batch_report.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/progress.hpp"
#include "base/tell.hpp"
#include "cli/batch.hpp"
#include "cli/streams.hpp"

namespace vaec::cli {
namespace {

using Json = nlohmann::ordered_json;

double bits_per_pixel(std::uint64_t bytes, std::uint64_t pixels) {
  return pixels == 0 ? 0 : 8.0 * static_cast<double>(bytes) / static_cast<double>(pixels);
}

// File names need not be UTF-8, JSON must be.
void print_json(const Json& object) {
  print_line(object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json without_figures(const Job& job, const char* status, const Json& error) {
  return {{"input", job.input.string()},
          {"output", job.output.string()},
          {"status", status},
          {"width", nullptr},
          {"height", nullptr},
          {"bytes", nullptr},
          {"bpp", nullptr},
          {"seconds", nullptr},
          {"error", error},
          {"notes", Json::array()}};
}

std::string words(const Verified& verified) {
  if (std::isinf(verified.psnr)) return "exact";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f dB", verified.psnr);
  if (!verified.ssimulacra2) return text.data();
  std::array<char, 64> score{};
  std::snprintf(score.data(), score.size(), ", SSIMULACRA2 %.1f", *verified.ssimulacra2);
  return std::string(text.data()) + score.data();
}

}  // namespace

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string readable_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 999.95 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size, kUnits[unit]);
  return text.data();
}

double BatchReport::elapsed() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

// On a terminal, below the lines: how far the batch is, and how long it will go on at this pace.
void BatchReport::show_progress() const {
  const std::size_t finished = done_ + failures_;
  if (quiet_ || json_ || left() == 0 || finished == 0) return;
  const double seconds = elapsed();
  const auto seconds_left =
      static_cast<long>(seconds * static_cast<double>(left()) / static_cast<double>(finished));
  std::array<char, 128> text{};
  const auto saved = picture_bytes_ > bytes_ ? picture_bytes_ - bytes_ : 0;
  std::snprintf(text.data(), text.size(), "%zu of %zu files  %.1f MP/s%s  %ld:%02ld left", files_ - left(),
                files_, static_cast<double>(pixels_) / 1e6 / seconds,
                bytes_ > 0 ? ("  " + readable_size(saved) + " saved").c_str() : "", seconds_left / 60,
                seconds_left % 60);
  base::show_progress(text.data());
}

void BatchReport::done(const Job& job, const FileResult& result, double seconds) {
  if (result.is_skipped) {
    ++skipped_;
    if (json_) print_json(without_figures(job, "skipped", nullptr));
    return;
  }
  const std::uint64_t pixels = std::uint64_t{result.width} * result.height;
  ++done_;
  bytes_ += result.bytes;
  picture_bytes_ += result.picture_bytes;
  pixels_ += pixels;
  const double bpp = bits_per_pixel(result.bytes, pixels);
  if (!quiet_ && !result.notes.empty()) {
    base::show_progress("");
    for (const auto& note : result.notes) {
      if (++notes_[note] <= kToldNotes || files_ == 1)
        base::tell("vaec: note: %s: %s\n", display_name(job.input).c_str(), note.c_str());
    }
  }
  if (json_) {
    Json object{{"input", job.input.string()},
                {"output", job.output.string()},
                {"status", "ok"},
                {"width", result.width},
                {"height", result.height},
                {"bytes", result.bytes},
                {"bpp", bpp},
                {"seconds", seconds},
                {"error", nullptr},
                {"notes", result.notes},
                {"lossless", result.lossless},
                {"exact_blocks", result.exact_blocks}};
    if (result.quality) object["quality"] = *result.quality;
    if (result.verified) {
      object["psnr"] = result.verified->psnr;
      object["ssimulacra2"] =
          result.verified->ssimulacra2 ? Json(*result.verified->ssimulacra2) : Json(nullptr);
    }
    print_json(object);
  } else if (!quiet_) {
    base::show_progress("");
    const std::string output = job.output == kStandardStream ? "standard output" : job.output.string();
    const std::string quality = result.quality ? "  quality " + std::to_string(*result.quality) : "";
    const std::string verified = result.verified ? "  verified: " + words(*result.verified) : "";
    const char* kept = result.lossless           ? "  lossless"
                       : result.exact_blocks > 0 ? "  blocks kept exactly"
                                                 : "";
    std::array<char, 64> size{};  // of a .vaec file, if there is one
    if (result.bytes > 0)
      std::snprintf(size.data(), size.size(), "  %s  %.2f bpp", readable_size(result.bytes).c_str(), bpp);
    base::tell("%s -> %s  %ux%u%s%s  %.2f s%s%s\n", display_name(job.input).c_str(), output.c_str(),
               result.width, result.height, size.data(), quality.c_str(), seconds, kept, verified.c_str());
    show_progress();
  }
}

void BatchReport::failed(const Job& job, const std::string& message) {
  ++failures_;
  base::show_progress("");
  base::tell("vaec: %s\n", message.c_str());
  if (!json_) return;
  print_json(without_figures(job, "error", message));
}

void BatchReport::finish() const {
  if (left() > 0) {
    base::tell("vaec: interrupted: %zu of %s done\n", done_, counted(files_, "file").c_str());
  } else if (failures_ > 0 && files_ > 1) {
    base::tell("vaec: %zu of %zu files failed\n", failures_, files_);
  }
  for (const auto& [note, count] : notes_) {
    if (!quiet_ && files_ > 1 && count > kToldNotes)
      base::tell("vaec: note: %s: %s\n", counted(count - kToldNotes, "more file").c_str(), note.c_str());
  }
  if (quiet_ || json_) return;
  if (skipped_ > 0)
    base::tell("%zu of %s skipped: %s\n", skipped_, counted(files_, "file").c_str(),
               skipped_ == 1 ? "its output exists" : "their outputs exist");
  if (files_ == 1 || done_ == 0) return;
  const double seconds = elapsed(), megapixels = static_cast<double>(pixels_) / 1e6;
  if (bytes_ == 0) {  // no .vaec files
    base::tell("%s  %.1f MP  %.2f s  %.1f MP/s\n", counted(done_, "file").c_str(), megapixels, seconds,
               megapixels / seconds);
    return;
  }
  base::tell("%s  %.1f MP  %s in pictures, %s in .vaec files  %.2f bpp  %.2f s  %.1f MP/s\n",
             counted(done_, "file").c_str(), megapixels, readable_size(picture_bytes_).c_str(),
             readable_size(bytes_).c_str(), bits_per_pixel(bytes_, pixels_), seconds, megapixels / seconds);
}

}  // namespace vaec::cli
