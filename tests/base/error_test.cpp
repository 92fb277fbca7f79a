#include "vaec/error.hpp"

#include <gtest/gtest.h>

namespace vaec {
namespace {

TEST(Error, ExitStatusIsTheDocumentedOne) {
  EXPECT_EQ(exit_status(ErrorCode::kTraining), 1);
  EXPECT_EQ(exit_status(ErrorCode::kUsage), 2);
  EXPECT_EQ(exit_status(ErrorCode::kUnreadable), 3);
  EXPECT_EQ(exit_status(ErrorCode::kCorrupt), 4);
  EXPECT_EQ(exit_status(ErrorCode::kLimit), 5);
  EXPECT_EQ(exit_status(ErrorCode::kWrite), 6);
  EXPECT_EQ(exit_status(ErrorCode::kModel), 7);
  EXPECT_EQ(exit_status(ErrorCode::kInterrupted), 130);
  EXPECT_EQ(exit_status(ErrorCode::kInternal), 70);
}

TEST(Error, KeepsCodeAndMessage) {
  const Error error(ErrorCode::kLimit, "too wide");
  EXPECT_EQ(error.code(), ErrorCode::kLimit);
  EXPECT_STREQ(error.what(), "too wide");
}

}  // namespace
}  // namespace vaec
