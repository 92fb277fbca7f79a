// vaec sample: new pictures from a generative model.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/input_files.hpp"
#include "base/picture_names.hpp"
#include "base/tell.hpp"
#include "cli/failure.hpp"
#include "cli/log.hpp"
#include "cli/numbers.hpp"
#include "cli/output_folders.hpp"
#include "cli/picture_grid.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "cli/sample_draw.hpp"
#include "codec/parts.hpp"
#include "vaec/error.hpp"
#include "vaec/models.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kDrawn = 64, kNeighbours = 8, kSteps = 10, kTraversed = 9;

struct SampleCommand {
  std::string model = "mnist";
  fs::path output;
  std::vector<fs::path> vary, between;
  std::optional<std::string> traverse;  // a picture, or nothing
  double spread = 1;
  std::optional<int> count;
  std::uint64_t seed = 1;
  int threads = default_threads();
  bool overwrite = false;
  Verbosity verbosity;
};

PictureGrid grid_of(const codec::Generator& generator, const std::vector<std::vector<Image>>& rows) {
  std::size_t columns = 0;
  for (const auto& row : rows) columns = std::max(columns, row.size());
  PictureGrid grid(generator.size(), generator.channels(), static_cast<int>(rows.size()),
                   static_cast<int>(columns));
  for (std::size_t y = 0; y < rows.size(); ++y) {
    for (std::size_t x = 0; x < rows[y].size(); ++x)
      grid.put(static_cast<int>(y), static_cast<int>(x), rows[y][x]);
  }
  return grid;
}

// "digit.png" and 3 of 20: "digit-03.png".
fs::path name_of(const fs::path& picture, int number, int count) {
  auto digits = std::to_string(number);
  digits.insert(0, std::to_string(count).size() - digits.size(), '0');
  return picture.stem().string() + "-" + digits + ".png";
}

int neighbours_of(const SampleCommand& command) { return command.count.value_or(kNeighbours); }

// Neighbours are written into a folder, a file each, unless a picture is named.
bool writes_folder(const SampleCommand& command) {
  return !command.vary.empty() && !base::has_picture_extension(command.output);
}

// Throws Error kUsage.
std::vector<fs::path> outputs_of(const SampleCommand& command) {
  if (!writes_folder(command)) return {command.output};
  const int count = neighbours_of(command);
  std::vector<fs::path> names;
  for (const auto& picture : command.vary) {
    for (int i = 1; i <= count; ++i) names.push_back(command.output / name_of(picture, i, count));
  }
  auto sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    throw Error(ErrorCode::kUsage, twice->string() + ": neighbours of two pictures would get this name");
  return names;
}

base::InputFiles inputs_of(const SampleCommand& command, const fs::path& model) {
  base::InputFiles inputs;
  inputs.add(model);
  for (const auto* pictures : {&command.vary, &command.between}) {
    for (const auto& picture : *pictures) inputs.add(picture);
  }
  if (command.traverse && !command.traverse->empty()) inputs.add(*command.traverse);
  return inputs;
}

// A row for each picture with its neighbours behind it, or a file for each of these.
void vary(const SampleCommand& command, const codec::Generator& generator,
          const std::vector<fs::path>& outputs) {
  const int count = neighbours_of(command);
  const bool to_grid = !writes_folder(command);
  std::vector<std::vector<Image>> rows;
  for (std::uint32_t i = 0; i < command.vary.size(); ++i) {
    auto picture = read_picture(command.vary[i]);
    auto drawn = naming(command.vary[i].string(), [&] {
      return draw_neighbours(generator, picture, count, command.spread, command.seed, i);
    });
    if (to_grid) drawn.insert(drawn.begin(), std::move(picture));
    rows.push_back(std::move(drawn));
  }
  if (to_grid) {
    save_picture(command.output, grid_of(generator, rows).image(), command.overwrite);
    return;
  }
  make_folder(command.output);
  for (const auto& file : outputs) check_picture(file, command.overwrite);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto per_picture = static_cast<std::size_t>(count);
    save_picture(outputs[i], rows[i / per_picture][i % per_picture], command.overwrite);
  }
}

std::vector<Image> between(const SampleCommand& command, const codec::Generator& generator) {
  const auto from = read_picture(command.between[0]), to = read_picture(command.between[1]);
  return naming(command.between[0].string() + ", " + command.between[1].string(),
                [&] { return interpolate(generator, from, to, command.count.value_or(kSteps)); });
}

Image traversed(const SampleCommand& command, const codec::Generator& generator) {
  const int count = command.count.value_or(kTraversed);
  if (command.traverse->empty()) return traverse(generator, nullptr, count);
  const auto picture = read_picture(*command.traverse);
  return naming(*command.traverse, [&] { return traverse(generator, &picture, count); });
}

// As square as it can be.
Image drawn(const SampleCommand& command, const codec::Generator& generator) {
  const auto pictures = draw_from_prior(generator, command.count.value_or(kDrawn), command.seed);
  const auto columns = static_cast<std::size_t>(std::ceil(std::sqrt(pictures.size())));
  std::vector<std::vector<Image>> rows;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (i % columns == 0) rows.emplace_back();
    rows.back().push_back(pictures[i]);
  }
  return grid_of(generator, rows).image();
}

int run_sample(const SampleCommand& command) {
  if (!writes_folder(command)) check_picture(command.output, command.overwrite);
  if ((!command.between.empty() || command.traverse) && command.count.value_or(2) < 2)
    throw Error(ErrorCode::kUsage, "-n 1: there is no line through one picture");
  const auto model = find_model(command.model);
  if (command.verbosity.verbose) base::tell("vaec: model %s\n", model.c_str());
  const auto outputs = outputs_of(command);
  const auto inputs = inputs_of(command, model);
  for (const auto& file : outputs) inputs.refuse_as_output(file);
  const auto generator = naming(model.string(), [&] {
    return codec::torch_parts().make_generator(model::SafeTensors::open(model),
                                               usable_threads(command.threads));
  });
  if (!command.vary.empty()) {
    vary(command, *generator, outputs);
    return 0;
  }
  Image picture;
  if (!command.between.empty()) {
    picture = grid_of(*generator, {between(command, *generator)}).image();
  } else {
    picture = command.traverse ? traversed(command, *generator) : drawn(command, *generator);
  }
  save_picture(command.output, picture, command.overwrite);
  return 0;
}

}  // namespace

void setup_sample(CLI::App& app, Program& program) {
  auto command = std::make_shared<SampleCommand>();
  CLI::App* sub = app.add_subcommand("sample", "Draw new pictures from a generative model (mnist)");
  sub->footer(
      "Without --vary, --between or --traverse it draws from the prior, what the model takes for likely.\n"
      "Examples:\n"
      "  vaec sample -m mnist -n 64 -o grid.png                   new digits\n"
      "  vaec sample --vary seven.png nine.png -n 20 -o more/     20 neighbours of each, as files\n"
      "  vaec sample --between three.png eight.png -o line.png    one turns into the other\n"
      "  vaec sample --traverse -o latents.png                    a row for each number of the latent");
  sub->add_option("-o,--output", command->output,
                  "Picture to write: a grid of the samples; with --vary it may be a folder, for a file each")
      ->required()
      ->type_name("OUT");
  sub->add_option("-m,--model", command->model, "Model: a file, or a name in models/")
      ->capture_default_str()
      ->type_name("MODEL");
  sub->add_option(
         "-n,--count", command->count,
         "How many: in all (64), of each picture (8), with --between both ends counted in (10), in a "
         "row of --traverse (9)")
      ->transform(whole_number(1, 10000))
      ->type_name("N");
  auto* vary =
      sub->add_option("--vary", command->vary,
                      "Draw neighbours of these pictures, from the posterior: to have more of their kind")
          ->type_name("PICTURE");
  sub->add_option("--spread", command->spread,
                  "With --vary: how far, in deviations of the posterior (0: the reconstruction)")
      ->transform(number_up_to(100))
      ->needs(vary)
      ->capture_default_str()
      ->type_name("X");
  auto* between = sub->add_option("--between", command->between, "Go from one picture to another")
                      ->expected(2)
                      ->excludes(vary)
                      ->type_name("PICTURE");
  sub->add_option_function<std::string>(
         "--traverse", [command](const std::string& picture) { command->traverse = picture; },
         "Show what each number of the latent does, from -3 to 3, around the prior's middle or a picture")
      ->expected(0, 1)
      ->default_str("")
      ->excludes(vary)
      ->excludes(between)
      ->type_name("[PICTURE]");
  sub->add_option("--seed", command->seed, "Same seed, same pictures")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str()
      ->type_name("N");
  sub->add_option("-j,--threads", command->threads, "Threads (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  sub->add_flag("-f,--force", command->overwrite, "Overwrite the output if it exists");
  add_verbosity(*sub, command->verbosity);
  sub->callback([command, &program] { program.action = [command] { return run_sample(*command); }; });
}

}  // namespace vaec::cli
