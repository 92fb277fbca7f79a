// vaec compress: pictures -> .vaec files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/input_files.hpp"
#include "base/picture_names.hpp"
#include "base/stage.hpp"
#include "base/tell.hpp"
#include "cli/batch.hpp"
#include "cli/failure.hpp"
#include "cli/folder_content.hpp"
#include "cli/memory.hpp"
#include "cli/numbers.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "cli/streams.hpp"
#include "cli/target.hpp"
#include "cli/tune.hpp"
#include "eval/psnr.hpp"
#include "eval/ssimulacra2.hpp"
#include "image/read.hpp"
#include "vaec/codec.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

// Bytes a pixel that smoothing what is transparent or kept exactly takes (codec/transparent.hpp), and a copy of the samples.
constexpr std::uint64_t kSmoothing = 12;

constexpr const char* kCompressFooter = R"(Examples:
  vaec compress photo.png                       writes photo.vaec
  vaec compress photos/ -r -o packed/ -q 50     a whole folder, mirrored
  vaec compress scan.png -o small.vaec -q 20 -m mine.safetensors
                                                with a model of your own
  vaec compress photo.png --target-size 100k    the best that is not larger
  vaec compress photo.png --tune psnr           for the least squared error, not for the eye
  vaec compress photo.png -e 7                  slower, smaller; decompressing is as fast as ever
  vaec compress drawing.png --lossless          every sample exactly as it was; needs no model
  cat photo.png | vaec compress - > photo.vaec  through pipes
Reads PNG, JPEG, WebP, TIFF, BMP, PNM, JPEG 2000, GIF, HEIC, AVIF and JPEG XL: grey, RGB and CMYK of
up to 16 bits, upright as EXIF says. Alpha is kept exactly, and so are ICC profile, EXIF, XMP and
resolution, unless --strip. Animations and books of several pages are refused.)";

struct CompressCommand {
  BatchOptions batch;
  int quality = kDefaultQuality;
  int effort = kDefaultEffort;
  bool lossless = false, guard = true, verify = false, strip = false, allow_damaged = false;
  Target target;
};

std::filesystem::path whole_name(const std::filesystem::path& name) { return name.string() + ".vaec"; }

// photo.png -> photo.vaec; what has no picture's extension keeps its whole name, scan.3 -> scan.3.vaec, and so does
// what would seem to be another picture's: a.jpg.png -> a.jpg.png.vaec.
std::filesystem::path compressed_name(const std::filesystem::path& name) {
  const bool is_short = base::has_picture_extension(name) && !base::has_picture_extension(name.stem());
  return whole_name(is_short ? name.stem() : name);
}

// Sets the result's file, and what is told of how it was found.
void compress_into(FileResult& result, const CompressCommand& command, const Codec& codec, const Image& image,
                   const CompressOptions& options) {
  if (!command.target.any()) {
    result.output = codec.compress(image, options);
    return;
  }
  auto found = compress_to(command.target, codec, image, options);
  result.output = std::move(found.file);
  result.quality = found.quality;
  if (!found.note.empty()) result.notes.push_back(std::move(found.note));
}

// Whether the result is decoded, too.
bool decodes(const CompressCommand& command) { return command.verify || command.target.decodes(); }

// Bytes that a picture takes.
std::uint64_t memory_of(const CompressCommand& command, const Codec& codec, const image::Header& found,
                        const CompressOptions& options) {
  const std::uint32_t bytes_per_pixel = (found.has_alpha ? 4 : 3) * (found.bit_depth / 8);
  const auto [width, height] = std::pair(found.width, found.height);
  auto bytes = codec.memory_to_compress(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
                                        bytes_per_pixel, options) +
               width * height * bytes_per_pixel +  // while it is read
               ((found.has_alpha || options.guard) && !command.lossless ? width * height * kSmoothing : 0);
  if (decodes(command)) {
    FileInfo result;
    result.width = static_cast<std::uint32_t>(width);
    result.height = static_cast<std::uint32_t>(height);
    result.profile = command.lossless ? Profile::kLossless : Profile::kHyperprior;
    result.channels = 3;
    result.has_alpha = found.has_alpha;
    result.bit_depth = found.bit_depth;
    bytes += std::max(codec.memory_to_decompress(result, {}), eval::ssimulacra2_memory(result.width));
  }
  return bytes;
}

// Decodes what is about to be written. Throws Error kInternal if it cannot be decoded, or is not what it should be:
// a bug, or a faulty machine.
Verified verified(const Codec& codec, std::span<const std::byte> file, const Image& image,
                  const CompressOptions& options) {
  try {
    const Image back = decoded_beside(image, codec, file, options);
    const bool keeps_metadata = codec.architecture() != "mnist" && options.limits.max_metadata > 0;
    if (peek(file).profile == Profile::kLossless &&
        (back.samples != image.samples || back.samples16 != image.samples16)) {
      throw Error(ErrorCode::kInternal, "verification failed, nothing is written: samples changed");
    }
    if (back.alpha != image.alpha || back.alpha16 != image.alpha16 ||
        (keeps_metadata && back.metadata != image.metadata)) {
      throw Error(ErrorCode::kInternal, "verification failed, nothing is written: alpha or metadata changed");
    }
    return {eval::psnr(image, back), eval::ssimulacra2(image, back)};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) throw;
    throw Error(ErrorCode::kInternal,
                std::string("verification failed, nothing is written: ") + error.what());
  }
}

std::unique_ptr<Codec> loaded_model(const Plan& plan, const BatchOptions& options) {
  const std::filesystem::path model = find_model(options.model);
  base::InputFiles inputs;
  inputs.add(model);
  for (const Job& job : plan.jobs) inputs.refuse_as_output(job.output);
  auto codec = Codec::load(model);
  if (options.verbosity.verbose) {
    base::tell("vaec: model %s (%s, %s)\n", model.c_str(), codec->architecture().c_str(),
               to_hex(codec->id()).c_str());
  }
  return codec;
}

int run_compress(CompressCommand& command) {
  BatchOptions& options = command.batch;
  const Naming naming_rules{"pictures", look_for_picture, compressed_name, whole_name, has_vaec_extension};
  Plan plan = make_plan(options, naming_rules);
  if (plan.jobs.empty()) return 0;  // more parts than files
  check_streams(plan, options);
  if (!check_outputs(plan, options)) return run_batch(plan, options, {});
  options.threads = usable_threads(options.threads);
  const std::unique_ptr<Codec> codec = command.lossless ? Codec::lossless() : loaded_model(plan, options);

  const Limits limits = options.limits();
  const bool keeps_metadata = codec->architecture() != "mnist";
  MemoryGate gate(options.memory);
  return run_batch(plan, options, [&](const Job& job, int threads) {
    CompressOptions how{command.quality, command.effort, threads, limits, command.guard};
    const std::string name = display_name(job.input);
    FileResult result;
    auto file = read_picture_file(job.input, limits, &result.attributes);
    result.picture_bytes = file.size();
    const auto header = image::read_header(file, name, limits);
    const bool has_no_room =
        options.memory > 0 && file.size() + memory_of(command, *codec, header, how) > options.memory;
    if (has_no_room) how.guard = false;
    const auto share =
        naming(name, [&] { return gate.take(file.size() + memory_of(command, *codec, header, how)); });
    const image::Reading reading = [&] {
      const base::StageTimer timer(base::Stage::kRead);
      return image::read_image(file, name, limits, {!command.strip, command.allow_damaged});
    }();
    std::vector<std::byte>().swap(file);
    result.notes = reading.notes;
    if (has_no_room && command.guard && codec->architecture() == "photo")
      result.notes.emplace_back(
          "drawn parts, if there are any, are not kept exactly: --memory has no room for that");
    if (!keeps_metadata && !reading.image.metadata.empty())
      result.notes.emplace_back("metadata, which this model's files do not hold: left out");
    result.width = reading.image.width;
    result.height = reading.image.height;
    naming(name, [&] { compress_into(result, command, *codec, reading.image, how); });
    result.bytes = result.output.size();
    const FileInfo made = peek(result.output);
    result.lossless = made.profile == Profile::kLossless;
    result.exact_blocks = made.exact_blocks;
    if (command.verify) {
      result.verified = naming(name, [&] { return verified(*codec, result.output, reading.image, how); });
    }
    return result;
  });
}

}  // namespace

void setup_compress(CLI::App& app, Program& program) {
  auto command = std::make_shared<CompressCommand>();
  command->batch.model = kEyeModel;
  CLI::App* sub = app.add_subcommand("compress", "Compress pictures to .vaec files");
  sub->footer(kCompressFooter);
  add_batch_options(*sub, command->batch);
  CLI::Option* quality = sub->add_option("-q,--quality", command->quality, "1 (smallest) to 100 (best)");
  quality->transform(whole_number(kMinQuality, kMaxQuality))->capture_default_str()->type_name("N");
  CLI::Option* effort =
      sub->add_option("-e,--effort", command->effort,
                      "1 (fastest) to 9 (smallest files); from 3 on the latent is refined for each picture");
  effort->transform(whole_number(kMinEffort, kMaxEffort))->capture_default_str()->type_name("N");
  CLI::Option* lossless =
      sub->add_flag("--lossless", command->lossless,
                    "Keep every sample exactly, without a model: for drawings, and where nothing may change");
  CLI::Option* guard = sub->add_flag("!--no-guard", command->guard,
                                     "Code text, lines, screens and dither as if they were photographs, not "
                                     "exactly where that pays; a tight --memory does so, too, and notes it");
  sub->add_flag("--strip", command->strip, "Leave out ICC profile, EXIF, XMP and resolution");
  sub->add_flag(
      "--allow-damaged", command->allow_damaged,
      "Read what there is of damaged and cut-off pictures, and make up the rest, where the format allows it");
  sub->add_flag("--verify", command->verify,
                "Decode each result before it is written, and tell its PSNR and SSIMULACRA2");
  CLI::Option* model =
      sub->add_option("-m,--model", command->batch.model, "Model: a file, or a name in models/");
  model->capture_default_str()->type_name("MODEL");
  CLI::Option* tune = add_tune(*sub, command->batch.model, model);
  lossless->excludes(quality)->excludes(effort)->excludes(model)->excludes(tune)->excludes(guard);
  add_target(*sub, command->target, {quality, lossless});
  sub->callback([command, &program] { program.action = [command] { return run_compress(*command); }; });
}

}  // namespace vaec::cli
