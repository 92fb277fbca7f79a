// vaec evaluate: rate and distortion of real files over a set of pictures.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "cli/atomic_file.hpp"
#include "cli/batch.hpp"
#include "cli/batch_report.hpp"
#include "cli/failure.hpp"
#include "cli/image_names.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "cli/signals.hpp"
#include "cli/streams.hpp"
#include "eval/bd_rate.hpp"
#include "eval/curve_file.hpp"
#include "eval/psnr.hpp"
#include "image/read.hpp"
#include "image/side_by_side.hpp"
#include "vaec/vaec.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFooter =
    R"(Each picture is really compressed and decompressed at each quality. bpp counts the bits of the
whole file; PSNR is over the 8-bit samples of all channels; both are means over the pictures.
Seconds are those of all pictures together.
Examples:
  vaec evaluate kodak/ -q 10,30,50,70,90 -o results.json
  vaec evaluate kodak/ --curve jpeg=jpeg.json       BD-rate against another codec's results
  vaec evaluate photo.png -q 50 --side-by-side both.png)";

struct EvaluateCommand {
  std::vector<std::string> inputs;
  std::vector<int> qualities = {10, 20, 30, 40, 50, 60, 70, 80, 90};
  std::string model = "photo";
  int effort = kDefaultEffort;
  std::vector<std::string> curves;  // NAME=FILE
  fs::path results;
  fs::path side_by_side;
  int threads = default_threads();
  std::uint64_t max_pixels = 0;
  bool json = false;
  bool overwrite = false;
  bool quiet = false;
  std::string command_line;
};

struct NamedCurve {
  std::string name;
  eval::Curve curve;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<NamedCurve> read_curves(const std::vector<std::string>& arguments) {
  std::vector<NamedCurve> curves;
  for (const std::string& argument : arguments) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::kUsage, "--curve " + argument + ": expected NAME=FILE");
    }
    const std::string name = argument.substr(0, equals), file = argument.substr(equals + 1);
    const auto bytes = read_input(file, largest_input({}));
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    curves.push_back({name, eval::parse_curve(text, file, name)});
  }
  return curves;
}

// Codes one picture and adds what it cost to `point`. Gives the reconstruction.
Image measure(const Codec& codec, const Image& original, const std::string& name, const Limits& limits,
              int effort, eval::CurvePoint& point) {
  const auto start = std::chrono::steady_clock::now();
  const auto file = codec.compress(original, static_cast<int>(point.quality), limits, effort);
  point.encode_seconds += seconds_since(start);
  const auto middle = std::chrono::steady_clock::now();
  Image result = codec.decompress(file, limits);
  point.decode_seconds += seconds_since(middle);
  const double pixels = static_cast<double>(original.width) * original.height;
  point.images.push_back({fs::path(name).filename().string(), 8 * static_cast<double>(file.size()) / pixels,
                          eval::psnr(original, result)});
  return result;
}

std::vector<fs::path> pictures_in(const std::vector<std::string>& inputs) {
  // The outputs of this plan are never written: only its search is used.
  const auto keep_name = [](const fs::path& name) { return fs::path(name).concat(".vaec"); };
  std::vector<fs::path> files;
  for (const Job& job : plan_batch(inputs, "", /*recursive=*/true, {has_image_extension, keep_name}).jobs) {
    if (!job.problem.empty()) throw Error(ErrorCode::kUnreadable, job.problem);
    files.push_back(job.input);
  }
  return files;
}

eval::Curve evaluate(const EvaluateCommand& command, const Codec& codec, const std::vector<fs::path>& files) {
  const Limits limits = limits_for(command.max_pixels);
  eval::Curve curve{"vaec", command.command_line, VAEC_VERSION, "vaec quality", 0, {}};
  for (const int quality : command.qualities)
    curve.points.push_back({static_cast<double>(quality), 0, 0, 0, 0, {}});
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string name = files[i].string();
    const Image original = image::read_image(read_input(name, largest_input(limits)), name, limits).image;
    curve.megapixels += static_cast<double>(original.width) * original.height / 1e6;
    naming(name, [&] {
      if (i == 0)
        (void)codec.compress(original, command.qualities.front(), limits);  // first calls are slower
      for (eval::CurvePoint& point : curve.points) {
        throw_if_interrupted();
        const Image result = measure(codec, original, name, limits, command.effort, point);
        if (!command.side_by_side.empty()) {
          const Image both = image::side_by_side(std::vector<Image>{original, result});
          save_picture(command.side_by_side, both, command.overwrite);
        }
      }
    });
    if (!command.quiet) std::fprintf(stderr, "%zu of %zu  %s\n", i + 1, files.size(), name.c_str());
  }
  for (eval::CurvePoint& point : curve.points) eval::average(point);
  return curve;
}

void print_table(const eval::Curve& curve) {
  std::printf("  q     bpp    PSNR    encode    decode\n");
  for (const eval::CurvePoint& point : curve.points) {
    std::printf("%3.0f  %6.4f  %6.3f  %6.2f s  %6.2f s\n", point.quality, point.bpp, point.psnr,
                point.encode_seconds, point.decode_seconds);
  }
}

void print_json(const eval::Curve& curve) {
  for (const eval::CurvePoint& point : curve.points) {
    print_line(nlohmann::ordered_json{{"q", static_cast<int>(point.quality)},
                                      {"bpp", point.bpp},
                                      {"psnr", point.psnr},
                                      {"enc_s", point.encode_seconds},
                                      {"dec_s", point.decode_seconds},
                                      {"images", point.images.size()}}
                   .dump());
  }
}

void print_bd_rate(const NamedCurve& anchor, const eval::Curve& curve, bool json) {
  const eval::BdRate result =
      naming("--curve " + anchor.name, [&] { return eval::bd_rate(anchor.curve.points, curve.points); });
  if (json) {
    print_line(nlohmann::ordered_json{{"curve", anchor.name},
                                      {"bd_rate_percent", result.percent},
                                      {"psnr_low", result.psnr_low},
                                      {"psnr_high", result.psnr_high}}
                   .dump());
  } else {
    std::printf("BD-rate against %s: %+.2f%% (PSNR %.2f to %.2f dB)\n", anchor.name.c_str(), result.percent,
                result.psnr_low, result.psnr_high);
  }
}

int run_evaluate(const EvaluateCommand& command) {
  const auto curves = read_curves(command.curves);
  const auto files = pictures_in(command.inputs);
  if (!command.side_by_side.empty() && (files.size() != 1 || command.qualities.size() != 1)) {
    throw Error(ErrorCode::kUsage, "--side-by-side: takes one picture and one quality");
  }
  for (const fs::path& output : {command.results, command.side_by_side}) {
    if (!output.empty()) check_may_write(output, command.overwrite);
  }
  set_threads(command.threads);
  const auto codec = Codec::load(find_model(command.model));
  const eval::Curve curve = evaluate(command, *codec, files);
  if (!command.results.empty()) {
    const std::string text = eval::to_json(curve);
    write_file(command.results, std::as_bytes(std::span(text)), command.overwrite);
  }
  if (command.json) {
    print_json(curve);
  } else {
    std::printf("model %s (%s), %zu pictures, %.1f MP\n", command.model.c_str(), to_hex(codec->id()).c_str(),
                files.size(), curve.megapixels);
    print_table(curve);
  }
  for (const NamedCurve& anchor : curves) print_bd_rate(anchor, curve, command.json);
  return 0;
}

}  // namespace

void setup_evaluate(CLI::App& app, Program& program) {
  auto command = std::make_shared<EvaluateCommand>();
  CLI::App* sub = app.add_subcommand("evaluate", "Measure rate and distortion over a set of pictures");
  sub->footer(kFooter);
  sub->add_option("PATH", command->inputs, "Pictures, or folders of them (searched recursively)")
      ->required()
      ->type_name("");
  sub->add_option("-q,--quality", command->qualities,
                  "Qualities, separated by commas (default: 10,20,...,90)")
      ->delimiter(',')
      ->check(CLI::Range(1, 100))
      ->type_name("LIST");
  sub->add_option("-e,--effort", command->effort, "Effort of compressing, 1 to 9")
      ->check(CLI::Range(kMinEffort, kMaxEffort))
      ->capture_default_str()
      ->type_name("N");
  sub->add_option("-m,--model", command->model, "Model: a file, or a name in models/")
      ->capture_default_str()
      ->type_name("MODEL");
  sub->add_option("--curve", command->curves,
                  "Print the BD-rate (PSNR) against these results; may be repeated")
      ->type_name("NAME=FILE");
  sub->add_option("-o,--output", command->results, "Write all results, picture by picture, as JSON")
      ->type_name("FILE");
  sub->add_option("--side-by-side", command->side_by_side,
                  "Write original and reconstruction (one picture, one quality)")
      ->type_name("PICTURE");
  sub->add_option("-j,--threads", command->threads, "Threads (default: all cores)")
      ->check(CLI::Range(1, 1024))
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
