// vaec restore: fills missing pixels and takes noise off, by what a model knows of pictures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/input_files.hpp"
#include "base/picture_names.hpp"
#include "base/progress.hpp"
#include "base/stage.hpp"
#include "base/tell.hpp"
#include "cli/batch.hpp"
#include "cli/failure.hpp"
#include "cli/folder_content.hpp"
#include "cli/numbers.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "cli/streams.hpp"
#include "cli/tune.hpp"
#include "codec/parts.hpp"
#include "image/read.hpp"
#include "image/write.hpp"
#include "vaec/error.hpp"
#include "vaec/models.hpp"

namespace vaec::cli {
namespace {

constexpr const char* kRestoreFooter = R"(Examples:
  vaec restore scratched.png --mask scratches.png -o whole.png
                                                  fills what the mask names
  vaec restore holes.png -o whole.png               fills what is transparent
  vaec restore grainy/ -r --noise 25 -o clean/      a whole folder, as PNG
  vaec restore torn.png -m mnist --mask hole.png --noise 50 -o digit.png
                                                  both, of a small picture
Pixels that are not missing come back as they were, unless there is --noise (and unless the output is
a JPEG). How much noise there is can be measured where the picture is flat. A mask is best a PNG: a
JPEG's zeros are none.)";

struct RestoreCommand {
  BatchOptions batch;
  std::string mask;
  double noise = 0;
};

std::string size_of(const Image& image) {
  return std::to_string(image.width) + "x" + std::to_string(image.height);
}

template <typename Samples>
std::vector<bool> where(const Samples& samples, bool is_zero) {
  std::vector<bool> found(samples.size());
  std::transform(samples.begin(), samples.end(), found.begin(), [&](auto s) { return (s == 0) == is_zero; });
  return found;
}

struct Mask {
  Image image;
  std::vector<bool> missing;
};

Mask read_mask(const std::string& file) {
  Mask mask{read_picture(file), {}};
  if (mask.image.channels != 1 || mask.image.has_alpha()) {
    throw Error(ErrorCode::kUnreadable,
                file + ": has " + (mask.image.has_alpha() ? "alpha" : "colours") +
                    "; a mask is a grey picture, 0 where pixels are known and more where they are missing");
  }
  mask.missing =
      mask.image.bit_depth == 16 ? where(mask.image.samples16, false) : where(mask.image.samples, false);
  return mask;
}

// What is missing of the picture: as the mask says or, without one, what is fully transparent. Throws Error.
codec::Damage damage_of(const Image& image, const RestoreCommand& command, const std::optional<Mask>& mask) {
  codec::Damage damage{{}, command.noise};
  if (mask) {
    if (mask->image.width != image.width || mask->image.height != image.height) {
      throw Error(ErrorCode::kUnreadable, "is " + size_of(image) + ", its mask " + command.mask + " " +
                                              size_of(mask->image) + ": both must have one size");
    }
    damage.missing = mask->missing;
  } else if (image.has_alpha()) {
    damage.missing = image.bit_depth == 16 ? where(image.alpha16, true) : where(image.alpha, true);
  }
  if (std::find(damage.missing.begin(), damage.missing.end(), true) == damage.missing.end()) {
    damage.missing.clear();
    if (damage.noise == 0) {
      throw Error(ErrorCode::kUsage, std::string("nothing to restore: ") +
                                         (mask ? "the mask " + command.mask + " is all 0"
                                               : "there is no --mask and no transparent pixel") +
                                         ", and no --noise");
    }
  }
  return damage;
}

// Filled pixels that were transparent: now they are not.
template <typename Sample>
void make_opaque(std::vector<Sample>& alpha) {
  constexpr auto kOpaque = static_cast<Sample>(-1);
  std::replace(alpha.begin(), alpha.end(), Sample{0}, kOpaque);
  if (std::all_of(alpha.begin(), alpha.end(), [](Sample a) { return a == kOpaque; })) alpha.clear();
}

Image restored(Image image, const codec::Restorer& restorer, const codec::Damage& damage, bool shows_filled,
               int threads, const codec::Restorer::Progress& progress) {
  Image made = restorer.restore(image, damage, threads, progress);
  made.alpha = std::move(image.alpha);
  made.alpha16 = std::move(image.alpha16);
  made.metadata = std::move(image.metadata);
  if (shows_filled) {
    make_opaque(made.alpha);
    make_opaque(made.alpha16);
  }
  return made;
}

image::OutputFormat output_format(const Job& job) {
  return job.output == kStandardStream ? image::OutputFormat::kPng : image::format_of(job.output);
}

std::unique_ptr<codec::Restorer> loaded_restorer(const Plan& plan, const RestoreCommand& command) {
  const auto model = find_model(command.batch.model);
  base::InputFiles inputs;
  inputs.add(model);
  if (!command.mask.empty()) inputs.add(command.mask);
  for (const Job& job : plan.jobs) inputs.refuse_as_output(job.output);
  return naming(model.string(),
                [&] { return codec::torch_parts().make_restorer(model::SafeTensors::open(model)); });
}

int run_restore(RestoreCommand& command) {
  BatchOptions& options = command.batch;
  using Path = std::filesystem::path;
  Plan plan = make_plan(
      options, {"pictures", look_for_picture, [](const Path& name) { return name.stem().string() + ".png"; },
                [](const Path& name) { return name.string() + ".png"; }, base::has_picture_extension});
  check_streams(plan, options);
  const auto named =
      std::find_if(plan.jobs.begin(), plan.jobs.end(), [](const Job& job) { return job.problem.empty(); });
  if (named != plan.jobs.end())
    static_cast<void>(output_format(*named));  // a wrong one is told before any work
  if (!check_outputs(plan, options)) return run_batch(plan, options, {});
  const Limits limits = options.limits();
  std::optional<Mask> mask;
  if (!command.mask.empty()) mask = read_mask(command.mask);
  options.threads = usable_threads(options.threads);
  const auto restorer = loaded_restorer(plan, command);
  return run_batch(plan, options, [&](const Job& job, int threads) {
    const std::string name = display_name(job.input);
    FileResult result;
    const auto file = read_picture_file(job.input, limits, &result.attributes);
    result.picture_bytes = file.size();
    image::Reading reading = image::read_image(file, name, limits);
    result.notes = std::move(reading.notes);
    result.width = reading.image.width;
    result.height = reading.image.height;
    const auto progress = [&](int done, int of) {
      if (!plan.is_single || options.verbosity.quiet) return;
      base::show_progress(name + ": step " + std::to_string(done) + " of " + std::to_string(of));
    };
    result.output = naming(name, [&] {
      const auto damage = damage_of(reading.image, command, mask);
      // A mask or noise is what is to be mended then: what is transparent is meant so.
      const bool shows_filled = !mask && command.noise == 0;
      const auto image =
          restored(std::move(reading.image), *restorer, damage, shows_filled, threads, progress);
      refuse_colours_in_pgm(job.output, image.channels);
      image::Losses lost;
      auto bytes = image::encode_image(image, output_format(job), {}, &lost);
      if (lost.alpha) result.notes.emplace_back("alpha, which the format cannot hold: put on white");
      if (lost.depth)
        result.notes.emplace_back("16 bits a sample, which the format cannot hold: reduced to 8");
      if (lost.icc || lost.exif || lost.xmp || lost.resolution)
        result.notes.emplace_back("metadata that the format cannot hold: left out");
      return bytes;
    });
    return result;
  });
}

}  // namespace

void setup_restore(CLI::App& app, Program& program) {
  auto command = std::make_shared<RestoreCommand>();
  BatchOptions& options = command->batch;
  options.model = kPsnrModel;  // errors are to be small where there is noise
  options.threads = default_threads();
  CLI::App* sub = app.add_subcommand("restore", "Fill missing pixels of pictures, take noise off");
  sub->footer(kRestoreFooter);
  sub->add_option("PICTURE", options.inputs, "Files, folders (with -r), or - for standard input")
      ->required()
      ->type_name("");
  sub->add_option("-o,--output", options.output,
                  "Picture to write, folder (for several; PNG files) or - for standard output")
      ->required()
      ->type_name("OUT");
  sub->add_option(
         "-m,--model", options.model,
         "Model: a file, or a name in models/; photo-psnr for photographs, mnist for what it was trained on")
      ->capture_default_str()
      ->type_name("MODEL");
  sub->add_option("--mask", command->mask,
                  "A grey picture of the same size, more than 0 where pixels are missing (default: where the "
                  "picture is fully transparent)")
      ->type_name("MASK");
  sub->add_option("--noise", command->noise,
                  "Standard deviation of the noise to take off, of samples 0 to 255 (default: none)")
      ->transform(number_up_to(255))
      ->type_name("SIGMA");
  sub->add_flag("-r,--recursive", options.recursive, "Work on what is in folders, and in folders in them");
  sub->add_option("-j,--threads", options.threads, "Threads in all (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  sub->add_flag("-f,--force", options.overwrite, "Overwrite outputs that exist");
  add_max_pixels(*sub, options.max_pixels);
  add_verbosity(*sub, options.verbosity);
  sub->callback([command, &program] { program.action = [command] { return run_restore(*command); }; });
}

}  // namespace vaec::cli
