// vaec, a learned image codec: the whole public API.
#pragma once

#include "vaec/codec.hpp"
#include "vaec/error.hpp"
#include "vaec/image.hpp"
#include "vaec/version.hpp"
