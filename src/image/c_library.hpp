// How libjpeg and libpng are left when they fail: by longjmp, over their own frames alone. An exception must
// not pass through them, since C code promises no way to unwind it.
#pragma once

#include <algorithm>
#include <array>
#include <csetjmp>
#include <new>
#include <string_view>

#include "vaec/error.hpp"

namespace vaec::image {

class CLibrary {
 public:
  CLibrary() = default;
  CLibrary(const CLibrary&) = delete;
  CLibrary& operator=(const CLibrary&) = delete;

  // Calls `work`, which calls the library. Neither it nor a callback that leaves may have an object with a
  // destructor at hand then. Throws what the callback said.
  template <typename Work>
  void call(const Work& work) {
    if (setjmp(before_) == 0) {
      work();
    } else {
      fail();
    }
  }

  // For the library's callbacks: out of call().
  [[noreturn]] void leave(ErrorCode code, std::string_view why) noexcept {
    code_ = code;
    is_out_of_memory_ = false;
    const auto size = std::min(why.size(), why_.size() - 1);
    std::copy_n(why.data(), size, why_.data());
    why_[size] = 0;
    std::longjmp(before_, 1);
  }
  [[noreturn]] void leave_out_of_memory() noexcept {
    is_out_of_memory_ = true;
    std::longjmp(before_, 1);
  }

 private:
  [[noreturn]] void fail() const {
    if (is_out_of_memory_) throw std::bad_alloc();
    throw Error(code_, why_.data());
  }

  std::jmp_buf before_;
  ErrorCode code_ = ErrorCode::kInternal;
  bool is_out_of_memory_ = false;
  std::array<char, 256> why_{};
};

}  // namespace vaec::image
