#include "base/tell.hpp"

#include <gtest/gtest.h>

namespace vaec::base {
namespace {

TEST(Harmless, NothingCommandsATerminal) {
  EXPECT_EQ(harmless("plain\ttext\n"), "plain\ttext\n");
  EXPECT_EQ(harmless("\x1b[31m\x07\x7f\r"), "?[31m???");
  EXPECT_EQ(harmless(std::string("\0", 1)), "?");
  // U+0080 and U+009F, and what stands around them: U+007E, U+00A0.
  EXPECT_EQ(harmless("~\xc2\x80\xc2\x9f\xc2\xa0"), "~??\xc2\xa0");
  EXPECT_EQ(harmless("\xc2"), "\xc2");
  // The same bytes within other characters: À is C3 80.
  EXPECT_EQ(harmless("\xc3\x80\xe2\x82\xac"), "\xc3\x80\xe2\x82\xac");
}

}  // namespace
}  // namespace vaec::base
