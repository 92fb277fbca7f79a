// Of LibTorch what this code uses. <torch/torch.h>, which has all of it, takes three times as long to compile.
// Shared as a precompiled header by all that includes it; what a single file needs beyond this, that file
// includes.
#pragma once

#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/nn/cloneable.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/utils.h>
