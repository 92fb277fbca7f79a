#include "base/json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace vaec::base {

nlohmann::json parse_json(std::string_view text, std::size_t most, ErrorCode code, const std::string& what,
                          int depth) {
  const auto wrong = [&](const std::string& why) { return Error(code, what + " " + why); };
  if (text.size() > most) {
    throw wrong("has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(most) +
                " allowed");
  }
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto look_at = [&](int open, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && open >= depth) throw wrong("nests deeper than " + std::to_string(depth) + " levels");
    if (event == Event::object_start) {
      keys.emplace_back();
    } else if (event == Event::object_end) {
      keys.pop_back();
    } else if (event == Event::key) {
      const auto& name = value.get_ref<const std::string&>();
      if (!keys.back().insert(name).second) throw wrong("names '" + name.substr(0, 40) + "' twice");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), look_at);
  } catch (const nlohmann::json::parse_error& error) {
    throw wrong("is not JSON from byte " + std::to_string(error.byte) + " on");
  } catch (const nlohmann::json::exception&) {
    throw wrong("is not JSON: it has a number that is too large");
  }
}

}  // namespace vaec::base
