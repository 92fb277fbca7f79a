#include "image/metadata/texts.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "image/text_encoding.hpp"

namespace vaec::image {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Without white space around it, and the zeros that some writers end it with.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kAround(" \t\r\n\0", 5);
  const std::size_t first = text.find_first_not_of(kAround), last = text.find_last_not_of(kAround);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, last - first + 1);
}

// What XML 1.0 can hold (2.2).
bool is_plain(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           const auto code = static_cast<unsigned char>(c);
           return (code < ' ' && kSpace.find(c) == std::string_view::npos) || code == 0x7f;
         });
}

}  // namespace

std::vector<std::string> tell_texts(Xmp& xmp, const std::vector<Text>& texts, std::uint64_t most) {
  constexpr std::uint64_t kAround = 600, kEscaped = 6;  // RDF, or a packet; "&quot;"
  std::vector<std::string> other;
  const auto packet = texts.empty() ? std::nullopt : xmp.packet();
  std::uint64_t size = packet ? packet->size() : 0;
  const auto tell = [&](const Text& text) {
    const std::string_view words = trimmed(text.text);
    if (words.empty()) return;
    size += kAround + kEscaped * words.size();
    if (size > most || !is_plain(words) || xmp.tell(text.keyword, std::string(words)) == Xmp::Told::kOther)
      other.push_back(text.keyword);
  };
  // A comment takes the place of a description where there is none.
  for (const Text& text : texts) {
    if (text.keyword != "Comment") tell(text);
  }
  for (const Text& text : texts) {
    if (text.keyword == "Comment") tell(text);
  }
  return other;
}

std::string list(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (std::ranges::find(shown, printable(name)) == shown.end()) shown.push_back(printable(name));
  }
  std::string result;
  for (std::size_t i = 0; i < std::min(kMost, shown.size()); ++i) {
    if (i != 0) result += ", ";
    result += shown[i];
  }
  if (shown.size() > kMost) result += " and " + std::to_string(shown.size() - kMost) + " more";
  return result;
}

}  // namespace vaec::image
