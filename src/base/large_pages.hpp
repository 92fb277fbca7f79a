// Vectors as large as a whole picture.
#pragma once

#include <cstddef>
#include <vector>

namespace vaec::base {

// Asks the system to give this memory, not yet touched, in large pages, where it lends them to who asks (Linux): a page
// at a time takes longer than what is done with many a picture. A hint: nothing fails.
void ask_for_large_pages(void* memory, std::size_t bytes);

// Resizes an empty vector, its memory in large pages where that helps.
template <typename T>
void resize_large(std::vector<T>& vector, std::size_t size) {
  vector.reserve(size);
  ask_for_large_pages(vector.data(), size * sizeof(T));
  vector.resize(size);
}

}  // namespace vaec::base
