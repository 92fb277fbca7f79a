// vaec evaluate: rate and distortion of real files over a set of pictures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/input_files.hpp"
#include "base/interrupt.hpp"
#include "base/tell.hpp"
#include "cli/batch.hpp"
#include "cli/batch_report.hpp"
#include "cli/evaluate_compare.hpp"
#include "cli/evaluate_print.hpp"
#include "cli/evaluate_report.hpp"
#include "cli/evaluate_vaec.hpp"
#include "cli/failure.hpp"
#include "cli/folder_content.hpp"
#include "cli/numbers.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "cli/streams.hpp"
#include "cli/tune.hpp"
#include "eval/anchors/anchors.hpp"
#include "eval/anchors/butteraugli.hpp"
#include "eval/curve_file.hpp"
#include "eval/measure.hpp"
#include "image/read.hpp"
#include "image/reduce.hpp"
#include "image/side_by_side.hpp"
#include "vaec/vaec.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEvaluateFooter =
    R"(Each picture is really compressed and decompressed at each quality. bpp counts the bits of the
whole file; PSNR is over the 8-bit samples of all channels, MS-SSIM the mean of the channels' (in dB:
-10 log10(1 - MS-SSIM)); both are means over the pictures. Pictures with a side under 161 pixels have
no MS-SSIM. MP/s is over all pictures together. A picture that cannot be read is told, and the exit status 1.
Anchors are measured in the same run: jpeg, webp, jpeg2000 through OpenCV; avif, jxl, heic through
avifenc, cjxl, heif-enc (Debian: libavif-bin, libjxl-tools, libheif-examples). The report says with
which settings and versions.
-o FOLDER writes results.json, results.csv, psnr.png, ms-ssim.png, ssimulacra2.png (drawn by gnuplot)
and, for each --compare, compare-NAME.png: original, vaec and the anchors (webp if there are none) at equal bytes.
-o FILE.json writes that one file only.
Examples:
  vaec evaluate kodak/ --anchors jpeg,webp -o report          beside other codecs
  vaec evaluate kodak/ --compare kodim05 --compare-bpp 0.2 -o report
                                                              with a picture of the codecs' pictures
  vaec evaluate kodak/ -q 10,30,50,70,90 -o results.json      the numbers alone
  vaec evaluate kodak/ --curve jpeg=jpeg.json                 BD-rate against another codec's results
  vaec evaluate photo.png -q 50 --side-by-side both.png       to look at)";

using Anchors = std::vector<std::unique_ptr<eval::ImageCodec>>;

struct EvaluateCommand {
  std::vector<std::string> inputs;
  std::vector<double> qualities;  // empty: vaec's own choice
  std::string model = kEyeModel;
  int effort = kDefaultEffort;
  bool guard = true;
  bool butteraugli = false;
  std::vector<std::string> anchors;
  std::vector<std::string> curves;  // NAME=FILE
  fs::path output;
  CompareOptions compare;
  fs::path side_by_side;
  int threads = default_threads();
  std::uint64_t max_pixels = 0;
  bool json = false;
  bool overwrite = false;
  bool quiet = false;
  std::string command_line;
};

std::vector<eval::NamedCurve> read_curves(const std::vector<std::string>& arguments) {
  std::vector<eval::NamedCurve> curves;
  for (const std::string& argument : arguments) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::kUsage, "--curve " + argument + ": expected NAME=FILE");
    }
    const std::string name = argument.substr(0, equals), file = argument.substr(equals + 1);
    const auto bytes = read_input(file, Limits{});
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    curves.push_back({name, eval::parse_curve(text, file, name)});
  }
  return curves;
}

Anchors make_anchors(const std::vector<std::string>& names) {
  Anchors anchors;
  for (const std::string& name : names) {
    anchors.push_back(naming("--anchors", [&] { return eval::make_anchor(name); }));
  }
  return anchors;
}

std::vector<fs::path> pictures_in(const EvaluateCommand& command) {
  // The outputs of this plan are never written: only its search is used.
  const auto keep_name = [](const fs::path& name) { return fs::path(name).concat(".vaec"); };
  const auto is_none = [](const fs::path&) { return false; };
  const Naming naming_rules{"pictures", look_for_picture, keep_name, keep_name, is_none};
  const Plan plan = plan_batch(command.inputs, "", /*recursive=*/true, naming_rules);
  if (!command.quiet) {
    for (const std::string& sentence : plan.left_out.sentences(naming_rules.wanted))
      base::tell("vaec: note: %s\n", sentence.c_str());
  }
  std::vector<fs::path> files;
  for (const Job& job : plan.jobs) {
    if (!job.problem.empty()) throw Error(job.code, job.problem);
    files.push_back(job.input);
  }
  return files;
}

Image read_picture(const fs::path& file, const Limits& limits) {
  Image picture = image::read_pixels(read_picture_file(file, limits), file.string(), limits);
  if (picture.has_alpha() || picture.bit_depth != 8) {
    base::tell("vaec: note: %s: measured on white, with 8 bits a sample\n", file.c_str());
  }
  return image::with_8_bits(image::flattened(std::move(picture)));
}

// Adds `original`, called `name`, to all points of `curve`. Gives the last reconstruction.
Image measure_all(eval::ImageCodec& codec, const Image& original, const std::string& name,
                  const eval::Butteraugli* butteraugli, eval::Curve& curve) {
  Image last;
  curve.megapixels += static_cast<double>(original.width) * original.height / 1e6;
  for (eval::CurvePoint& point : curve.points) {
    base::throw_if_interrupted();
    eval::Coded coded = eval::measure(codec, original, name, point.quality);
    if (butteraugli != nullptr) coded.result.butteraugli = butteraugli->distance(original, coded.image);
    point.images.push_back(std::move(coded.result));
    last = std::move(coded.image);
  }
  return last;
}

// A picture to measure; nothing, once that is told, for one that cannot be read: `others` count all the same.
std::optional<Image> readable_picture(const fs::path& file, const Limits& limits, bool others) {
  try {
    return read_picture(file, limits);
  } catch (const Error& error) {
    if (!others || error.code() == ErrorCode::kInterrupted) throw;
    base::tell("vaec: %s\n", error.what());
    return std::nullopt;
  }
}

eval::Results evaluate(const EvaluateCommand& command, eval::ImageCodec& vaec, const Anchors& anchors,
                       const std::vector<fs::path>& files) {
  eval::Results results;
  bool is_first = true;
  const auto butteraugli = command.butteraugli ? std::make_unique<eval::Butteraugli>() : nullptr;
  results.curve =
      eval::empty_curve(vaec, command.qualities.empty() ? vaec.curve_qualities() : command.qualities);
  for (const auto& anchor : anchors)
    results.anchors.push_back(eval::empty_curve(*anchor, anchor->curve_qualities()));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto read = readable_picture(files[i], limits_for(command.max_pixels), files.size() > 1);
    if (!read) continue;
    const Image& original = *read;
    const std::string name = files[i].filename().string();
    naming(files[i].string(), [&] {
      if (is_first)
        (void)vaec.encode(original, results.curve.points.front().quality);  // first calls are slower
      is_first = false;
      const Image result = measure_all(vaec, original, name, butteraugli.get(), results.curve);
      if (!command.side_by_side.empty()) {
        save_picture(command.side_by_side, image::side_by_side(std::vector<Image>{original, result}),
                     command.overwrite);
      }
      for (std::size_t a = 0; a < anchors.size(); ++a)
        measure_all(*anchors[a], original, name, butteraugli.get(), results.anchors[a]);
    });
    if (!command.quiet) {
      base::tell("%zu of %zu  %s\n", i + 1, files.size(), files[i].c_str());
    }
  }
  if (is_first) throw Error(ErrorCode::kUnreadable, "none of the pictures can be read");
  for (eval::CurvePoint& point : results.curve.points) eval::average(point);
  for (eval::Curve& anchor : results.anchors) {
    for (eval::CurvePoint& point : anchor.points) eval::average(point);
  }
  return results;
}

// vaec's curve, those of the anchors and those from files.
std::vector<eval::NamedCurve> all_curves(const eval::Results& results,
                                         const std::vector<eval::NamedCurve>& from_files) {
  std::vector<eval::NamedCurve> curves = {{results.curve.codec, results.curve}};
  for (const eval::Curve& anchor : results.anchors) curves.push_back({anchor.codec, anchor});
  curves.insert(curves.end(), from_files.begin(), from_files.end());
  return curves;
}

// A curve that was asked for by name and says nothing is an error; an anchor on too small a set is not.
void check_comparisons(const eval::Results& results) {
  for (std::size_t i = results.anchors.size(); i < results.comparisons.size(); ++i) {
    const eval::Comparison& comparison = results.comparisons[i];
    if (std::none_of(comparison.by_metric.begin(), comparison.by_metric.end(),
                     [](const auto& found) { return found.rate.has_value(); })) {
      throw Error(ErrorCode::kUnreadable,
                  "--curve " + comparison.against + ": " + comparison.by(eval::Metric::kPsnr).why_no_rate);
    }
    if (!comparison.why_no_per_image.empty())
      throw Error(ErrorCode::kUnreadable,
                  "--curve " + comparison.against + ": " + comparison.why_no_per_image);
  }
}

// What is read: pictures, curves, the model.
base::InputFiles inputs_of(const EvaluateCommand& command, const std::vector<fs::path>& files) {
  base::InputFiles inputs;
  for (const fs::path& file : files) inputs.add(file);
  for (const std::string& argument : command.curves) inputs.add(argument.substr(argument.find('=') + 1));
  inputs.add(command.model);  // a bare name is none of a file, and no output has such a one
  return inputs;
}

// Where --crop says: inside each of `compared`.
void check_crop(const EvaluateCommand& command, const std::vector<fs::path>& compared) {
  const auto& crop = command.compare.crop;
  if (crop.size() != 2) return;
  const Limits limits = limits_for(command.max_pixels);
  for (const fs::path& file : compared) {
    const Image picture = image::read_pixels(read_picture_file(file, limits), file.string(), limits);
    if (crop[0] < picture.width && crop[1] < picture.height) continue;
    throw Error(ErrorCode::kUsage, "--crop " + std::to_string(crop[0]) + "," + std::to_string(crop[1]) +
                                       ": is outside " + file.string() + ", which has " +
                                       std::to_string(picture.width) + "x" + std::to_string(picture.height) +
                                       " pixels");
  }
}

void check_usage(const EvaluateCommand& command, const std::vector<fs::path>& files,
                 const base::InputFiles& inputs) {
  if (!command.side_by_side.empty()) {
    if (files.size() != 1 || command.qualities.size() != 1) {
      throw Error(ErrorCode::kUsage, "--side-by-side: takes one picture and one quality");
    }
    inputs.refuse_as_output(command.side_by_side);
    check_picture(command.side_by_side, command.overwrite);
  }
}

void write_comparisons(const EvaluateCommand& command, eval::ImageCodec& vaec, Anchors anchors,
                       const std::vector<fs::path>& files, const EvaluateReport& report) {
  if (anchors.empty()) anchors.push_back(eval::make_anchor("webp"));
  for (const std::string& name : command.compare.names) {
    const fs::path file = picture_named(name, files);
    const Image original = read_picture(file, limits_for(command.max_pixels));
    report.write_comparison(file.stem().string(), naming(file.string(), [&] {
                              return compare_at_equal_bytes(original, vaec, anchors, command.compare);
                            }));
  }
}

int run_evaluate(const EvaluateCommand& command) {
  const auto curves = read_curves(command.curves);
  Anchors anchors = make_anchors(command.anchors);
  const auto files = pictures_in(command);
  const base::InputFiles inputs = inputs_of(command, files);
  check_usage(command, files, inputs);
  std::vector<fs::path> compared;
  for (const std::string& name : command.compare.names) compared.push_back(picture_named(name, files));
  const EvaluateReport report(command.output, compared, command.overwrite, inputs);
  if (report.writes(command.side_by_side)) {
    throw Error(ErrorCode::kUsage, "--side-by-side " + command.side_by_side.string() +
                                       ": the report writes a file of that name");
  }
  check_crop(command, compared);
  const auto codec = Codec::load(find_model(command.model));
  EvaluatedVaec vaec(*codec,
                     {.effort = command.effort,
                      .threads = usable_threads(command.threads),
                      .limits = limits_for(command.max_pixels),
                      .guard = command.guard},
                     command.command_line);
  eval::Results results = evaluate(command, vaec, anchors, files);
  const auto plotted = all_curves(results, curves);
  for (std::size_t i = 1; i < plotted.size(); ++i) {
    results.comparisons.push_back(eval::compare(plotted[i].name, plotted[i].curve, results.curve));
  }
  report.write(results, plotted);
  const std::size_t measured = results.curve.points.front().images.size();
  if (command.json) {
    print_json_lines(results);
  } else {
    std::array<char, 64> sizes{};
    std::snprintf(sizes.data(), sizes.size(), "%s, %.1f MP", counted(measured, "picture").c_str(),
                  results.curve.megapixels);
    print_line("model " + command.model + " (" + to_hex(codec->id()) + "), " + sizes.data());
    print_for_people(results);
  }
  if (!command.compare.names.empty()) write_comparisons(command, vaec, std::move(anchors), files, report);
  check_comparisons(results);
  constexpr int kSomeFailed = 1;
  return measured == files.size() ? 0 : kSomeFailed;
}

}  // namespace

void setup_evaluate(CLI::App& app, Program& program) {
  auto command = std::make_shared<EvaluateCommand>();
  CLI::App* sub = app.add_subcommand("evaluate", "Measure rate and distortion over a set of pictures");
  sub->footer(kEvaluateFooter);
  sub->add_option("PATH", command->inputs, "Pictures, or folders of them (searched recursively)")
      ->required()
      ->type_name("");
  add_list(
      *sub, "-q,--quality",
      [command](const std::string& quality) { command->qualities.push_back(std::stod(quality)); },
      "Qualities, separated by commas (default: 10,20,...,90)", whole_number(1, 100))
      ->type_name("LIST");
  sub->add_option("-e,--effort", command->effort, "Effort of compressing, 1 to 9")
      ->transform(whole_number(kMinEffort, kMaxEffort))
      ->capture_default_str()
      ->type_name("N");
  sub->add_flag("!--no-guard", command->guard, "Keep no drawn parts exactly, see compress");
  CLI::Option* model = sub->add_option("-m,--model", command->model, "Model: a file, or a name in models/");
  model->capture_default_str()->type_name("MODEL");
  add_tune(*sub, command->model, model);
  add_list(
      *sub, "--anchors", [command](const std::string& name) { command->anchors.push_back(name); },
      "Other codecs to measure: jpeg,webp,jpeg2000,avif,avif-psnr,jxl,heic")
      ->type_name("LIST");
  sub->add_flag("--butteraugli", command->butteraugli,
                "Measure Butteraugli's distance, too, through its program (Debian package butteraugli)");
  sub->add_option("--curve", command->curves, "Print the BD-rates against these results; may be repeated")
      ->type_name("NAME=FILE");
  sub->add_option("-o,--output", command->output,
                  "Write a report into this folder, or the results into this one .json file")
      ->type_name("OUT");
  CLI::Option* compare = add_list(
      *sub, "--compare", [command](const std::string& name) { command->compare.names.push_back(name); },
      "Pictures to show side by side, by name (needs -o FOLDER)");
  compare->type_name("LIST");
  sub->add_option("--compare-bpp", command->compare.bpp, "At how many bits a pixel they are shown")
      ->transform(positive_number())
      ->check(CLI::Range(0.001, 24.0))
      ->capture_default_str()
      ->type_name("X");
  add_numbers(
      *sub, "--crop", 2, std::numeric_limits<std::uint32_t>::max(),
      [command](const std::vector<std::uint32_t>& corner) { command->compare.crop = corner; },
      "Corner of the detail that is shown enlarged (default: where the picture varies most)")
      ->needs(compare)
      ->type_name("X,Y");
  sub->add_option("--side-by-side", command->side_by_side,
                  "Write original and reconstruction (one picture, one quality)")
      ->type_name("PICTURE");
  sub->add_option("-j,--threads", command->threads, "Threads (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  add_max_pixels(*sub, command->max_pixels);
  sub->add_flag("-f,--force", command->overwrite, "Overwrite outputs that exist");
  sub->add_flag("--json", command->json, "JSON lines on standard output in place of the table");
  sub->add_flag("--quiet", command->quiet, "Print results and errors only");
  sub->callback([command, &program] {
    command->command_line = program.command_line;
    program.action = [command] { return run_evaluate(*command); };
  });
}

}  // namespace vaec::cli
