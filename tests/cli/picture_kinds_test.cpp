// Alpha, 16 bits and metadata from file to file.
#include <gtest/gtest.h>

#include <span>

#include "image/read.hpp"
#include "image/write.hpp"
#include "run_program.hpp"

namespace vaec::cli {
namespace {

class PictureKinds : public CodingTest {
 protected:
  // A deep picture with alpha and a profile.
  void write_everything(const std::string& name) const {
    Image image{60, 40, 3};
    image.bit_depth = 16;
    for (int i = 0; i < 60 * 40; ++i) {
      for (int c = 0; c < 3; ++c) image.samples16.push_back(static_cast<std::uint16_t>(i * 20 + c * 3000));
      image.alpha16.push_back(static_cast<std::uint16_t>(i * 27));
    }
    image.metadata.xmp = bytes(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
        "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
        "rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
        "dc:format=\"image/x-vaec-test\"/></rdf:RDF></x:xmpmeta>");
    const auto file = image::encode_image(image, image::format_of(name));
    write(name, std::string(reinterpret_cast<const char*>(file.data()), file.size()));
  }
  [[nodiscard]] Image picture(const std::string& name) const {
    const std::string file = read(name);
    return image::read_image(std::as_bytes(std::span(file)), name).image;
  }
  static std::vector<std::byte> bytes(const std::string& text) {
    const auto span = std::as_bytes(std::span(text));
    return {span.begin(), span.end()};
  }
};

TEST_F(PictureKinds, PngToVaecToPngKeepsWhatThePictureIs) {
  write_everything("a.png");
  const Outcome packed = compress("a.png --verify");
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_EQ(packed.err.find("note:"), std::string::npos) << packed.err;
  const Outcome unpacked = decompress("a.vaec -o b.png");
  EXPECT_EQ(unpacked.status, 0) << unpacked.err;
  EXPECT_EQ(unpacked.err.find("note:"), std::string::npos) << unpacked.err;
  const Image a = picture("a.png"), b = picture("b.png");
  EXPECT_EQ(b.bit_depth, 16U);
  EXPECT_EQ(b.alpha16, a.alpha16);
  EXPECT_EQ(b.metadata, a.metadata);
  EXPECT_FALSE(a.metadata.xmp.empty());
  const std::string info = run("info a.vaec").out;
  EXPECT_NE(info.find("bit_depth          16"), std::string::npos) << info;
  EXPECT_NE(info.find("alpha              true"), std::string::npos) << info;
}

TEST_F(PictureKinds, StripLeavesMetadataOut) {
  write_everything("a.png");
  ASSERT_EQ(compress("a.png --strip -o stripped.vaec").status, 0);
  ASSERT_EQ(compress("a.png").status, 0);
  EXPECT_LT(read("stripped.vaec").size() + 100, read("a.vaec").size());
  ASSERT_EQ(decompress("a.vaec --strip -o b.png").status, 0);
  EXPECT_TRUE(picture("b.png").metadata.empty());
}

TEST_F(PictureKinds, WhatIsLostIsTold) {
  write_everything("a.png");
  ASSERT_EQ(compress("a.png").status, 0);
  const Outcome jpeg = decompress("a.vaec -o a.jpg");
  EXPECT_EQ(jpeg.status, 0);
  EXPECT_NE(jpeg.err.find("1 file(s) with alpha"), std::string::npos) << jpeg.err;
  EXPECT_NE(jpeg.err.find("1 file(s) with 16 bits"), std::string::npos) << jpeg.err;
  EXPECT_EQ(jpeg.err.find("metadata"), std::string::npos) << jpeg.err;
  EXPECT_NE(decompress("a.vaec -o a.bmp").err.find("1 file(s) with XMP that the format cannot hold"),
            std::string::npos);
  EXPECT_EQ(decompress("a.vaec -o b.bmp --quiet").err, "");
}

TEST_F(PictureKinds, MetadataHasALimit) {
  write_everything("a.png");
  const Outcome without = compress("a.png --max-metadata 100");
  EXPECT_EQ(without.status, 0);
  EXPECT_NE(without.err.find("vaec: note: a.png: XMP of "), std::string::npos) << without.err;
  EXPECT_NE(without.err.find("more than the limit (--max-metadata): left out"), std::string::npos)
      << without.err;
  EXPECT_EQ(compress("a.png --max-metadata 100 --strip -f").err.find("note:"), std::string::npos);
}

}  // namespace
}  // namespace vaec::cli
