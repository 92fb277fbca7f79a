// WebP, judged with libwebp, libwebpmux and libwebpdemux themselves.
#include <gtest/gtest.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <memory>
#include <random>

#include "image/formats/formats.hpp"
#include "image/hostile.hpp"
#include "image/make_picture.hpp"
#include "image/read.hpp"
#include "image/write.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

WebPData data_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> take(std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(begin, begin + size);
  WebPFree(data);
  return bytes;
}

std::vector<std::uint8_t> rgba_of(const Image& image) {
  std::vector<std::uint8_t> rgba;
  for (std::size_t i = 0; i < std::size_t{image.width} * image.height; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      rgba.push_back(image.samples[i * image.channels + (image.channels == 3 ? c : 0)]);
    rgba.push_back(image.alpha.empty() ? std::uint8_t{255} : image.alpha[i]);
  }
  return rgba;
}

std::vector<std::byte> lossy(const Image& image) {
  const auto rgba = rgba_of(image);
  std::uint8_t* file = nullptr;
  const auto size = WebPEncodeRGBA(rgba.data(), static_cast<int>(image.width), static_cast<int>(image.height),
                                   static_cast<int>(image.width) * 4, 80, &file);
  return take(file, size);
}

// As libwebp decodes it.
std::vector<std::uint8_t> decoded(const std::vector<std::byte>& file, const Image& image) {
  int width = 0, height = 0;
  std::uint8_t* pixels =
      WebPDecodeRGBA(reinterpret_cast<const std::uint8_t*>(file.data()), file.size(), &width, &height);
  EXPECT_NE(pixels, nullptr);
  if (pixels == nullptr) return {};
  EXPECT_EQ(static_cast<std::uint32_t>(width), image.width);
  EXPECT_EQ(static_cast<std::uint32_t>(height), image.height);
  const std::vector<std::uint8_t> rgba(pixels, pixels + static_cast<std::size_t>(width) * height * 4);
  WebPFree(pixels);
  return rgba;
}

std::vector<std::byte> with_chunk(const std::vector<std::byte>& file, const char* name,
                                  const std::vector<std::byte>& chunk) {
  const WebPData still = data_of(file), data = data_of(chunk);
  WebPMux* mux = WebPMuxCreate(&still, 0);
  EXPECT_EQ(WebPMuxSetChunk(mux, name, &data, 0), WEBP_MUX_OK);
  WebPData assembled{};
  EXPECT_EQ(WebPMuxAssemble(mux, &assembled), WEBP_MUX_OK);
  WebPMuxDelete(mux);
  return take(const_cast<std::uint8_t*>(assembled.bytes), assembled.size);
}

std::vector<std::byte> chunk_of(const std::vector<std::byte>& file, const char* name) {
  const WebPData still = data_of(file);
  WebPMux* mux = WebPMuxCreate(&still, 0);
  WebPData chunk{};
  EXPECT_EQ(WebPMuxGetChunk(mux, name, &chunk), WEBP_MUX_OK) << name;
  const auto* begin = reinterpret_cast<const std::byte*>(chunk.bytes);
  std::vector<std::byte> bytes(begin, begin + chunk.size);
  WebPMuxDelete(mux);
  return bytes;
}

// Frames at (offset, offset) of a canvas of that size.
std::vector<std::byte> animation(const std::vector<std::byte>& still, int frames, int offset, int width,
                                 int height) {
  WebPMux* mux = WebPMuxNew();
  for (int i = 0; i < frames; ++i) {
    WebPMuxFrameInfo frame{};
    frame.bitstream = data_of(still);
    frame.id = WEBP_CHUNK_ANMF;
    frame.duration = 100;
    frame.x_offset = frame.y_offset = offset;
    EXPECT_EQ(WebPMuxPushFrame(mux, &frame, 0), WEBP_MUX_OK);
  }
  const WebPMuxAnimParams parameters{0xffffffff, 0};
  EXPECT_EQ(WebPMuxSetAnimationParams(mux, &parameters), WEBP_MUX_OK);
  EXPECT_EQ(WebPMuxSetCanvasSize(mux, width, height), WEBP_MUX_OK);
  WebPData assembled{};
  EXPECT_EQ(WebPMuxAssemble(mux, &assembled), WEBP_MUX_OK);
  WebPMuxDelete(mux);
  return take(const_cast<std::uint8_t*>(assembled.bytes), assembled.size);
}

Image noise(std::uint32_t width, std::uint32_t height) {
  std::minstd_rand random(7);
  Image image{width, height, 3, std::vector<std::uint8_t>(std::size_t{width} * height * 3)};
  for (auto& sample : image.samples) sample = static_cast<std::uint8_t>(random() >> 8);
  return image;
}

TEST(Webp, KeepsColoursUnderAnyAlpha) {
  Image image = with_alpha(make_picture(33, 20, 3), 8);
  std::fill_n(image.alpha.begin(), 100, std::uint8_t{0});
  const auto file = encode_image(image, OutputFormat::kWebp);
  EXPECT_EQ(decoded(file, image), rgba_of(image));
  EXPECT_EQ(read_image(file, "x").image, image);
}

TEST(Webp, GreyIsHeldAsRgb) {
  const Image grey = make_picture(12, 7, 1);
  const auto file = encode_image(grey, OutputFormat::kWebp);
  EXPECT_EQ(decoded(file, grey), rgba_of(grey));
  EXPECT_EQ(read_image(file, "x").image.channels, 3U);
}

TEST(Webp, LossyIsDecodedAsLibwebpDoes) {
  for (const auto& [width, height] : {std::pair{1, 1}, {17, 33}, {300, 200}}) {
    Image image = make_picture(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), 3);
    const auto opaque = lossy(image);
    Image back = read_image(opaque, "x").image;
    EXPECT_FALSE(back.has_alpha());
    EXPECT_EQ(rgba_of(back), decoded(opaque, image));
    if (width == 1) continue;
    image = with_alpha(image, 8);
    const auto translucent = lossy(image);
    back = read_image(translucent, "x").image;
    EXPECT_EQ(back.alpha, image.alpha);
    EXPECT_EQ(rgba_of(back), decoded(translucent, image));
  }
}

// A large file is handed over in pieces.
TEST(Webp, LargeFilesAreDecodedAsLibwebpDoes) {
  const Image image = noise(700, 600);
  const auto exact = encode_image(image, OutputFormat::kWebp);
  ASSERT_GT(exact.size(), std::size_t{1} << 20);
  EXPECT_EQ(read_image(exact, "x").image, image);
  const auto file = lossy(image);
  ASSERT_GT(file.size(), std::size_t{1} << 18);
  EXPECT_EQ(rgba_of(read_image(file, "x").image), decoded(file, image));
}

// VP8X may say what is not there. An ALPH chunk that it does not announce is none, for libwebpdemux too.
TEST(Webp, HeaderAndPixelsAgreeOnAlpha) {
  auto file = with_chunk(lossy(make_picture(10, 10, 3)), "XMP ", bytes_of("<x/>"));
  constexpr std::size_t kFlags = 20;
  file[kFlags] |= std::byte{0x10};
  EXPECT_FALSE(read_header(file, "x").has_alpha);
  EXPECT_FALSE(read_image(file, "x").image.has_alpha());
  auto other = with_chunk(lossy(with_alpha(make_picture(10, 10, 3), 8)), "XMP ", bytes_of("<x/>"));
  other[kFlags] &= std::byte{0xef};
  EXPECT_FALSE(read_header(other, "x").has_alpha);
  EXPECT_FALSE(read_image(other, "x").image.has_alpha());
}

TEST(Webp, GivesWhatItsChunksHold) {
  const auto icc = bytes_of("a profile"), xmp = bytes_of("<x:xmpmeta/>"), exif = make_exif(6);
  auto file = with_chunk(with_chunk(lossy(make_picture(10, 6, 3)), "ICCP", icc), "XMP ", xmp);
  auto prefixed = bytes_of("Exif\0\0"sv);
  append(prefixed, exif);
  for (const auto& chunk : {exif, prefixed}) {
    const Content content = webp_format().read(with_chunk(file, "EXIF", chunk), {});
    EXPECT_EQ(content.icc, icc);
    EXPECT_EQ(content.xmp, xmp);
    ASSERT_EQ(content.exif.size(), 1U);
    EXPECT_EQ(content.exif[0], exif);
    EXPECT_EQ(content.orientation, std::nullopt);
    EXPECT_TRUE(content.notes.empty());
  }
  ReadOptions pixels;
  pixels.keeps_metadata = false;
  EXPECT_TRUE(webp_format().read(file, pixels).icc.empty());
}

TEST(Webp, WritesChunksThatLibwebpmuxFinds) {
  const Metadata metadata{bytes_of("a profile"), make_exif(1), bytes_of("<x:xmpmeta/>"), {}};
  for (const Image& image : {make_picture(11, 6, 3), with_alpha(make_picture(11, 6, 3), 8)}) {
    Losses losses;
    const auto file = webp_format().write(image, metadata, {}, losses);
    EXPECT_EQ(chunk_of(file, "ICCP"), metadata.icc);
    EXPECT_EQ(chunk_of(file, "EXIF"), metadata.exif);
    EXPECT_EQ(chunk_of(file, "XMP "), metadata.xmp);
    EXPECT_EQ(decoded(file, image), rgba_of(image));
    EXPECT_FALSE(losses.icc || losses.exif || losses.xmp || losses.resolution);
  }
}

TEST(Webp, HasNoPlaceForAResolutionOutsideOfExif) {
  Metadata metadata;
  metadata.resolution = {Resolution::Unit::kInch, 300000, 300000};
  Losses losses;
  (void)webp_format().write(make_picture(2, 2, 3), metadata, {}, losses);
  EXPECT_TRUE(losses.resolution);
  losses = {};
  metadata.exif = make_exif(1);  // which says none
  (void)webp_format().write(make_picture(2, 2, 3), metadata, {}, losses);
  EXPECT_TRUE(losses.resolution);
  losses = {};
  // XResolution and YResolution of 300 / 1, an inch.
  metadata.exif = bytes_of(
      "MM\0*\0\0\0\x08\0\x03\x01\x1a\0\x05\0\0\0\x01\0\0\0\x32\x01\x1b\0\x05\0\0\0\x01\0\0\0\x32"
      "\x01\x28\0\x03\0\0\0\x01\0\x02\0\0\0\0\0\0\0\0\x01\x2c\0\0\0\x01"sv);
  (void)webp_format().write(make_picture(2, 2, 3), metadata, {}, losses);
  EXPECT_FALSE(losses.resolution);
}

TEST(Webp, AnAnimationIsRefusedUnlessItIsAPicture) {
  const auto still = lossy(make_picture(16, 12, 3));
  EXPECT_EQ(read_image(animation(still, 1, 0, 16, 12), "x").image, read_image(still, "x").image);
  EXPECT_EQ(error_of([&] { (void)read_image(animation(still, 2, 0, 16, 12), "x"); }),
            "3 x: holds more than one frame or page, which this version cannot code: extract them first");
  for (const auto& [offset, width, height] : {std::tuple{0, 16, 14}, {0, 18, 12}, {2, 18, 14}}) {
    EXPECT_EQ(error_of([&] { (void)read_image(animation(still, 1, offset, width, height), "x"); }),
              "3 x: holds a frame smaller than its canvas, which this version cannot code: extract it first");
  }
}

TEST(Webp, ATruncatedFileIsReadAsFarAsItGoesOnRequest) {
  const Image image = noise(64, 256);
  const auto exact = encode_image(image, OutputFormat::kWebp);
  const std::span<const std::byte> half(exact.data(), exact.size() / 2);
  EXPECT_EQ(error_of([&] { (void)read_image(half, "x"); }), "3 x: truncated: the WebP file has " +
                                                                std::to_string(half.size()) + " of " +
                                                                std::to_string(exact.size()) + " bytes");
  ReadOptions options;
  options.allows_damage = true;
  for (const auto& file : {exact, lossy(image), lossy(with_alpha(image, 8))}) {
    const Image whole = read_image(file, "x").image;
    const auto damaged = read_image(std::span(file).first(file.size() * 3 / 4), "x", {}, options);
    ASSERT_EQ(damaged.notes.size(), 1U);
    EXPECT_TRUE(damaged.notes[0].starts_with("damaged: ")) << damaged.notes[0];
    EXPECT_EQ(damaged.image.height, image.height);
    constexpr std::size_t kRows = 32;
    EXPECT_TRUE(std::equal(whole.samples.begin(), whole.samples.begin() + kRows * 64 * 3,
                           damaged.image.samples.begin()));
  }
}

TEST(Webp, TellsOfBytesBehindThePicture) {
  auto file = lossy(make_picture(16, 12, 3));
  file.push_back({});
  EXPECT_TRUE(read_image(file, "x").notes.empty());
  append(file, bytes_of("MotionPhoto"));
  EXPECT_EQ(read_image(file, "x").notes, std::vector<std::string>{"12 bytes behind the picture: left out"});
}

TEST(Webp, TruncatedOrDamagedIsAPictureOrAnError) {
  const Image image = make_picture(9, 5, 3);
  const auto exact = encode_image(image, OutputFormat::kWebp);
  const auto extended = with_chunk(lossy(with_alpha(image, 8)), "EXIF", make_exif(3));
  for (const auto& file : {exact, lossy(image), extended, animation(exact, 1, 0, 9, 5)}) {
    expect_every_truncation_is_an_error(file);
    expect_every_damaged_byte_is_borne(file);
  }
}

}  // namespace
}  // namespace vaec::image
