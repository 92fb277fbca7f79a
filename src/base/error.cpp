#include "vaec/error.hpp"

namespace vaec {

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTraining:
      return 1;
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kUnreadable:
      return 3;
    case ErrorCode::kCorrupt:
      return 4;
    case ErrorCode::kLimit:
      return 5;
    case ErrorCode::kWrite:
      return 6;
    case ErrorCode::kModel:
      return 7;
    case ErrorCode::kUnsupported:
      return 8;
    case ErrorCode::kInterrupted:
      return 130;
    case ErrorCode::kInternal:
      return 70;
  }
  return 70;
}

}  // namespace vaec
