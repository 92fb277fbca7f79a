// vaec decompress: .vaec files -> pictures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

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
#include "image/write.hpp"
#include "vaec/codec.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

constexpr const char* kDecompressFooter = R"(Examples:
  vaec decompress photo.vaec                       writes photo.png; photo.jpg.vaec: photo.jpg
  vaec decompress packed/ -r -o out/ --format webp    a whole folder, mirrored
  vaec decompress photo.vaec -o photo.jpg --jpeg-quality 90
                                                      in another format
  vaec decompress - -o - < photo.vaec > photo.png     through pipes
  vaec decompress photo.vaec -o thumbnail.jpg --scale 1/8
                                                      smaller, and in less time
  vaec decompress photo.vaec -o part.png --region 1000,500,640,480
                                                      a part, and in less time
The model is found by the id in the file: in $VAEC_MODEL_PATH, in models/ beside the program, and
among those installed; -m gives it directly. All formats but jpg keep the pixels exactly. png and
tiff hold everything: alpha, 16 bits, ICC profile, EXIF, XMP and resolution; webp all but 16 bits and
resolution; jpg no alpha and 8 bits; ppm no alpha and no metadata; bmp the resolution alone.)";

struct DecompressCommand {
  BatchOptions batch;
  std::string format;
  image::WriteOptions write;
  bool strip = false;
  std::optional<std::string> region;  // "x,y,width,height"; none: the whole picture
  View view;
};

// "x,y,width,height". Throws Error kUsage.
void parse_region(const std::string& text, View& view) {
  const auto numbers = parse_wholes(text, ',', 4);
  if (!numbers || numbers->at(2) == 0 || numbers->at(3) == 0) {
    throw Error(ErrorCode::kUsage,
                "--region " + text + ": expected x,y,width,height in pixels, such as 0,0,640,480");
  }
  view.x = numbers->at(0);
  view.y = numbers->at(1);
  view.width = numbers->at(2);
  view.height = numbers->at(3);
}

// Loads each model once.
class LoadedModels {
 public:
  // `model`: the one to use for all files; empty: the one whose id is in the file.
  LoadedModels(const std::string& model, bool verbose) : verbose_(verbose) {
    if (!model.empty()) given_ = load(find_model(model));
  }

  const Codec& codec_for(const FileInfo& file) {
    if (file.profile == Profile::kLossless) {
      const std::lock_guard lock(loading_);
      if (!lossless_) lossless_ = Codec::lossless();
      return *lossless_;
    }
    if (given_) return *given_;
    const ModelId& id = file.model_id;
    const std::lock_guard lock(loading_);
    std::unique_ptr<Codec>& codec = by_id_[id];
    if (!codec) codec = load(find_model(id));
    return *codec;
  }

 private:
  std::unique_ptr<Codec> load(const std::filesystem::path& model) const {
    auto codec = Codec::load(model);
    if (verbose_) base::tell("vaec: model %s (%s)\n", model.c_str(), to_hex(codec->id()).c_str());
    return codec;
  }

  std::unique_ptr<Codec> given_, lossless_;
  std::mutex loading_;
  std::map<ModelId, std::unique_ptr<Codec>> by_id_;
  bool verbose_;
};

// Counts what the pictures lose, to tell it once.
struct UnwritableCount {
  std::atomic<std::size_t> alpha = 0, depth = 0, icc = 0, exif = 0, xmp = 0, resolution = 0;

  void add(const image::Losses& lost) {
    alpha += lost.alpha ? 1 : 0;
    depth += lost.depth ? 1 : 0;
    icc += lost.icc ? 1 : 0;
    exif += lost.exif ? 1 : 0;
    xmp += lost.xmp ? 1 : 0;
    resolution += lost.resolution ? 1 : 0;
  }
  void tell() const {
    const auto say = [](std::size_t count, const char* what) {
      if (count > 0) base::tell("vaec: note: %zu file(s) with %s\n", count, what);
    };
    say(alpha, "alpha, which the format cannot hold: put on white");
    say(depth, "16 bits a sample, which the format cannot hold: reduced to 8");
    say(icc, "a colour profile (ICC) that the format cannot hold, or not for such samples: left out");
    say(exif, "EXIF that is damaged, or that the format cannot hold: left out");
    say(xmp, "XMP that the format cannot hold: left out");
    say(resolution, "a resolution that the format cannot hold: left out");
  }
};

// The format that a name's extension says, if it can be written.
std::optional<image::OutputFormat> named_format(const std::filesystem::path& name) {
  const std::string extension = name.extension().string();
  return extension.empty() ? std::nullopt : image::format_named(extension.substr(1));
}

// photo.vaec -> photo.png, or as `asked` says; photo.jpg.vaec -> photo.jpg, unless another format is asked for.
std::filesystem::path picture_name(const std::filesystem::path& name, const std::string& asked) {
  const std::filesystem::path rest = has_vaec_extension(name) ? name.stem() : name;
  const auto named = named_format(rest);
  if (has_vaec_extension(name) && named && (asked.empty() || named == image::format_named(asked)))
    return rest;
  return rest.string() + "." + (asked.empty() ? "png" : asked);
}

// JPEG and tif as jpg and tiff.
CLI::Validator usual_name() {
  const auto rename = [](std::string& name) {
    name = base::lower_case(name);
    if (name == "jpeg") name = "jpg";
    if (name == "tif") name = "tiff";
    return std::string();
  };
  return {rename, ""};
}

// --format, else what the output's name says, else PNG.
image::OutputFormat format_of(const Job& job, const std::string& asked) {
  if (!asked.empty()) return *image::format_named(asked);
  if (job.output != kStandardStream && std::filesystem::path(job.output).has_extension()) {
    return image::format_of(job.output);
  }
  return image::OutputFormat::kPng;
}

// `action` looks at a file's header alone, since decompressing checks the whole file. If what the header asks
// for cannot be had, the file may be damaged: then that is what is told.
template <typename Action>
decltype(auto) blaming_damage(std::span<const std::byte> file, const Action& action) {
  try {
    return action();
  } catch (const Error&) {
    (void)peek(file);
    throw;
  }
}

// A side of what a view shows, in pixels, or a little more: it is widened to whole cells of its scale.
std::uint32_t shown(std::uint32_t asked, std::uint32_t whole, std::uint32_t scale) {
  const std::uint32_t side = asked == 0 || asked > whole ? whole : std::min(whole, asked + 2 * scale);
  return (side + scale - 1) / scale;
}

int run_decompress(DecompressCommand& command) {
  if (command.region) parse_region(*command.region, command.view);
  BatchOptions& options = command.batch;
  using Path = std::filesystem::path;
  const auto rename = [&](const Path& name) { return picture_name(name, command.format); };
  const auto rename_whole = [&](const Path& name) {
    return Path(name.string() + "." + (command.format.empty() ? "png" : command.format));
  };
  const auto is_result = [](const Path& name) { return named_format(name).has_value(); };
  Plan plan = make_plan(options, {".vaec files", look_for_vaec, rename, rename_whole, is_result});
  if (plan.jobs.empty()) return 0;  // more parts than files
  check_streams(plan, options);
  static_cast<void>(format_of(plan.jobs.front(), command.format));  // a wrong one is told before any work
  if (!check_outputs(plan, options)) return run_batch(plan, options, {});
  options.threads = usable_threads(options.threads);
  LoadedModels models(options.model, options.verbosity.verbose);

  Limits limits = options.limits();
  if (command.strip) limits.max_metadata = 0;
  MemoryGate gate(options.memory);
  UnwritableCount losses;
  const int status = run_batch(plan, options, [&](const Job& job, int threads) {
    const DecompressOptions how{command.view, threads, limits};
    const image::OutputFormat format = format_of(job, command.format);
    FileResult result;
    const auto file = read_vaec_file(job.input, limits, &result.attributes);
    std::optional<MemoryGate::Share> share;
    bool is_lossless = false;
    const Image picture = naming(display_name(job.input), [&] {
      const Codec& codec = blaming_damage(file, [&]() -> const Codec& {
        const FileInfo info = peek(std::span(file).first(std::min(file.size(), kPeekBytes)));
        if (format == image::OutputFormat::kPnm) refuse_colours_in_pgm(job.output, info.channels);
        is_lossless = info.profile == Profile::kLossless;
        const Codec& found = models.codec_for(info);
        const View& view = how.view;
        share.emplace(
            gate.take(file.size() + found.memory_to_decompress(info, how) +
                      image::memory_to_encode(shown(view.width, info.width, view.scale),
                                              shown(view.height, info.height, view.scale), info.channels,
                                              info.has_alpha, info.bit_depth, format)));
        return found;
      });
      return codec.decompress(file, how);
    });
    result.width = picture.width;
    result.height = picture.height;
    result.bytes = file.size();
    result.lossless = is_lossless;
    result.exact_blocks = peek(file).exact_blocks;
    const base::StageTimer timer(base::Stage::kWrite);  // its format
    image::Losses lost;
    image::WriteOptions write = command.write;
    write.is_view = command.view != View{};
    result.output =
        naming(display_name(job.input), [&] { return image::encode_image(picture, format, write, &lost); });
    losses.add(lost);
    result.picture_bytes = result.output.size();
    return result;
  });
  if (!options.verbosity.quiet) losses.tell();
  return status;
}

}  // namespace

void setup_decompress(CLI::App& app, Program& program) {
  auto command = std::make_shared<DecompressCommand>();
  CLI::App* sub = app.add_subcommand("decompress", "Make pictures of .vaec files again");
  sub->footer(kDecompressFooter);
  add_batch_options(*sub, command->batch);
  sub->add_option("--format", command->format,
                  "png, jpg, webp, tiff, ppm or bmp (default: as -o's name says, else png)")
      ->transform(usual_name())
      ->check(CLI::IsMember({"png", "jpg", "webp", "tiff", "ppm", "bmp"}))
      ->type_name("NAME");
  sub->add_option("--jpeg-quality", command->write.jpeg_quality, "Of jpg outputs")
      ->transform(whole_number(1, 100))
      ->capture_default_str()
      ->type_name("N");
  sub->add_flag("--strip", command->strip, "Leave out ICC profile, EXIF, XMP and resolution");
  sub->add_option("--region", command->region,
                  "Only this part of the picture, in pixels; the rest is not decoded")
      ->type_name("X,Y,W,H");
  const std::map<std::string, std::uint32_t> scales{
      {"1", 1}, {"1/2", 2}, {"1/4", 4}, {"1/8", 8}, {"1/16", 16}};
  sub->add_option_function<std::string>(
         "--scale", [command, scales](const std::string& name) { command->view.scale = scales.at(name); },
         "A smaller picture: 1/2, 1/4, 1/8 or 1/16 of its sides; from 1/8 on fast")
      ->check(CLI::IsMember({"1", "1/2", "1/4", "1/8", "1/16"}))
      ->default_str("1")
      ->type_name("FRACTION");
  sub->add_option("-m,--model", command->batch.model,
                  "Model: a file, or a name in models/ (default: by the id in each file)")
      ->type_name("MODEL");
  sub->callback([command, &program] { program.action = [command] { return run_decompress(*command); }; });
}

}  // namespace vaec::cli
