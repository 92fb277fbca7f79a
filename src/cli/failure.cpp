#include "cli/failure.hpp"

#include <exception>
#include <new>
#include <system_error>

namespace vaec::cli {
namespace {

// LibTorch throws its own type when an allocation fails; and oneTBB when there is no thread to be had.
bool is_out_of_memory(const std::string& message) {
  return message.find("can't allocate memory") != std::string::npos ||
         message.find("out of memory") != std::string::npos ||
         message.find("pthread_create has failed") != std::string::npos;  // oneTBB
}

}  // namespace

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Failure current_failure() {
  try {
    throw;
  } catch (const Error& error) {
    return {error.code(), first_line(error.what())};
  } catch (const std::bad_alloc&) {
    return {ErrorCode::kLimit, "out of memory"};
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again ||
        error.code() == std::errc::not_enough_memory)
      return {ErrorCode::kLimit, "out of memory or threads"};
    return {ErrorCode::kInternal, "internal error: " + first_line(error.what())};
  } catch (const std::exception& error) {
    const std::string message = first_line(error.what());
    if (is_out_of_memory(message)) return {ErrorCode::kLimit, "out of memory: " + message};
    return {ErrorCode::kInternal, "internal error: " + message};
  } catch (...) {
    return {ErrorCode::kInternal, "internal error: an exception of an unknown type"};
  }
}

}  // namespace vaec::cli
