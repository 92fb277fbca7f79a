// What a refusal says.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "vaec/error.hpp"

namespace vaec {

// The message of the Error that `action` throws, which must have this code.
template <typename Action>
std::string failure(ErrorCode code, const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

}  // namespace vaec
