// Little CMS's objects, which end themselves. Every piece of work has a context of its own, so threads do not
// meet; what lcms says of a profile's faults goes nowhere.
#pragma once

#include <lcms2.h>

#include <cstddef>
#include <memory>
#include <span>

namespace vaec::image {

struct LcmsDelete {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct ProfileClose {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct TransformDelete {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
struct CurveFree {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

// Everything below must end before its context does.
using LcmsContext = std::unique_ptr<_cmsContext_struct, LcmsDelete>;
using Profile = std::unique_ptr<void, ProfileClose>;
using Transform = std::unique_ptr<void, TransformDelete>;
using ToneCurve = std::unique_ptr<cmsToneCurve, CurveFree>;

// Throws std::bad_alloc. A profile that wants more memory at once than any honest one gets none.
[[nodiscard]] LcmsContext make_lcms_context();

// Null for a damaged one: one that lcms does not open, that is shorter than it says, or has tags beyond that.
[[nodiscard]] Profile open_profile(cmsContext context, std::span<const std::byte> icc);

}  // namespace vaec::image
