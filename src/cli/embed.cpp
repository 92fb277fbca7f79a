// vaec embed: pictures -> vectors.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/input_files.hpp"
#include "base/interrupt.hpp"
#include "base/picture_names.hpp"
#include "base/progress.hpp"
#include "base/tell.hpp"
#include "base/threads.hpp"
#include "cli/batch.hpp"
#include "cli/batch_report.hpp"
#include "cli/embed_items.hpp"
#include "cli/embed_output.hpp"
#include "cli/failure.hpp"
#include "cli/numbers.hpp"
#include "cli/program.hpp"
#include "cli/streams.hpp"
#include "codec/parts.hpp"
#include "eval/gnuplot.hpp"
#include "model/model_file.hpp"
#include "plugin/torch_module.hpp"
#include "vaec/error.hpp"
#include "vaec/models.hpp"

namespace vaec::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEmbedFooter = R"(Examples:
  vaec embed photos/ -r -o photos.npy            float32 [N, D], and their names in photos.txt
  vaec embed photos/ -r -o photos.csv            file,v0,v1,...
  vaec embed t10k-images-idx3-ubyte.gz -m mnist -o digits.npy --plot digits.png
                                                 and a plot of them
Of the photo model D is 323: the mean of each of the 3 channels of its LF image (mean colours), then the
deviation of each of its 320 latent channels over the picture, in rounding steps of quality 50. Standardise
the columns before you compare distances. Of an mnist model it is the latent, as many numbers as that has: the
mean of the posterior. Rows stand in the order of the inputs, those of a folder sorted. A picture that
cannot be read is named and has no row; the exit status is 1 then.)";

struct EmbedCommand {
  std::vector<std::string> inputs;
  fs::path output, plot, labels;
  std::string model = "photo";
  bool recursive = false, overwrite = false, json = false;
  int threads = default_threads();
  std::uint64_t max_pixels = 0;
  Verbosity verbosity;
};

// The mean of what a Gaussian VAE takes a picture's latent for.
class MeanEmbedder : public codec::Embedder {
 public:
  explicit MeanEmbedder(std::unique_ptr<codec::Generator> generator) : generator_(std::move(generator)) {}
  int dimension() const override { return generator_->latent(); }
  std::vector<float> embed(const ImageView& image, int, const Limits&) const override {
    plugin::torch_module().use_threads(1);  // small as it is
    return generator_->encode(image).mean;
  }

 private:
  std::unique_ptr<codec::Generator> generator_;
};

struct Loaded {
  std::unique_ptr<codec::Embedder> embedder;
  bool takes_arrays;
};

// `threads`: fewer where the system gives no more.
Loaded load_embedder(const fs::path& model, int& threads) {
  return naming(model.string(), [&]() -> Loaded {
    const auto file = model::SafeTensors::open(model);
    const auto architecture = model::architecture(file);
    if (architecture == "mnist") {
      // Pictures are shared out among threads, not what is computed for one of them: OpenBLAS's own would wait for each other.
      static_cast<void>(usable_threads(1));
      return {std::make_unique<MeanEmbedder>(codec::torch_parts().make_generator(file, 1)), true};
    }
    threads = usable_threads(threads);
    if (architecture == "photo") return {codec::photo_parts().make_photo_embedder(file), false};
    throw Error(ErrorCode::kModel,
                "unknown architecture '" + architecture + "': is it made for a newer vaec?");
  });
}

// Vectors of all items that have no failure; what goes wrong with one becomes its failure. Throws Error kInterrupted.
std::vector<std::vector<float>> embed_all(std::vector<EmbedItem>& items, const codec::Embedder& embedder,
                                          const EmbedCommand& command) {
  const Limits limits = limits_for(command.max_pixels);
  std::vector<std::vector<float>> vectors(items.size());
  const auto embed = [&](std::size_t i, int threads) {
    EmbedItem& item = items[i];
    if (item.failure) return;
    try {
      const Image picture = item.picture(limits);
      vectors[i] = naming(item.name(), [&] { return embedder.embed(picture, threads, limits); });
      if (!can_name(command.output, item.name()))
        throw Error(ErrorCode::kUsage, "a line break in a file's name needs a .csv file: " + item.name());
    } catch (...) {
      item.failure = current_failure();
    }
  };
  const auto threads = static_cast<std::size_t>(command.threads), workers = std::min(threads, items.size());
  std::atomic<std::size_t> next = 0;
  std::mutex progress;
  std::size_t done = 0;
  const auto run_worker = [&](std::size_t worker) {
    const auto share = static_cast<int>((threads - worker + workers - 1) / workers);
    for (std::size_t i = next++; i < items.size() && !base::stop_requested(); i = next++) {
      embed(i, share);
      const std::lock_guard lock(progress);
      if (++done % std::max<std::size_t>(1, items.size() / 200) == 0 && !command.verbosity.quiet)
        base::show_progress(std::to_string(done) + " of " + std::to_string(items.size()) + " pictures");
    }
  };
  auto others = base::start_threads(workers - 1, run_worker);
  run_worker(workers - 1);
  others.clear();  // joins
  base::show_progress("");
  base::throw_if_interrupted();
  return vectors;
}

// Tells the failures, of an array the first alone, and with --json every item. Gives how many there are.
std::size_t report(const std::vector<EmbedItem>& items, const EmbedCommand& command) {
  std::size_t failures = 0, row = 0;
  const train::PictureArray* told = nullptr;
  for (const EmbedItem& item : items) {
    if (item.failure) {
      ++failures;
      if (!item.array || item.array.get() != told) base::tell("vaec: %s\n", item.failure->message.c_str());
      told = item.array.get();
    }
    if (!command.json) continue;
    nlohmann::ordered_json line = {{"input", item.name()},
                                   {"status", item.failure ? "error" : "ok"},
                                   {"row", nullptr},
                                   {"error", nullptr}};
    if (item.failure) {
      line["error"] = item.failure->message;
    } else {
      line["row"] = row++;
    }
    // File names need not be UTF-8, JSON must be.
    print_line(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  if (failures > 0 && items.size() > 1)
    base::tell("vaec: %zu of %zu pictures failed: they have no row\n", failures, items.size());
  return failures;
}

EmbeddingTable table_of(const std::vector<EmbedItem>& items, const std::vector<std::vector<float>>& vectors,
                        const std::vector<std::string>& labels, int columns) {
  EmbeddingTable table;
  table.columns = static_cast<std::size_t>(columns);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].failure) continue;
    table.names.push_back(items[i].name());
    if (!labels.empty()) table.labels.push_back(labels[i]);
    table.values.insert(table.values.end(), vectors[i].begin(), vectors[i].end());
  }
  return table;
}

// Before any work.
void check_outputs(const EmbedCommand& command) {
  const auto extension = command.output.extension();
  if (extension != ".npy" && extension != ".csv")
    throw Error(ErrorCode::kUsage, command.output.string() + ": its name must end in .npy or .csv");
  if (!command.plot.empty() && base::lower_case(command.plot.extension().string()) != ".png")
    throw Error(ErrorCode::kUsage, command.plot.string() + ": a plot's name must end in .png");
  for (const auto& file : {command.output, names_file(command.output), command.plot}) {
    if (!file.empty()) base::check_may_write(file, command.overwrite);
  }
  if (!command.plot.empty()) eval::check_gnuplot();
}

void protect_inputs(const EmbedCommand& command, const fs::path& model, const std::vector<EmbedItem>& items) {
  base::InputFiles inputs;
  inputs.add(model);
  if (!command.labels.empty()) inputs.add(command.labels);
  for (const EmbedItem& item : items) {
    if (item.index == 0 && item.file != kStandardStream) inputs.add(item.file);
  }
  for (const auto& file : {command.output, names_file(command.output), command.plot}) {
    if (!file.empty()) inputs.refuse_as_output(file);
  }
}

int run_embed(EmbedCommand& command) {
  const auto start = std::chrono::steady_clock::now();
  check_outputs(command);
  const auto model = find_model(command.model);
  const auto [embedder, takes_arrays] = load_embedder(model, command.threads);
  auto items = find_embed_items(command.inputs, command.recursive, takes_arrays, command.verbosity);
  protect_inputs(command, model, items);
  std::vector<std::string> labels;
  if (!command.labels.empty()) {
    labels = read_labels(command.labels);
    if (labels.size() != items.size()) {
      throw Error(ErrorCode::kUsage, command.labels.string() + ": " + std::to_string(labels.size()) +
                                         " labels for " + std::to_string(items.size()) + " pictures");
    }
    check_labels(labels);
  }
  const auto vectors = embed_all(items, *embedder, command);
  const std::size_t failures = report(items, command);
  if (failures < items.size()) {
    const auto table = table_of(items, vectors, labels, embedder->dimension());
    write_table(command.output, table, command.overwrite);
    if (!command.plot.empty()) write_plot(command.plot, table, command.overwrite);
    if (!command.verbosity.quiet && !command.json) {
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      const auto names = names_file(command.output);
      base::tell("%s of %zu numbers -> %s%s%s  %.2f s\n", counted(table.names.size(), "vector").c_str(),
                 table.columns, command.output.c_str(), names.empty() ? "" : ", names in ", names.c_str(),
                 seconds.count());
    }
  }
  if (failures == 0) return 0;
  return items.size() == 1 ? exit_status(items.front().failure->code) : 1;
}

}  // namespace

void setup_embed(CLI::App& app, Program& program) {
  auto command = std::make_shared<EmbedCommand>();
  CLI::App* sub = app.add_subcommand("embed", "Make a vector of each picture, to search or classify by");
  sub->footer(kEmbedFooter);
  sub->add_option("INPUT", command->inputs,
                  "Pictures, folders (with -r), or - for standard input; for mnist models also IDX files "
                  "(.gz too) and NumPy arrays of pictures")
      ->required()
      ->type_name("");
  sub->add_option("-o,--output", command->output,
                  "NumPy array (.npy; the names of its rows stand in a .txt file beside it) or table (.csv)")
      ->required()
      ->type_name("OUT");
  sub->add_flag("-r,--recursive", command->recursive, "Work on what is in folders, and in folders in them");
  sub->add_option("-m,--model", command->model, "Model: a file, or a name in models/")
      ->capture_default_str()
      ->type_name("MODEL");
  auto* plot = sub->add_option("--plot", command->plot,
                               "Draw the vectors by their two principal components (PNG, by gnuplot)")
                   ->type_name("PICTURE");
  sub->add_option("--labels", command->labels,
                  "Colours of the plot: a text file with a label a line, or an IDX file of labels (.gz too); "
                  "one for each picture of the inputs")
      ->needs(plot)
      ->type_name("FILE");
  sub->add_option("-j,--threads", command->threads, "Threads in all (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  sub->add_flag("-f,--force", command->overwrite, "Overwrite outputs that exist");
  sub->add_flag("--json", command->json,
                "One JSON object a picture on standard output: input, status (ok or error), row, error");
  add_max_pixels(*sub, command->max_pixels);
  add_verbosity(*sub, command->verbosity);
  sub->callback([command, &program] { program.action = [command] { return run_embed(*command); }; });
}

}  // namespace vaec::cli
