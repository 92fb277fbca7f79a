#include "train/checkpoint.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/json.hpp"
#include "base/mapped_file.hpp"
#include "train/random.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

constexpr std::size_t kMaxAboutBytes = std::size_t{1} << 20;  // names of tensors and a few figures

void write_list(torch::serialize::OutputArchive& archive, const std::string& prefix,
                const std::vector<torch::Tensor>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i)
    archive.write(prefix + std::to_string(i), tensors[i].detach().cpu());
}

torch::Tensor read_one(torch::serialize::InputArchive& archive, const std::string& name,
                       const torch::Tensor& like) {
  torch::Tensor tensor;
  archive.read(name, tensor);
  if (tensor.sizes() != like.sizes() || tensor.scalar_type() != like.scalar_type()) {
    throw Error(ErrorCode::kModel, "tensor " + name + " has another shape than this training's");
  }
  return tensor.to(like.device());
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorCode::kModel, file.string() + ": cannot be resumed: " + why);
}

// Calls read(archive, description).
template <typename Read>
void read_archive(const std::filesystem::path& file, const Read& read) {
  try {
    torch::serialize::InputArchive archive;
    const auto mapped = base::map_file(file, ErrorCode::kModel);
    archive.load_from(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size());
    c10::IValue text;
    archive.read("about", text);
    read(archive, base::parse_json(text.toStringRef(), kMaxAboutBytes, ErrorCode::kModel,
                                   file.string() + ": cannot be resumed: its description"));
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    refuse(file, "it is not a checkpoint of vaec, or it is damaged");
  }
}

}  // namespace

void write_checkpoint(const std::filesystem::path& file, const Checkpoint& c) {
  // Within the library's own writer, which an exception must not leave.
  std::exception_ptr failure;
  base::AtomicFile out(file, true);
  try {
    torch::serialize::OutputArchive archive;
    std::vector<std::string> kept_names;
    std::vector<torch::Tensor> kept;
    for (const auto& [name, tensor] : c.kept.tensors) {
      kept_names.push_back(name);
      kept.push_back(tensor);
    }
    const nlohmann::json about{{"settings", c.kept.settings},
                               {"config", c.kept.config},
                               {"kept", kept_names},
                               {"names", c.names},
                               {"frozen", c.frozen},
                               {"step", c.step},
                               {"elapsed", c.elapsed},
                               {"best", c.best.size()},
                               {"best_figures", c.best_figures}};
    archive.write("about", c10::IValue(about.dump()));
    archive.write("random", random_state());
    write_list(archive, "kept", kept);
    write_list(archive, "parameter", c.parameters);
    write_list(archive, "average", c.average);
    write_list(archive, "best", c.best);
    write_list(archive, "optimizer", c.optimizer);
    archive.save_to([&](const void* bytes, std::size_t count) -> std::size_t {
      if (failure) return 0;
      try {
        out.write({static_cast<const std::byte*>(bytes), count});
        return count;
      } catch (...) {
        failure = std::current_exception();
        return 0;
      }
    });
  } catch (const c10::Error& error) {
    if (failure) std::rethrow_exception(failure);
    throw Error(ErrorCode::kWrite, file.string() + ": the checkpoint cannot be written");
  }
  if (failure) std::rethrow_exception(failure);
  out.commit();
}

Kept read_kept(const std::filesystem::path& file) {
  Kept kept;
  read_archive(file, [&](auto& archive, const nlohmann::json& about) {
    kept.settings = about.at("settings").template get<std::string>();
    kept.config = about.at("config").template get<std::string>();
    const auto names = about.at("kept").template get<std::vector<std::string>>();
    for (std::size_t i = 0; i < names.size(); ++i) {
      archive.read("kept" + std::to_string(i), kept.tensors[names[i]]);
    }
  });
  return kept;
}

void read_checkpoint(const std::filesystem::path& file, Checkpoint& c) {
  read_archive(file, [&](auto& archive, const nlohmann::json& about) {
    if (about.at("names").template get<std::vector<std::string>>() != c.names) {
      refuse(file,
             "other parameters were trained: of another architecture or size, or one of the two is --only "
             "entropy");
    }
    if (about.value("frozen", std::uint32_t{0}) != c.frozen) {
      refuse(file, "what is not trained is not what it was: give the --init that it began with");
    }
    c.step = about.at("step").template get<std::int64_t>();
    c.elapsed = about.at("elapsed").template get<double>();
    c.best_figures = about.at("best_figures").template get<Figures>();
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < c.parameters.size(); ++i) {
      c.parameters[i].copy_(read_one(archive, "parameter" + std::to_string(i), c.parameters[i]));
      c.average[i].copy_(read_one(archive, "average" + std::to_string(i), c.average[i]));
    }
    c.best.clear();
    for (std::size_t i = 0; i < about.at("best").template get<std::size_t>(); ++i) {
      c.best.push_back(read_one(archive, "best" + std::to_string(i), c.parameters.at(i)).clone());
    }
    for (std::size_t i = 0; i < c.optimizer.size(); ++i) {
      c.optimizer[i] = read_one(archive, "optimizer" + std::to_string(i), c.optimizer[i]).clone();
    }
    torch::Tensor state;
    archive.read("random", state);
    set_random_state(state);
  });
}

}  // namespace vaec::train
