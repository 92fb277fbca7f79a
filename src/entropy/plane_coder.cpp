#include "entropy/plane_coder.hpp"

#include "base/clones.hpp"
#include "entropy/bit_coder.hpp"
#include "entropy/index_rows.hpp"
#include "entropy/sample_rows.hpp"

namespace vaec::entropy {
namespace {

// Compiled for several processors: the functions that they call are all inlined.
VAEC_CLONES void code_row(SampleRows<BitEncoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitEncoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
VAEC_CLONES void code_row(SampleRows<BitDecoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitDecoder, 3>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
VAEC_CLONES void code_row(SampleRows<BitEncoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitEncoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
VAEC_CLONES void code_row(SampleRows<BitDecoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNone>(row, values);
}
VAEC_CLONES void code_near_row(SampleRows<BitDecoder, 0>& rows, int row, std::int32_t* values) {
  rows.code<Repeats::kNear>(row, values);
}
template <typename Coder, int kChannels>
void code_remembered_row(SampleRows<Coder, kChannels>& rows, int row, std::int32_t* values) {
  rows.template code<Repeats::kRemembered>(row, values);
}

template <typename Rows>
using CodeRow = void (*)(Rows& rows, int row, std::int32_t* values);

// A pointer that the compiler does not see through: GCC 12 takes a function that it compiled for several processors for
// one that throws nothing, and std::bad_alloc would end the program.
template <typename Rows>
CodeRow<Rows> may_throw(CodeRow<Rows> code) {
  asm("" : "+r"(code));
  return code;
}

// Calls each(row, code) for all rows, with code(values) for that row.
template <int kChannels, typename Coder, typename Each>
void for_rows(Coder& coder, const SampleLayout& layout, const Each& each) {
  using Rows = SampleRows<Coder, kChannels>;
  Rows rows(coder, layout);
  const auto code = may_throw<Rows>(layout.repeats == Repeats::kNone   ? CodeRow<Rows>(code_row)
                                    : layout.repeats == Repeats::kNear ? CodeRow<Rows>(code_near_row)
                                                                       : CodeRow<Rows>(code_remembered_row));
  for (int row = 0; row < layout.rows; ++row)
    each(row, [&](std::int32_t* values) { code(rows, row, values); });
}
template <typename Coder, typename Each>
void for_rows(Coder& coder, const SampleLayout& layout, const Each& each) {
  layout.channels == 3 ? for_rows<3>(coder, layout, each) : for_rows<0>(coder, layout, each);
}
VAEC_CLONES void code_row(IndexRows<BitEncoder>& rows, int row, std::int32_t* values) {
  rows.code(row, values);
}
VAEC_CLONES void code_row(IndexRows<BitDecoder>& rows, int row, std::int32_t* values) {
  rows.code(row, values);
}

}  // namespace

std::vector<std::byte> encode_samples(const SampleLayout& layout, const RowSource& source) {
  BitEncoder coder;
  std::vector<std::int32_t> values(static_cast<std::size_t>(layout.width) *
                                   static_cast<std::size_t>(layout.channels));
  for_rows(coder, layout, [&](int row, const auto& code) {
    source(row, values.data());
    code(values.data());
  });
  return coder.finish();
}

void decode_samples(std::span<const std::byte> stream, const SampleLayout& layout, const RowSink& sink) {
  BitDecoder coder(stream);
  std::vector<std::int32_t> values(static_cast<std::size_t>(layout.width) *
                                   static_cast<std::size_t>(layout.channels));
  for_rows(coder, layout, [&](int row, const auto& code) {
    code(values.data());
    sink(row, values.data());
  });
  coder.expect_end();
}

std::vector<std::byte> encode_indices(int width, int rows, int count, const RowSource& source) {
  BitEncoder coder;
  IndexRows<BitEncoder> coded(coder, width, count);
  const auto code = may_throw<IndexRows<BitEncoder>>(code_row);
  std::vector<std::int32_t> values(static_cast<std::size_t>(width));
  for (int row = 0; row < rows; ++row) {
    source(row, values.data());
    code(coded, row, values.data());
  }
  return coder.finish();
}

void decode_indices(std::span<const std::byte> stream, int width, int rows, int count, const RowSink& sink) {
  BitDecoder coder(stream);
  IndexRows<BitDecoder> coded(coder, width, count);
  const auto code = may_throw<IndexRows<BitDecoder>>(code_row);
  std::vector<std::int32_t> values(static_cast<std::size_t>(width));
  for (int row = 0; row < rows; ++row) {
    code(coded, row, values.data());
    sink(row, values.data());
  }
  coder.expect_end();
}

}  // namespace vaec::entropy
