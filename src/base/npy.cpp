#include "base/npy.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "vaec/error.hpp"

namespace vaec::base {
namespace {

static_assert(std::endian::native == std::endian::little, "float32 is written as it stands in memory");

constexpr std::string_view kNpyMagic = "\x93NUMPY", kZipMagic = "PK\x03\x04";
constexpr std::size_t kNpyAlignment = 64;    // of the array in the file
constexpr std::size_t kMostDimensions = 64;  // NumPy's own limit

[[noreturn]] void fail_npy(const std::string& message) { throw Error(ErrorCode::kUnreadable, message); }

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The dict literal, read from the front. Positions in messages count from its first character.
class Literal {
 public:
  explicit Literal(std::string_view text) : text_(text) {}

  bool take(char c) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail_here(std::string("'") + c + "'");
  }
  // Without escapes, which no type needs.
  std::string string() {
    skip_spaces();
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) fail_here("a string");
    const auto end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) fail_here("a string that ends");
    const auto inside = text_.substr(at_ + 1, end - at_ - 1);
    if (inside.find('\\') != std::string_view::npos) fail_here("a string without a backslash");
    at_ = end + 1;
    return std::string(inside);
  }
  bool boolean() {
    skip_spaces();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "True";
    }
    fail_here("True or False");
  }
  std::uint64_t whole_number() {
    skip_spaces();
    const auto begin = at_;
    std::uint64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) fail_here("a number of 64 bits");
      value = 10 * value + digit;
    }
    if (at_ == begin) fail_here("a whole number");
    return value;
  }
  // (), (7,) or (7, 8): what is in brackets without a comma is no tuple.
  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> numbers;
    expect('(');
    while (!take(')')) {
      if (numbers.size() == kMostDimensions) fail_here("at most 64 dimensions");
      numbers.push_back(whole_number());
      if (take(',')) continue;
      if (numbers.size() == 1) fail_here("','");
      expect(')');
      break;
    }
    return numbers;
  }
  void expect_end() {
    skip_spaces();
    if (at_ != text_.size()) fail_here("its end");
  }

  [[noreturn]] void fail_here(const std::string& expected) const {
    const auto left = std::min<std::size_t>(text_.size() - at_, 16);
    std::string found(text_.substr(at_, left));
    for (char& c : found) c = c < ' ' || c > '~' ? '?' : c;
    fail_npy("header of a .npy file: expected " + expected + " at character " + std::to_string(at_) +
             ", found " + (left == 0 ? "its end" : "\"" + found + "\""));
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

NpyArray parse_literal(std::string_view text) {
  Literal literal(text);
  NpyArray array;
  std::optional<std::string> descr;
  std::optional<bool> order;
  std::optional<std::vector<std::uint64_t>> shape;
  literal.expect('{');
  while (!literal.take('}')) {
    const auto key = literal.string();
    literal.expect(':');
    if (key == "descr" && !descr) {
      if (literal.take('[')) fail_npy(".npy file of records; expected plain numbers, one type for all");
      descr = literal.string();
    } else if (key == "fortran_order" && !order) {
      order = literal.boolean();
    } else if (key == "shape" && !shape) {
      shape = literal.tuple();
    } else {
      fail_npy("header of a .npy file: the key '" + key + "' is unknown or there twice");
    }
    if (literal.take(',')) continue;
    literal.expect('}');
    break;
  }
  literal.expect_end();
  if (!descr || !order || !shape) {
    fail_npy(std::string("header of a .npy file: it has no '") +
             (!descr   ? "descr"
              : !order ? "fortran_order"
                       : "shape") +
             "'");
  }
  return {*descr, *order, *shape, {}};
}

// "<f4": 4. Texts, times, Python's objects are no plain numbers.
std::uint64_t item_bytes(const std::string& descr) {
  constexpr std::string_view kOrders = "<>|=", kKinds = "biufc";
  const bool is_plain = descr.size() >= 3 && descr.size() <= 8 &&
                        kOrders.find(descr[0]) != std::string_view::npos &&
                        kKinds.find(descr[1]) != std::string_view::npos;
  std::uint64_t bytes = 0;
  for (std::size_t i = 2; is_plain && i < descr.size(); ++i) {
    if (descr[i] < '0' || descr[i] > '9')
      fail_npy(".npy file of the type '" + descr + "'; expected plain numbers");
    bytes = 10 * bytes + static_cast<std::uint64_t>(descr[i] - '0');
  }
  if (bytes == 0) fail_npy(".npy file of the type '" + descr + "'; expected plain numbers");
  return bytes;
}

// Divided, not multiplied: the product of the factors may need more than 64 bits.
std::uint64_t data_bytes(const NpyArray& array) {
  std::uint64_t bytes = item_bytes(array.descr);
  if (std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end()) return 0;
  for (const auto size : array.shape) {
    if (size > std::numeric_limits<std::uint64_t>::max() / bytes)
      fail_npy(".npy file of the shape " + array.shape_text() + ": that is more than 2^64 bytes");
    bytes *= size;
  }
  return bytes;
}

}  // namespace

std::string NpyArray::shape_text() const {
  std::string text = "(";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + (shape.size() == 1 ? ",)" : ")");
}

NpyArray parse_npy(std::span<const std::byte> bytes) {
  const auto text = text_of(bytes);
  if (text.starts_with(kZipMagic))
    fail_npy("is an .npz archive, or another zip file: save its array alone, with numpy.save");
  if (!text.starts_with(kNpyMagic)) fail_npy("not a .npy file: it does not begin with \\x93NUMPY");
  const auto number = [&](std::size_t at, std::size_t count, const char* what) {
    if (text.size() < at + count) {
      fail_npy(std::string(".npy file is truncated: ") + what + " ends at byte " +
               std::to_string(at + count) + ", the file has " + std::to_string(text.size()));
    }
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
    return value;
  };
  const auto major = number(kNpyMagic.size(), 1, "its version"),
             minor = number(kNpyMagic.size() + 1, 1, "its version");
  if (major < 1 || major > 3 || minor != 0) {
    fail_npy(".npy file of version " + std::to_string(major) + "." + std::to_string(minor) +
             ", this program reads 1.0, 2.0 and 3.0");
  }
  const std::size_t length_at = kNpyMagic.size() + 2, length_bytes = major == 1 ? 2 : 4;
  const auto length = number(length_at, length_bytes, "the length of its header");
  const auto rest = bytes.subspan(length_at + length_bytes);
  if (length > rest.size()) {
    fail_npy(".npy file is truncated: its header has " + std::to_string(length) + " bytes, " +
             std::to_string(rest.size()) + " are left");
  }
  auto array = parse_literal(text_of(rest.first(static_cast<std::size_t>(length))));
  array.data = rest.subspan(static_cast<std::size_t>(length));
  const auto expected = data_bytes(array);
  if (array.data.size() != expected) {
    fail_npy(std::string(".npy file is ") +
             (array.data.size() < expected ? "truncated" : "longer than its header says") + ": an array " +
             array.shape_text() + " of '" + array.descr + "' has " + std::to_string(expected) +
             " bytes, found " + std::to_string(array.data.size()));
  }
  return array;
}

std::vector<std::byte> encode_npy(std::span<const float> values, std::size_t columns) {
  std::string header(kNpyMagic);
  header += {'\x01', '\x00', '\x00', '\x00'};  // the version, and room for the length
  const std::size_t literal_at = header.size();
  header += "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(values.size() / columns) +
            ", " + std::to_string(columns) + "), }";
  // As many spaces and a line break that the array begins at a multiple of 64.
  header.append(kNpyAlignment - 1 - header.size() % kNpyAlignment, ' ');
  header += '\n';
  const std::size_t length = header.size() - literal_at;
  header[literal_at - 2] = static_cast<char>(length & 255);
  header[literal_at - 1] = static_cast<char>(length >> 8);
  std::vector<std::byte> file(header.size() + values.size_bytes());
  std::memcpy(file.data(), header.data(), header.size());
  if (!values.empty()) std::memcpy(file.data() + header.size(), values.data(), values.size_bytes());
  return file;
}

}  // namespace vaec::base
