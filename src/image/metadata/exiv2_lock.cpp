#include "image/metadata/exiv2_lock.hpp"

#include <exiv2/exiv2.hpp>

namespace vaec::image {
namespace {

std::recursive_mutex& mutex() {
  static std::recursive_mutex one;
  return one;
}

// Exiv2 calls it where it registers namespaces: within what holds the mutex already.
void lock_again(void*, bool lock) {
  if (lock) {
    mutex().lock();
  } else {
    mutex().unlock();
  }
}

}  // namespace

std::unique_lock<std::recursive_mutex> use_exiv2() {
  std::unique_lock lock(mutex());
  static const bool done = [] {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    return Exiv2::XmpParser::initialize(lock_again, nullptr);
  }();
  (void)done;
  return lock;
}

}  // namespace vaec::image
