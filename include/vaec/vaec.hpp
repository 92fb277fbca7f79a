// vaec, a learned image codec: the whole public API.
#pragma once

#include "vaec/codec.hpp"
#include "vaec/error.hpp"
#include "vaec/export.hpp"
#include "vaec/image.hpp"
#include "vaec/image_view.hpp"
#include "vaec/models.hpp"
#include "vaec/options.hpp"
#include "vaec/peek.hpp"
#include "vaec/version.hpp"
