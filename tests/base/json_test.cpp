#include "base/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace vaec::base {
namespace {

constexpr std::size_t kMost = std::size_t{1} << 20;

// The message of the Error that `text` is refused with.
std::string refusal(const std::string& text, std::size_t most = kMost, int depth = kMaxJsonDepth) {
  try {
    (void)parse_json(text, most, ErrorCode::kModel, "it", depth);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    return error.what();
  }
  return "";
}

TEST(ParseJson, GivesWhatTheTextSays) {
  const auto value =
      parse_json(R"({"a": [1, -2.5, null, {"a": "é"}], "b": true})", kMost, ErrorCode::kModel, "it");
  EXPECT_EQ(value.dump(), R"({"a":[1,-2.5,null,{"a":"é"}],"b":true})");
}

// What nests deeper overflows the stack when it is printed or copied.
TEST(ParseJson, RefusesWhatNestsDeeply) {
  for (const std::string open : {"[", R"({"a":)", R"([{"a":)"}) {
    std::string deep;
    for (int i = 0; i < 100000; ++i) deep += open;
    EXPECT_EQ(refusal(deep), "it nests deeper than 16 levels") << open;
  }
  const auto levels = [](int n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_EQ(refusal(levels(16)), "");
  EXPECT_EQ(refusal(levels(17)), "it nests deeper than 16 levels");
  EXPECT_EQ(refusal(levels(3), kMost, 3), "");
  EXPECT_EQ(refusal(levels(4), kMost, 3), "it nests deeper than 3 levels");
}

TEST(ParseJson, RefusesALongText) {
  const std::string text = "[1, 2, 3]";
  EXPECT_EQ(refusal(text, text.size()), "");
  EXPECT_EQ(refusal(text, text.size() - 1), "it has 9 bytes, at most 8 allowed");
}

TEST(ParseJson, RefusesAMemberNamedTwice) {
  EXPECT_EQ(refusal(R"({"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]})"), "");
  EXPECT_EQ(refusal(R"({"a": 1, "b": 2, "a": 1})"), "it names 'a' twice");
  EXPECT_EQ(refusal(R"({"a": [[{"b": 1}]], "a": 2})"), "it names 'a' twice");
  EXPECT_EQ(refusal(R"([{"x": {"b": 1, "b": 1}}])"), "it names 'b' twice");
}

TEST(ParseJson, SaysWhereItIsNoJson) {
  EXPECT_EQ(refusal(""), "it is not JSON from byte 1 on");
  EXPECT_EQ(refusal("{\"a\": 1,}"), "it is not JSON from byte 9 on");
  EXPECT_EQ(refusal("[1] 2"), "it is not JSON from byte 5 on");
  EXPECT_EQ(refusal("[1e999]"), "it is not JSON: it has a number that is too large");
  EXPECT_NE(refusal("[\"\xff\"]"), "");
}

}  // namespace
}  // namespace vaec::base
