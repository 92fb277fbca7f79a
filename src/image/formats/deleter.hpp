// Objects of C libraries in smart pointers.
#pragma once

namespace vaec::image {

// std::unique_ptr<T, Deleter<t_free>> gives its object back by t_free().
template <auto kRelease>
struct Deleter {
  template <typename Object>
  void operator()(Object* object) const {
    kRelease(object);
  }
};

}  // namespace vaec::image
