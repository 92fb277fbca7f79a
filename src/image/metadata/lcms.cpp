#include "image/metadata/lcms.hpp"

#include <lcms2_plugin.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>

#include "image/byte_reader.hpp"

namespace vaec::image {
namespace {

// A table of 17 nodes in each of four dimensions, in double precision, takes 2 MB.
constexpr cmsUInt32Number kMostMemory = cmsUInt32Number{1} << 26;

void* allocate(cmsContext, cmsUInt32Number size) { return size > kMostMemory ? nullptr : std::malloc(size); }
void release(cmsContext, void* memory) { std::free(memory); }
void* reallocate(cmsContext, void* memory, cmsUInt32Number size) {
  return size > kMostMemory ? nullptr : std::realloc(memory, size);
}
void ignore(cmsContext, cmsUInt32Number, const char*) {}

// What lcms forgives, and other readers do not (ISO 15076-1, 7.2 and 7.3).
bool is_whole(std::span<const std::byte> icc) {
  constexpr std::size_t kHeader = 128, kEntry = 12;
  const auto number = [&](std::uint64_t at) { return read_integer(icc, at, 4, Endian::kBig); };
  const auto size = number(0), tags = number(kHeader);
  if (!size || !tags || *size > icc.size() || *size < kHeader + 4) return false;
  if (*tags > (*size - kHeader - 4) / kEntry) return false;
  for (std::uint64_t i = 0; i < *tags; ++i) {
    const std::uint64_t entry = kHeader + 4 + i * kEntry;
    const auto offset = number(entry + 4), length = number(entry + 8);
    if (!offset || !length || *offset > *size || *length > *size - *offset) return false;
  }
  return true;
}

}  // namespace

LcmsContext make_lcms_context() {
  static cmsPluginMemHandler memory{{cmsPluginMagicNumber, 2000, cmsPluginMemHandlerSig, nullptr},
                                    allocate,
                                    release,
                                    reallocate,
                                    nullptr,  // lcms makes the others of those
                                    nullptr,
                                    nullptr};
  LcmsContext context(cmsCreateContext(&memory, nullptr));
  if (!context) throw std::bad_alloc();
  cmsSetLogErrorHandlerTHR(context.get(), ignore);
  return context;
}

Profile open_profile(cmsContext context, std::span<const std::byte> icc) {
  if (icc.size() > std::numeric_limits<cmsUInt32Number>::max() || !is_whole(icc)) return nullptr;
  return Profile(cmsOpenProfileFromMemTHR(context, icc.data(), static_cast<cmsUInt32Number>(icc.size())));
}

}  // namespace vaec::image
