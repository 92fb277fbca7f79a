// What a program that uses libvaec has set of the libraries they share stays as it is.
#include <gtest/gtest.h>

#include <oneapi/dnnl/dnnl.hpp>

#include "model_files.hpp"
#include "vaec/codec.hpp"

namespace vaec {
namespace {

// LibTorch in the same program needs the cache: without it each of its calls makes its primitive anew.
TEST(HostSettings, OneDnnKeepsItsPrimitiveCache) {
  const int before = dnnl::get_primitive_cache_capacity();
  ASSERT_GT(before, 0);
  const auto codec = Codec::load(kShippedModel);
  const auto packed =
      codec->compress(Image{96, 80, 3, std::vector<std::uint8_t>(std::size_t{96} * 80 * 3, 99)});
  EXPECT_EQ(codec->decompress(packed).width, 96U);
  EXPECT_EQ(dnnl::get_primitive_cache_capacity(), before);
}

}  // namespace
}  // namespace vaec
