#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vaec::base {
namespace {

std::string hex(const Sha256::Digest& digest) {
  std::string text;
  for (const auto byte : digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

std::string hash(const std::string& message) {
  Sha256 sha;
  sha.update(message);
  return hex(sha.finish());
}

// The examples of FIPS 180-4 (NIST, "SHA256.pdf" and "SHA2_Additional.pdf").
TEST(Sha256, FipsVectors) {
  EXPECT_EQ(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hash(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PaddingAtBlockBoundaries) {
  EXPECT_EQ(hash(std::string(55, '\0')), "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
  EXPECT_EQ(hash(std::string(56, '\0')), "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb");
  EXPECT_EQ(hash(std::string(64, '\0')), "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
}

TEST(Sha256, PiecesHashAsTheWhole) {
  const std::string message(200, 'x');
  for (const std::size_t piece : {1, 7, 63, 64, 65, 199}) {
    Sha256 sha;
    for (std::size_t at = 0; at < message.size(); at += piece) sha.update(message.substr(at, piece));
    EXPECT_EQ(hex(sha.finish()), hash(message)) << piece;
  }
}

}  // namespace
}  // namespace vaec::base
