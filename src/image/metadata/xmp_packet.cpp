#include "image/metadata/xmp_packet.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "image/text_encoding.hpp"

namespace vaec::image {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Goes through the tags of an XML text.
class Scan {
 public:
  explicit Scan(std::string_view xml) : xml_(xml) {}

  bool passes() {
    while ((at_ = xml_.find('<', at_)) != std::string_view::npos) {
      const bool passed = starts("<!--")        ? skip("-->")
                          : starts("<![CDATA[") ? skip("]]>")
                          : starts("<?")        ? skip("?>")
                          : starts("<!")        ? false
                          : starts("</")        ? close()
                                                : open();
      if (!passed || work_ > kMostWork) return false;
    }
    return depth_ == 0 && has_elements_;
  }

 private:
  // Real ones are less than 20 deep. The work is half the square of properties side by side: 6,000; or
  // 200,000 elements.
  static constexpr std::size_t kMostDepth = 64, kShared = 3;
  static constexpr std::uint64_t kMostWork = 20'000'000, kWorkOfElement = 100;

  [[nodiscard]] bool starts(std::string_view what) const { return xml_.substr(at_).starts_with(what); }

  bool skip(std::string_view end) {
    const std::size_t found = xml_.find(end, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + end.size();
    return true;
  }

  bool close() {
    if (depth_ == 0 || !skip(">")) return false;
    --depth_;
    return true;
  }

  bool open() {
    const bool is_item = starts("<rdf:li>") || starts("<rdf:li ") || starts("<rdf:li/");
    std::size_t attributes = 0;
    char quote = 0;
    for (++at_; at_ < xml_.size() && (quote != 0 || xml_[at_] != '>'); ++at_) {
      const char c = xml_[at_];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
        ++attributes;
      } else if (c == '<') {
        return false;
      }
    }
    if (at_ >= xml_.size()) return false;
    const bool is_empty = xml_[at_ - 1] == '/';
    ++at_;
    has_elements_ = true;
    work_ += kWorkOfElement;
    if (!is_item) count(depth_, 1);
    if (depth_ + 1 > kShared) counts_[depth_ + 1] = 0;
    count(depth_ + 1, attributes);
    if (!is_empty && ++depth_ >= kMostDepth) return false;
    return true;
  }

  // Of the element at that depth: what it has besides items of lists. Those of the outermost ones are all
  // properties of the picture.
  void count(std::size_t depth, std::size_t more) {
    std::uint64_t& all = counts_[std::max(depth, kShared)];
    work_ += more * (all + more / 2);
    all += more;
  }

  std::string_view xml_;
  std::size_t at_ = 0, depth_ = 0;
  std::uint64_t counts_[kMostDepth + 2] = {}, work_ = 0;
  bool has_elements_ = false;
};

}  // namespace

bool is_parsable_packet(std::string_view packet) {
  const bool has_controls = std::ranges::any_of(packet, [](char c) {
    return static_cast<unsigned char>(c) < ' ' && kSpace.find(c) == std::string_view::npos;
  });
  return !has_controls && is_utf8(packet) && Scan(packet).passes();
}

std::string_view without_trailing_space(std::string_view packet) {
  const std::size_t last = packet.find_last_not_of(std::string_view(" \t\r\n\0", 5));
  return packet.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::vector<std::byte> without_padding(std::string_view packet) {
  std::string text(without_trailing_space(packet));
  const std::size_t end = text.rfind("<?xpacket end=");
  if (end != std::string::npos && end > 0) {
    const std::size_t last = text.find_last_not_of(kSpace, end - 1);
    // One line's end may stand there.
    if (last != std::string::npos && end - last > 2) text.erase(last + 1, end - last - 1);
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

}  // namespace vaec::image
