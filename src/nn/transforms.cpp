#include "nn/transforms.hpp"

#include "vaec/error.hpp"

namespace vaec::nn {
namespace {

using model::kHyperScale, model::kLatentScale;

torch::Tensor channels_last(const torch::Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

void add_blocks(torch::nn::ModuleList& stages, std::int64_t channels, int count) {
  for (int i = 0; i < count; ++i) stages->push_back(ResidualBlock(channels));
}

// Both lists hold some residual blocks for each stage, with one resampling convolution between stages,
// whose outputs or inputs are four runs of channels, one for each quarter of a cell.
void grow_stages(const torch::nn::ModuleListImpl& from, torch::nn::ModuleListImpl& to,
                 std::int64_t out_groups, std::int64_t in_groups) {
  std::size_t at = 0;
  for (const auto& stage : to) {
    const bool is_block = stage->as<ResidualBlock>() != nullptr;
    const bool fits = at < from.size() && (from[at]->as<ResidualBlock>() != nullptr) == is_block;
    if (fits && is_block) {
      stage->as<ResidualBlock>()->grow_from(*from[at++]->as<ResidualBlock>());
    } else if (fits) {
      stage->as<Conv2d>()->grow_from(*from[at++]->as<Conv2d>(), out_groups, in_groups);
    } else if (is_block) {
      stage->as<ResidualBlock>()->silence();
    } else {
      break;
    }
  }
  if (at != from.size()) throw Error(ErrorCode::kModel, "model: it has more blocks than what it is to start");
}

void grow_skip(const Conv2d& from, Conv2d& to) {
  if (!from) return;
  if (!to) throw Error(ErrorCode::kModel, "model: it has a skip, what it is to start has none");
  to->grow_from(*from);
}

}  // namespace

AnalysisImpl::AnalysisImpl(const model::PhotoConfig& config) {
  const auto& c = config.analysis;
  linear = register_module("linear", Conv2d(3 * 256, config.latent, 1));
  stem_ = register_module("stem", Conv2d(3 * 16, c.channels[0], 3));
  stages_ = register_module("stages", torch::nn::ModuleList());
  for (std::size_t stage = 0; stage < 3; ++stage) {
    add_blocks(stages_, c.channels[stage], c.blocks[stage]);
    if (stage < 2) stages_->push_back(Conv2d(c.channels[stage] * 4, c.channels[stage + 1], 1));
  }
  last_ = register_module("last", Conv2d(c.channels[2], config.latent, 1));
  last_->zero();
  if (c.skip) {
    skip_ = register_module("skip", Conv2d(c.channels[0], 3 * 16, 1));
    skip_->zero();
  }
}

torch::Tensor AnalysisImpl::forward(const torch::Tensor& x, torch::ScalarType precision) {
  const auto centred = x - 0.5;
  auto pixels = centred;
  auto h = activation(stem_(space_to_depth(centred.to(precision), 4)));
  bool finest = true;
  for (const auto& stage : *stages_) {
    if (auto* block = stage->as<ResidualBlock>()) {
      h = block->forward(h);
      continue;
    }
    if (finest && skip_) pixels = centred + depth_to_space(skip_(h), 4).to(torch::kFloat32);
    finest = false;
    h = stage->as<Conv2d>()->forward(space_to_depth(h, 2));
  }
  return linear(space_to_depth(pixels, 16)) + last_(h).to(torch::kFloat32) * kLatentScale;
}

void AnalysisImpl::grow_from(const AnalysisImpl& other) {
  linear->grow_from(*other.linear);
  stem_->grow_from(*other.stem_);
  grow_skip(other.skip_, skip_);
  grow_stages(*other.stages_, *stages_, /*out_groups=*/1, /*in_groups=*/4);
  last_->grow_from(*other.last_);
}

SynthesisImpl::SynthesisImpl(const model::PhotoConfig& config) {
  const auto& c = config.synthesis;
  linear = register_module("linear", Conv2d(config.latent, 3 * 256, 1));
  stem_ = register_module("stem", Conv2d(config.latent + 1, c.channels[2], 1));
  stages_ = register_module("stages", torch::nn::ModuleList());
  for (int stage = 2; stage >= 0; --stage) {
    const auto at = static_cast<std::size_t>(stage);
    add_blocks(stages_, c.channels[at], c.blocks[at]);
    if (stage > 0) stages_->push_back(Conv2d(c.channels[at], c.channels[at - 1] * 4, 1));
  }
  finest_ = stages_->size() - static_cast<std::size_t>(c.blocks[0]);
  if (c.skip) {
    skip_ = register_module("skip", Conv2d(3 * 16, c.channels[0], 3));
    skip_->zero();
  }
  last_ = register_module("last", Conv2d(c.channels[0], 3 * 16, 3));
  last_->zero();
}

torch::Tensor SynthesisImpl::forward(const torch::Tensor& y, const torch::Tensor& quality_plane,
                                     torch::ScalarType precision) {
  const auto picture = depth_to_space(linear(channels_last(y)), 16);
  auto h = stem_(channels_last(torch::cat({y / kLatentScale, quality_plane}, 1)).to(precision));
  const auto see_picture = [&] { return h + skip_(space_to_depth(picture.to(precision), 4)); };
  for (std::size_t i = 0; i < stages_->size(); ++i) {
    if (i == finest_ && skip_) h = see_picture();
    const auto& stage = stages_[i];
    if (auto* block = stage->as<ResidualBlock>()) {
      h = block->forward(h);
    } else {
      h = depth_to_space(stage->as<Conv2d>()->forward(h), 2);
    }
  }
  if (finest_ == stages_->size() && skip_) h = see_picture();
  h = depth_to_space(last_(activation(h)), 4).to(torch::kFloat32);
  return picture + h + 0.5;
}

void SynthesisImpl::grow_from(const SynthesisImpl& other) {
  linear->grow_from(*other.linear);
  stem_->grow_from(*other.stem_);
  grow_skip(other.skip_, skip_);
  grow_stages(*other.stages_, *stages_, /*out_groups=*/4, /*in_groups=*/1);
  last_->grow_from(*other.last_);
}

void SynthesisImpl::set_grid(const SynthesisGrid& grid) {
  const auto modules = named_modules();
  for (const auto& [name, of_layer] : grid.layers) modules[name]->as<Conv2d>()->set_grid(of_layer);
  grid_ = grid;
}

torch::Tensor SynthesisImpl::rounded(const std::string& parameter) const {
  const auto dot = parameter.rfind('.');
  const auto layer = parameter.substr(0, dot);
  if (grid_ && grid_->layers.contains(layer) && parameter.substr(dot) == ".weight")
    return named_modules()[layer]->as<Conv2d>()->rounded();
  return named_parameters()[parameter];
}

HyperAnalysisImpl::HyperAnalysisImpl(const model::PhotoConfig& config) {
  first_ = register_module("first", Conv2d(config.latent + 1, config.hyper_width, 1));
  second_ = register_module("second", Conv2d(config.hyper_width, config.hyper_width, 5, 2));
  third_ = register_module("third", Conv2d(config.hyper_width, config.hyper, 5, 2));
}

torch::Tensor HyperAnalysisImpl::forward(const torch::Tensor& y, const torch::Tensor& quality_plane) {
  // Linear for small values, logarithmic for the large ones of high qualities.
  const auto in = torch::cat({(y.abs() + 1).log() * y.detach().sign(), quality_plane}, 1);
  return third_(activation(second_(activation(first_(channels_last(in)))))) * kHyperScale;
}

}  // namespace vaec::nn
