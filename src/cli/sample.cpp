// vaec sample: new pictures from a generative model.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>

#include "cli/numbers.hpp"
#include "cli/picture_io.hpp"
#include "cli/program.hpp"
#include "codec/parts.hpp"
#include "vaec/models.hpp"

namespace vaec::cli {
namespace {

struct SampleCommand {
  std::string model = "mnist";
  std::filesystem::path output;
  int count = 64;
  std::uint64_t seed = 1;
  int threads = default_threads();
  bool overwrite = false;
};

int run_sample(const SampleCommand& command) {
  check_picture(command.output, command.overwrite);
  const Image grid = codec::torch_parts().sample(find_model(command.model), command.count, command.seed,
                                                 usable_threads(command.threads));
  save_picture(command.output, grid, command.overwrite);
  return 0;
}

}  // namespace

void setup_sample(CLI::App& app, Program& program) {
  auto command = std::make_shared<SampleCommand>();
  CLI::App* sub = app.add_subcommand("sample", "Draw new pictures from a generative model (mnist)");
  sub->footer("Example:\n  vaec sample -m mnist -n 64 -o grid.png");
  sub->add_option("-o,--output", command->output, "Picture to write: a grid of the samples")
      ->required()
      ->type_name("OUT");
  sub->add_option("-m,--model", command->model, "Model: a file, or a name in models/")
      ->capture_default_str()
      ->type_name("MODEL");
  sub->add_option("-n,--count", command->count, "How many")
      ->transform(whole_number(1, 10000))
      ->capture_default_str()
      ->type_name("N");
  sub->add_option("--seed", command->seed, "Same seed, same pictures")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str()
      ->type_name("N");
  sub->add_option("-j,--threads", command->threads, "Threads (default: all cores)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  sub->add_flag("-f,--force", command->overwrite, "Overwrite the output if it exists");
  sub->callback([command, &program] { program.action = [command] { return run_sample(*command); }; });
}

}  // namespace vaec::cli
