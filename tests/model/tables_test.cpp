#include "model/tables.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "failure.hpp"
#include "temporary_folder.hpp"
#include "vaec/error.hpp"

namespace vaec::model {
namespace {

class Tables : public testing::Test {
 protected:
  // A table of `entries` values that are equally likely, `count` times.
  [[nodiscard]] SafeTensors repeated(std::int32_t entries, std::size_t count) const {
    const std::vector<std::int32_t> first(count);
    std::vector<std::int32_t> length(count);
    length[0] = entries;
    const std::vector<std::uint16_t> frequencies(static_cast<std::size_t>(entries),
                                                 static_cast<std::uint16_t>((1 << 16) / entries));
    const auto file = folder_ / "tables.safetensors";
    const auto view = [](DType type, const auto& values) {
      return TensorView{type, {static_cast<std::int64_t>(values.size())}, std::as_bytes(std::span(values))};
    };
    write_safetensors(file,
                      {{"t.first", view(DType::kI32, first)},
                       {"t.length", view(DType::kI32, length)},
                       {"t.frequencies", view(DType::kU16, frequencies)}},
                      {});
    return SafeTensors::open(file);
  }

  const TemporaryFolder folder_;
};

TEST_F(Tables, ALengthOfZeroRepeatsTheOneBefore) {
  const auto tables = load_tables(repeated(256, 3), "t", 3);
  ASSERT_EQ(tables.size(), 3U);
  for (const auto& table : tables) EXPECT_EQ(table.frequencies().size(), 256U);
}

// Half a megabyte that would become hundreds.
TEST_F(Tables, ManyLargeOnesAreRefused) {
  EXPECT_NE(
      failure(ErrorCode::kModel, [&] { static_cast<void>(load_tables(repeated(1 << 15, 1044), "t", 1044)); })
          .find("more than 2097152 entries"),
      std::string::npos);
}

}  // namespace
}  // namespace vaec::model
