#include "model/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/json.hpp"
#include "base/mapped_file.hpp"
#include "vaec/error.hpp"

namespace vaec::model {

static_assert(std::endian::native == std::endian::little, "tensors are used as they lie in the file");

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxRank = 8;  // far above what a network uses
constexpr int kHeaderDepth = 3;      // the header, a tensor, its shape
constexpr const char* kMetadataKey = "__metadata__";

struct DTypeName {
  DType dtype;
  const char* name;
  std::size_t size;
};
constexpr DTypeName kDTypes[] = {
    {DType::kF64, "F64", 8}, {DType::kF32, "F32", 4}, {DType::kF16, "F16", 2}, {DType::kBF16, "BF16", 2},
    {DType::kI64, "I64", 8}, {DType::kI32, "I32", 4}, {DType::kI16, "I16", 2}, {DType::kI8, "I8", 1},
    {DType::kU16, "U16", 2}, {DType::kU8, "U8", 1},
};

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kModel, message); }

const DTypeName& describe(DType dtype) {
  for (const auto& entry : kDTypes) {
    if (entry.dtype == dtype) return entry;
  }
  throw Error(ErrorCode::kInternal, "unknown tensor dtype");
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

// Bytes of a tensor, or nothing if that does not fit 64 bits.
bool byte_count(std::span<const std::int64_t> shape, std::size_t element, std::uint64_t& bytes) {
  bytes = element;
  for (const auto dimension : shape) {
    if (dimension < 0) return false;
    const auto size = static_cast<std::uint64_t>(dimension);
    if (size != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / size) return false;
    bytes *= size;
  }
  return true;
}

struct Range {
  std::uint64_t begin, end;
  std::string name;
};

std::uint64_t unsigned_of(const nlohmann::json& value, const std::string& what) {
  if (!value.is_number_unsigned())
    fail(what + ": expected an integer >= 0, found " + value.dump().substr(0, 40));
  return value.get<std::uint64_t>();
}

TensorView parse_tensor(const std::string& name, const nlohmann::json& entry, std::span<const std::byte> data,
                        std::vector<Range>& ranges) {
  const std::string what = "tensor '" + name + "'";
  if (!entry.is_object()) fail(what + ": its header entry is no object");
  const auto dtype = entry.find("dtype"), shape = entry.find("shape"), offsets = entry.find("data_offsets");
  if (dtype == entry.end() || !dtype->is_string()) fail(what + ": no dtype");
  if (shape == entry.end() || !shape->is_array()) fail(what + ": no shape");
  if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2)
    fail(what + ": no data_offsets");
  if (shape->size() > kMaxRank) {
    fail(what + ": " + std::to_string(shape->size()) + " dimensions, at most " + std::to_string(kMaxRank));
  }

  const auto& dtype_name = dtype->get_ref<const std::string&>();
  const auto* known = std::find_if(std::begin(kDTypes), std::end(kDTypes),
                                   [&](const DTypeName& candidate) { return dtype_name == candidate.name; });
  if (known == std::end(kDTypes)) fail(what + ": unknown dtype '" + dtype_name.substr(0, 40) + "'");

  TensorView view;
  view.dtype = known->dtype;
  for (const auto& dimension : *shape) {
    const auto size = unsigned_of(dimension, what + ": shape");
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail(what + ": dimension " + std::to_string(size) + " is too large");
    }
    view.shape.push_back(static_cast<std::int64_t>(size));
  }
  const auto begin = unsigned_of((*offsets)[0], what + ": data_offsets");
  const auto end = unsigned_of((*offsets)[1], what + ": data_offsets");
  if (begin > end || end > data.size()) {
    fail(what + ": data_offsets [" + std::to_string(begin) + ", " + std::to_string(end) +
         "] outside the file's " + std::to_string(data.size()) + " data bytes");
  }
  std::uint64_t expected = 0;
  if (!byte_count(view.shape, known->size, expected) || expected != end - begin) {
    fail(what + ": " + std::to_string(end - begin) + " bytes do not fit dtype " + known->name +
         " and shape " + shape_text(view.shape));
  }
  view.data = data.subspan(begin, end - begin);
  ranges.push_back({begin, end, name});
  return view;
}

// The tensors' bytes must tile the data section: no overlap, no gap, nothing left over.
void check_tiling(std::vector<Range> ranges, std::uint64_t data_size) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t position = 0;
  for (const auto& range : ranges) {
    if (range.begin != position) {
      fail("tensor '" + range.name + "' begins at data byte " + std::to_string(range.begin) + ", expected " +
           std::to_string(position) + (range.begin < position ? ": tensors overlap" : ": a gap"));
    }
    position = range.end;
  }
  if (position != data_size) {
    fail("tensors end at data byte " + std::to_string(position) + ", the file at " +
         std::to_string(data_size));
  }
}

}  // namespace

std::size_t size_of(DType dtype) { return describe(dtype).size; }
std::string to_string(DType dtype) { return describe(dtype).name; }

SafeTensors::SafeTensors(std::shared_ptr<const void> storage, std::span<const std::byte> bytes)
    : storage_(std::move(storage)) {
  if (bytes.size() < kLengthBytes) {
    fail("not a safetensors file: " + std::to_string(bytes.size()) + " bytes, at least 8 expected");
  }
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), kLengthBytes);
  if (header_bytes > kMaxHeaderBytes) {
    fail("not a safetensors file: header length " + std::to_string(header_bytes) + ", at most " +
         std::to_string(kMaxHeaderBytes) + " allowed");
  }
  if (header_bytes > bytes.size() - kLengthBytes) {
    fail("truncated: header of " + std::to_string(header_bytes) + " bytes, " +
         std::to_string(bytes.size() - kLengthBytes) + " follow its length");
  }
  const auto text = bytes.subspan(kLengthBytes, header_bytes);
  const auto header = base::parse_json({reinterpret_cast<const char*>(text.data()), text.size()},
                                       kMaxHeaderBytes, ErrorCode::kModel,
                                       "not a safetensors file, or a damaged one: its header", kHeaderDepth);
  if (!header.is_object()) fail("header is no JSON object: not a safetensors file");

  const auto data = bytes.subspan(kLengthBytes + header_bytes);
  std::vector<Range> ranges;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      if (!entry.is_object()) fail("__metadata__ is no JSON object");
      for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) fail("__metadata__ '" + key + "' is no string");
        metadata_.emplace(key, value.get<std::string>());
      }
    } else {
      tensors_.emplace(name, parse_tensor(name, entry, data, ranges));
    }
  }
  check_tiling(std::move(ranges), data.size());
}

SafeTensors SafeTensors::open(const std::filesystem::path& file) {
  auto mapped = base::map_file(file, ErrorCode::kModel);
  try {
    return SafeTensors(std::move(mapped.storage), mapped.bytes);
  } catch (const Error& error) {
    throw Error(error.code(), file.string() + ": " + error.what());
  }
}

SafeTensors SafeTensors::parse(std::vector<std::byte> bytes) {
  auto storage = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  const std::span<const std::byte> view(*storage);
  return SafeTensors(std::move(storage), view);
}

const TensorView& SafeTensors::tensor(const std::string& name, DType dtype,
                                      std::span<const std::int64_t> shape) const {
  const auto found = tensors_.find(name);
  const std::string expected = to_string(dtype) + " " + shape_text(shape);
  if (found == tensors_.end()) fail("model has no tensor '" + name + "' (expected " + expected + ")");
  const auto& view = found->second;
  if (view.dtype != dtype || !std::equal(shape.begin(), shape.end(), view.shape.begin(), view.shape.end())) {
    fail("model tensor '" + name + "': expected " + expected + ", found " + to_string(view.dtype) + " " +
         shape_text(view.shape));
  }
  return view;
}

void write_safetensors(const std::filesystem::path& file, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<std::string, const TensorView*>> order;
  for (const auto& [name, view] : tensors) order.emplace_back(name, &view);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return size_of(a.second->dtype) > size_of(b.second->dtype);
  });

  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  std::uint64_t position = 0;
  for (const auto& [name, view] : order) {
    std::uint64_t expected = 0;
    if (name == kMetadataKey || !byte_count(view->shape, size_of(view->dtype), expected) ||
        expected != view->data.size()) {
      throw Error(ErrorCode::kInternal,
                  "tensor '" + name + "' cannot be written: its data do not fit its shape");
    }
    header[name] = {{"dtype", to_string(view->dtype)},
                    {"shape", view->shape},
                    {"data_offsets", {position, position + expected}}};
    position += expected;
  }
  // Bytes in a card that are not UTF-8 become U+FFFD: never a reason to lose a trained model.
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  const auto length = static_cast<std::uint64_t>(text.size());
  if (length > kMaxHeaderBytes) throw Error(ErrorCode::kInternal, "model header is longer than 16 MiB");

  base::AtomicFile out(file, true);
  out.write(std::as_bytes(std::span(&length, 1)));
  out.write(std::as_bytes(std::span(text)));
  for (const auto& [name, view] : order) out.write(view->data);
  out.commit();
}

}  // namespace vaec::model
