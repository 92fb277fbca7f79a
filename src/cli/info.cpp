// vaec info: what .vaec files and models say of themselves.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/tell.hpp"
#include "bitstream/container.hpp"
#include "cli/batch_plan.hpp"
#include "cli/failure.hpp"
#include "cli/program.hpp"
#include "cli/streams.hpp"
#include "model/model_file.hpp"
#include "vaec/codec.hpp"
#include "vaec/error.hpp"

namespace vaec::cli {
namespace {

using Json = nlohmann::ordered_json;

struct InfoCommand {
  std::vector<std::string> files;
  bool json = false;
  bool check = false;
  bool quiet = false;
};

// The name of the model with this id, or nothing if it is not at hand.
Json model_name(const ModelId& id) {
  try {
    return find_model(id).stem().string();
  } catch (const Error&) {
    return nullptr;
  }
}

// A small-image file stores the first 4 bytes of the id only.
std::string stored_id(const bitstream::Header& header) {
  const std::string id = to_hex(header.model_id);
  return header.profile == bitstream::Profile::kSmallImage ? id.substr(0, 8) : id;
}

const char* name_of(bitstream::Profile profile) {
  switch (profile) {
    case bitstream::Profile::kHyperprior:
      return "hyperprior";
    case bitstream::Profile::kSmallImage:
      return "small image";
    default:
      return "lossless";
  }
}

// Decodes all but the pixels, which verifies the latent's checksum; of a lossless file the pixels, too.
void check_stream(std::span<const std::byte> file, const bitstream::Header& header) {
  const bool is_lossless = header.profile == bitstream::Profile::kLossless;
  (is_lossless ? Codec::lossless() : Codec::load(find_model(header.model_id)))->check(file);
}

// Bytes of each part of a file; what is left over is the header's, and the chunks' own.
Json sections_of(const bitstream::Container& container, std::size_t file_bytes) {
  std::size_t bands = 0, alpha = 0, exact = container.plan.size();
  for (const auto& band : container.bands) bands += band.size();
  for (const auto& band : container.alpha.streams) alpha += band.size();
  for (const auto& band : container.exact.streams) exact += band.size();
  std::vector<std::pair<const char*, std::size_t>> parts;
  if (container.header.profile == bitstream::Profile::kLossless) {
    parts = {{"plan", container.plan.size()}, {"pixels", bands}};
  } else {
    parts = {{"lf_image", container.lf.size()}, {"hyper_latent", container.hyper.size()}, {"latent", bands},
             {"exact_blocks", exact},           {"last_filter", container.filter.size()}, {"alpha", alpha}};
  }
  parts.insert(
      parts.end(),
      {{"icc", container.icc.size()}, {"exif", container.exif.size()}, {"xmp", container.xmp.size()}});
  std::size_t header = file_bytes;
  for (const auto& part : parts) header -= part.second;
  Json sections{{"header", header}};
  for (const auto& [name, bytes] : parts) sections[name] = bytes;
  return sections;
}

// Null where there is none.
Json resolution_of(const Resolution& resolution) {
  if (resolution.empty()) return nullptr;
  constexpr const char* kUnits[] = {"ratio", "inch", "centimetre", "metre"};
  return {{"x", resolution.x / 1000.0},
          {"y", resolution.y / 1000.0},
          {"unit", kUnits[static_cast<std::size_t>(resolution.unit)]}};
}

Json describe_stream(const std::string& name, bool check) {
  const auto file = read_vaec_file(name, Limits{});
  return naming(display_name(name), [&]() -> Json {
    const bitstream::Container container = bitstream::parse(file);
    const bitstream::Header& header = container.header;
    if (check) check_stream(file, header);
    const bool is_lossless = header.profile == bitstream::Profile::kLossless;
    const double pixels = static_cast<double>(header.width) * header.height;
    return {{"file", name},
            {"type", "vaec"},
            {"checked", check},
            {"format_version", bitstream::kFormatVersion},
            {"profile", name_of(header.profile)},
            {"lossless", is_lossless},
            {"model_id", is_lossless ? Json() : Json(stored_id(header))},
            {"model", is_lossless ? Json() : model_name(header.model_id)},
            {"width", header.width},
            {"height", header.height},
            {"channels", header.channels},
            {"alpha", header.has_alpha()},
            {"bit_depth", header.bit_depth},
            {"quality", is_lossless ? Json() : Json(header.quality)},
            {"resolution", resolution_of(container.resolution)},
            {"bytes", file.size()},
            {"bpp", 8 * static_cast<double>(file.size()) / pixels},
            {"sections", sections_of(container, file.size())},
            {"bands", container.bands.size()}};
  });
}

// JSON text of the metadata as JSON.
Json parsed(const model::SafeTensors& file, const char* key, std::size_t most) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) return nullptr;
  return base::parse_json(found->second, most, ErrorCode::kModel, std::string(key));
}

// A card is for people and decides nothing: the beginning of its text where it is not JSON.
Json card_of(const model::SafeTensors& file) {
  try {
    return parsed(file, model::kCardKey, model::kMaxCardBytes);
  } catch (const Error&) {
    constexpr std::size_t kShown = 200;
    return file.metadata().at(model::kCardKey).substr(0, kShown);
  }
}

Json describe_model(const std::string& name, bool check) {
  const model::SafeTensors file = model::SafeTensors::open(name);
  if (check) (void)Codec::load(name);  // looks at every tensor
  return naming(name, [&]() -> Json {
    std::uint64_t parameters = 0, bytes = 0;
    for (const auto& [tensor_name, tensor] : file.tensors()) {
      parameters += tensor.data.size() / model::size_of(tensor.dtype);
      bytes += tensor.data.size();
    }
    return {{"file", name},
            {"type", "model"},
            {"checked", check},
            {"architecture", model::architecture(file)},
            {"model_id", to_hex(model::model_id(file))},
            {"tensors", file.tensors().size()},
            {"parameters", parameters},
            {"bytes", bytes},
            {"config", parsed(file, model::kConfigKey, model::kMaxConfigBytes)},
            {"card", card_of(file)}};
  });
}

std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What a file says may be anything.
void print_text(const std::string& text) { print_line(base::harmless(text)); }

// One line a member; those of `config`, `card` and `sections` indented below.
void print_members(const Json& object, int indent) {
  for (const auto& [key, value] : object.items()) {
    const std::string label = std::string(static_cast<std::size_t>(indent), ' ') + key;
    if (value.is_object()) {
      print_text(label);
      print_members(value, indent + 2);
    } else {
      std::array<char, 64> padded{};
      std::snprintf(padded.data(), padded.size(), "%-20s ", label.c_str());
      print_text(padded.data() + (value.is_null() ? std::string("unknown") : plain(value)));
    }
  }
}

void print_for_people(Json description) {
  print_text(description["file"].get<std::string>());
  description.erase("file");
  if (description.value("lossless", false)) {
    for (const char* absent : {"model_id", "model", "quality"}) description.erase(absent);
  }
  print_members(description, 2);
}

// What is called as a model's file or, where there is no file of that name, as -m calls a model.
std::optional<std::string> model_named(const std::string& name) {
  if (std::filesystem::path(name).extension() == ".safetensors") return name;
  std::error_code ignored;
  if (name == kStandardStream || name.find('/') != std::string::npos ||
      std::filesystem::exists(name, ignored))
    return {};
  try {
    return find_model(name).string();
  } catch (const Error&) {
    return {};
  }
}

int run_info(const InfoCommand& command) {
  ErrorCode last_error = ErrorCode::kInternal;
  std::size_t failures = 0;
  for (const std::string& name : command.files) {
    try {
      if (const auto problem = problem_among_others(name); command.files.size() > 1 && !problem.empty())
        throw Error(ErrorCode::kUnreadable, problem);
      const auto model = model_named(name);
      const Json description =
          model ? describe_model(*model, command.check) : describe_stream(name, command.check);
      if (command.quiet) continue;
      if (command.json) {
        print_line(description.dump(-1, ' ', false, Json::error_handler_t::replace));
      } else {
        print_for_people(description);
      }
    } catch (...) {
      const Failure failure = current_failure();
      base::tell("vaec: %s\n", failure.message.c_str());
      if (failure.code == ErrorCode::kInterrupted) return exit_status(failure.code);
      last_error = failure.code;
      ++failures;
    }
  }
  if (failures == 0) return 0;
  constexpr int kSomeFailed = 1;
  return command.files.size() == 1 ? exit_status(last_error) : kSomeFailed;
}

}  // namespace

void setup_info(CLI::App& app, Program& program) {
  auto command = std::make_shared<InfoCommand>();
  CLI::App* sub = app.add_subcommand("info", "Tell what is in .vaec files and models");
  sub->footer(
      "Examples:\n"
      "  vaec info photo.vaec                            what is in a file\n"
      "  vaec info photo --json                          how a model was made");
  sub->add_option("FILE", command->files,
                  ".vaec files (- for standard input) and models: files, or names in models/")
      ->required()
      ->type_name("");
  sub->add_flag("--check", command->check,
                "Decode latent, alpha and metadata, and compare checksums; look at a model's tensors");
  CLI::Option* json = sub->add_flag("--json", command->json, "One JSON object a file");
  sub->add_flag("--quiet", command->quiet, "Print errors only, as of --check")->excludes(json);
  sub->callback([command, &program] { program.action = [command] { return run_info(*command); }; });
}

}  // namespace vaec::cli
