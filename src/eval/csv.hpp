// Tables as CSV (RFC 4180, with a line feed alone at the end of a line).
#pragma once

#include <string>

namespace vaec::eval {

// In quotes where a field needs them.
[[nodiscard]] inline std::string csv_quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

}  // namespace vaec::eval
