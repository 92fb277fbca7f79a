// A small file, cut off and damaged everywhere: each time there is a picture or an error about the input.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "image/make_picture.hpp"
#include "image/read.hpp"

namespace vaec::image {

inline void expect_a_picture_or_an_error(std::span<const std::byte> file, const std::string& what) {
  for (const bool allows_damage : {false, true}) {
    ReadOptions options;
    options.allows_damage = allows_damage;
    try {
      (void)read_image(file, "x", {4096, 1 << 20}, options);
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::kInternal) << what << ": " << error.what();
    }
  }
}

inline void expect_every_truncation_is_an_error(const std::vector<std::byte>& file) {
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::span<const std::byte> part(file.data(), size);
    const std::string error = error_of([&] { (void)read_image(part, "x"); });
    ASSERT_EQ(error.rfind("3 x: ", 0), 0U) << size << " of " << file.size() << ": " << error;
    expect_a_picture_or_an_error(part, "the first " + std::to_string(size) + " bytes");
  }
}

inline void expect_every_damaged_byte_is_borne(const std::vector<std::byte>& file) {
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const int mask : {0x55, 0xff, 0x01, 0x80}) {
      auto damaged = file;
      damaged[i] ^= static_cast<std::byte>(mask);
      expect_a_picture_or_an_error(damaged, "byte " + std::to_string(i) + " ^ " + std::to_string(mask));
    }
  }
}

}  // namespace vaec::image
