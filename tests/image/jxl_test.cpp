// JPEG XL, by libjxl's encoder.
#include <gtest/gtest.h>
#include <lcms2.h>

#include <array>

#include "image/hostile.hpp"
#include "image/make_picture.hpp"
#include "image/metadata/make_profile.hpp"
#include "image/parts.hpp"
#include "image/read.hpp"

#ifdef VAEC_WITH_JXL
#include <jxl/encode.h>
#endif

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

class Jxl : public testing::Test {
 protected:
  void SetUp() override {
    if (format_of(FileFormat::kJpegXl) == nullptr) GTEST_SKIP() << "this build has no libjxl";
  }
};

#ifdef VAEC_WITH_JXL

struct Encoding {
  int orientation = 1;
  bool is_animation = false, is_float = false, compresses_boxes = false;
  float distance = 0;
  int frames = 1;
  JxlPrimaries primaries = JXL_PRIMARIES_SRGB;
  JxlTransferFunction transfer = JXL_TRANSFER_FUNCTION_SRGB;
  std::vector<std::byte> exif = {}, xmp = {}, icc = {};
};

void expect_good(JxlEncoderStatus status) { EXPECT_EQ(status, JXL_ENC_SUCCESS); }

void add_box(JxlEncoder* encoder, const char* type, std::vector<std::byte> data, bool compresses) {
  expect_good(JxlEncoderAddBox(encoder, type, reinterpret_cast<const std::uint8_t*>(data.data()), data.size(),
                               compresses ? JXL_TRUE : JXL_FALSE));
}

std::vector<std::byte> encode(const Image& image, const Encoding& encoding = {}) {
  const bool is_deep = image.bit_depth == 16;
  JxlEncoder* encoder = JxlEncoderCreate(nullptr);
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo(&info);
  info.xsize = image.width;
  info.ysize = image.height;
  info.bits_per_sample = encoding.is_float ? 32 : image.bit_depth;
  info.exponent_bits_per_sample = encoding.is_float ? 8 : 0;
  info.num_color_channels = image.channels;
  info.orientation = static_cast<JxlOrientation>(encoding.orientation);
  info.uses_original_profile = encoding.distance == 0 ? JXL_TRUE : JXL_FALSE;
  if (image.has_alpha()) {
    info.num_extra_channels = 1;
    info.alpha_bits = image.bit_depth;
  }
  if (encoding.is_animation) {
    info.have_animation = JXL_TRUE;
    info.animation.tps_numerator = 10;
    info.animation.tps_denominator = 1;
  }
  if (!encoding.exif.empty() || !encoding.xmp.empty()) expect_good(JxlEncoderUseBoxes(encoder));
  expect_good(JxlEncoderSetBasicInfo(encoder, &info));
  JxlColorEncoding colour{};
  JxlColorEncodingSetToSRGB(&colour, image.channels == 1 ? JXL_TRUE : JXL_FALSE);
  colour.primaries = encoding.primaries;
  colour.transfer_function = encoding.transfer;
  if (encoding.icc.empty()) {
    expect_good(JxlEncoderSetColorEncoding(encoder, &colour));
  } else {
    const auto* icc = reinterpret_cast<const std::uint8_t*>(encoding.icc.data());
    expect_good(JxlEncoderSetICCProfile(encoder, icc, encoding.icc.size()));
  }
  auto exif = std::vector<std::byte>(4);
  append(exif, encoding.exif);
  if (!encoding.exif.empty()) add_box(encoder, "Exif", exif, encoding.compresses_boxes);
  if (!encoding.xmp.empty()) add_box(encoder, "xml ", encoding.xmp, encoding.compresses_boxes);
  if (!encoding.exif.empty() || !encoding.xmp.empty()) JxlEncoderCloseBoxes(encoder);
  JxlEncoderFrameSettings* settings = JxlEncoderFrameSettingsCreate(encoder, nullptr);
  if (encoding.distance == 0) {
    expect_good(JxlEncoderSetFrameLossless(settings, JXL_TRUE));
  } else {
    expect_good(JxlEncoderSetFrameDistance(settings, encoding.distance));
  }
  if (encoding.is_animation) {
    JxlFrameHeader header;
    JxlEncoderInitFrameHeader(&header);
    header.duration = 1;
    expect_good(JxlEncoderSetFrameHeader(settings, &header));
  }
  const std::size_t channels = image.channels + (image.has_alpha() ? 1 : 0),
                    pixels = std::size_t{image.width} * image.height;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < channels; ++c) {
      const bool is_alpha = c == image.channels;
      const unsigned sample = is_deep
                                  ? (is_alpha ? image.alpha16[i] : image.samples16[i * image.channels + c])
                                  : (is_alpha ? image.alpha[i] : image.samples[i * image.channels + c]);
      if (is_deep) bytes.push_back(static_cast<std::uint8_t>(sample >> 8));
      bytes.push_back(static_cast<std::uint8_t>(sample));
    }
  }
  const JxlPixelFormat format{static_cast<std::uint32_t>(channels),
                              is_deep ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8, JXL_BIG_ENDIAN, 0};
  for (int i = 0; i < encoding.frames; ++i)
    expect_good(JxlEncoderAddImageFrame(settings, &format, bytes.data(), bytes.size()));
  JxlEncoderCloseInput(encoder);
  std::vector<std::byte> file(1 << 20);
  auto* next = reinterpret_cast<std::uint8_t*>(file.data());
  std::size_t left = file.size();
  expect_good(JxlEncoderProcessOutput(encoder, &next, &left));
  file.resize(file.size() - left);
  JxlEncoderDestroy(encoder);
  return file;
}

TEST_F(Jxl, GreyRgbAlphaAndDepthComeBack) {
  for (const std::uint32_t channels : {1U, 3U}) {
    for (const std::uint32_t depth : {8U, 16U}) {
      Image image = make_picture(40, 30, channels);
      if (depth == 16) image = with_16_bits(image);
      const Reading reading = read_image(encode(image), "x");
      EXPECT_EQ(reading.image, image);
      EXPECT_TRUE(reading.notes.empty());
      const Image translucent = with_alpha(make_picture(40, 30, channels), depth);
      EXPECT_EQ(read_image(encode(translucent), "x").image, translucent);
    }
  }
}

TEST_F(Jxl, LossyIsNear) {
  const Image image = make_picture(40, 30, 3);
  Encoding encoding;
  encoding.distance = 0.5F;
  const Reading reading = read_image(encode(image, encoding), "x");
  double error = 0;
  for (std::size_t i = 0; i < image.samples.size(); ++i)
    error += std::abs(image.samples[i] - reading.image.samples[i]);
  EXPECT_LT(error / static_cast<double>(image.samples.size()), 4);
  EXPECT_TRUE(reading.image.metadata.icc.empty());
}

TEST_F(Jxl, StandsUpright) {
  const Image stored = make_picture(5, 3, 3);
  Encoding encoding;
  encoding.orientation = 6;
  const auto file = encode(stored, encoding);
  EXPECT_EQ(read_header(file, "x").width, 3U);
  const Content content = format_of(FileFormat::kJpegXl)->read(file, {});
  EXPECT_EQ(content.orientation, 1);
  EXPECT_EQ(content.image.height, 5U);
  EXPECT_EQ(content.image.samples[0], stored.samples[2 * 5 * 3]);  // bottom left becomes top left
}

// libjxl 0.7 does not write what it reads: the header of a square picture of 8 bits and a channel more is told
// that its alpha is associated. Bits begin with a byte's lowest.
TEST_F(Jxl, ColoursThatWereMultipliedByAlphaAreDivided) {
  Image image{16, 16, 3, std::vector<std::uint8_t>(16 * 16 * 3, 50)};
  image.alpha.assign(16 * 16, 128);
  const auto file = encode(image);
  constexpr std::size_t kSignature = 2, kHeader = 3;  // bytes
  std::string bits;
  for (std::size_t i = 0; i < kHeader * 8; ++i)
    bits += (std::to_integer<int>(file.at(kSignature + i / 8)) >> (i % 8) & 1) != 0 ? '1' : '0';
  const std::string size = bits.substr(0, 9), metadata = "00000110", defaults = "101001";
  if (bits.substr(9) != metadata + defaults + "0")
    GTEST_SKIP() << "another header than libjxl 0.7 writes: " << bits;
  const std::string alpha =
      "0"
      "00"
      "000"
      "00"
      "00"
      "1";  // not all default: type, bits, size, name, associated
  bits = size + metadata + alpha + defaults.substr(1);
  std::vector<std::byte> changed(file.begin(), file.begin() + kSignature);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (i % 8 == 0) changed.push_back({});
    if (bits[i] == '1') changed.back() |= static_cast<std::byte>(1 << (i % 8));
  }
  changed.insert(changed.end(), file.begin() + kSignature + kHeader, file.end());
  EXPECT_EQ(read_image(file, "x").image, image);
  const Image back = read_image(changed, "x").image;
  EXPECT_EQ(back.alpha, image.alpha);
  EXPECT_NEAR(back.samples[100], 100, 1);
}

TEST_F(Jxl, OtherColoursThanSrgbHaveAProfile) {
  const auto* format = format_of(FileFormat::kJpegXl);
  Encoding encoding;
  encoding.primaries = JXL_PRIMARIES_P3;
  for (const float distance : {0.0F, 1.0F}) {
    encoding.distance = distance;
    const Content content = format->read(encode(make_picture(20, 12, 3), encoding), {});
    ASSERT_GT(content.icc.size(), 128U);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(&content.icc[16]), 4), "RGB ");
  }
  EXPECT_TRUE(format->read(encode(make_picture(20, 12, 1)), {}).icc.empty());
  ReadOptions pixels;
  pixels.keeps_metadata = false;
  EXPECT_TRUE(format->read(encode(make_picture(20, 12, 3), encoding), pixels).icc.empty());
}

std::array<double, 3> light_of(const std::vector<std::byte>& icc, const std::uint8_t* colour) {
  const cmsHPROFILE from = cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size())),
                    to = cmsCreateXYZProfile();
  const cmsHTRANSFORM transform = cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_XYZ_DBL,
                                                     INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  std::array<double, 3> light{-1, -1, -1};
  EXPECT_NE(transform, nullptr);
  if (transform != nullptr) cmsDoTransform(transform, colour, light.data(), 1);
  cmsDeleteTransform(transform);
  cmsCloseProfile(from);
  cmsCloseProfile(to);
  return light;
}

// Adobe RGB's primaries, with a curve that JPEG XL has no name for: its lossy data are decoded to other colours.
TEST_F(Jxl, AProfileWithoutANameCostsNoColours) {
  const auto context = make_lcms_context();
  constexpr std::array<std::uint16_t, 5> kCurve = {0, 2000, 14500, 33000, 65535};
  const ToneCurve curve(cmsBuildTabulatedToneCurve16(context.get(), kCurve.size(), kCurve.data()));
  Encoding encoding;
  encoding.icc = make_rgb_profile(context.get(), {0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06},
                                  curve.get(), "one without a name");
  ASSERT_FALSE(encoding.icc.empty());
  const auto* format = format_of(FileFormat::kJpegXl);
  for (const std::array<std::uint8_t, 3> colour :
       {std::array<std::uint8_t, 3>{20, 240, 30}, {250, 250, 250}, {128, 128, 128}, {250, 30, 20}}) {
    Image image{32, 32, 3, {}};
    for (int i = 0; i < 32 * 32; ++i) image.samples.insert(image.samples.end(), colour.begin(), colour.end());
    encoding.distance = 0.1F;
    const Content content = format->read(encode(image, encoding), {});
    ASSERT_FALSE(content.icc.empty());
    const auto expected = light_of(encoding.icc, colour.data()),
               found = light_of(content.icc, &content.image.samples[(16 * 32 + 16) * 3]);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(found[c], expected[c], 0.015) << colour[0] << " " << c;
    EXPECT_EQ(content.notes, std::vector<std::string>{"its colour profile (ICC), which the lossy data do not "
                                                      "follow: converted to BT.2020's colours"});
    encoding.distance = 0;
    const Content exact = format->read(encode(image, encoding), {});
    EXPECT_EQ(exact.icc, encoding.icc);
    EXPECT_TRUE(exact.notes.empty());
  }
}

TEST_F(Jxl, GivesWhatItsBoxesHold) {
  Encoding encoding;
  encoding.exif = make_exif(6);
  encoding.xmp = bytes_of("<x:xmpmeta>" + std::string(100000, ' ') + "</x:xmpmeta>");
  for (const bool compresses : {false, true}) {
    encoding.compresses_boxes = compresses;
    const auto file = encode(make_picture(20, 12, 3), encoding);
    EXPECT_EQ(file.size() < 50000, compresses);
    const Content content = format_of(FileFormat::kJpegXl)->read(file, {});
    ASSERT_EQ(content.exif.size(), 1U);
    EXPECT_EQ(content.exif[0], encoding.exif);
    EXPECT_EQ(content.xmp, encoding.xmp);
    EXPECT_TRUE(content.notes.empty());
    EXPECT_EQ(content.image, make_picture(20, 12, 3));
  }
}

// A few bytes may say very much.
TEST_F(Jxl, MetadataIsDecompressedAsFarAsItIsWanted) {
  Encoding encoding;
  encoding.exif = make_exif(1);
  encoding.xmp.assign(std::size_t{5} << 20, std::byte{' '});
  encoding.compresses_boxes = true;
  const auto file = encode(make_picture(20, 12, 3), encoding);
  ASSERT_LT(file.size(), 10000U);
  const Content content = format_of(FileFormat::kJpegXl)->read(file, {});
  EXPECT_TRUE(content.xmp.empty());
  EXPECT_EQ(content.exif.size(), 1U);
  EXPECT_EQ(content.image, make_picture(20, 12, 3));
  EXPECT_EQ(content.notes, std::vector<std::string>{"XMP of more than 1048576 bytes: left out"});
}

TEST_F(Jxl, WhatStandsBehindThePictureIsTold) {
  const Image image = make_picture(20, 12, 3);
  Encoding encoding;
  const auto bare = encode(image);
  encoding.exif = make_exif(1);
  const auto boxed = encode(image, encoding);
  const auto jxlc = bytes_of("\0\0\0\0jxlc"sv);  // to the end of the file
  auto open_end = bytes_of(
      "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"
      "ftypjxl \0\0\0\0jxl "sv);
  append(open_end, jxlc);
  append(open_end, bare);
  for (const auto& whole : {bare, boxed, open_end}) {
    EXPECT_TRUE(read_image(whole, "x").notes.empty());
    for (const auto tail : {"\n"sv, "\r\n"sv, "some text that somebody put there\n"sv,
                            "\0\0\0\0\0\0\0\0\0\0\0\0"sv, "\0\0\0\5junk"sv, "<html>"sv}) {
      auto file = whole;
      append(file, bytes_of(tail));
      EXPECT_EQ(read_header(file, "x").width, 20U);
      const Reading reading = read_image(file, "x");
      EXPECT_EQ(reading.image.samples, image.samples);
      EXPECT_EQ(reading.notes,
                std::vector<std::string>{std::to_string(tail.size()) + " bytes behind the picture: left out"})
          << tail;
    }
  }
}

// Of boxes that stand behind the picture one that is cut off is no text.
TEST_F(Jxl, ABoxThatIsCutOffIsDamaged) {
  Encoding encoding;
  encoding.exif = make_exif(1);
  auto file = encode(make_picture(20, 12, 3), encoding);
  append(file, bytes_of("\0\0\1\0xml <x"sv));
  EXPECT_EQ(error_of([&] { (void)read_image(file, "x"); }).substr(0, 13), "3 x: damaged:");
}

TEST_F(Jxl, AnAnimationIsRefusedUnlessItIsAPicture) {
  Encoding encoding;
  encoding.is_animation = true;
  EXPECT_EQ(read_image(encode(make_picture(20, 12, 3), encoding), "x").image, make_picture(20, 12, 3));
  encoding.frames = 2;
  const auto file = encode(make_picture(20, 12, 3), encoding);
  const auto expected =
      "3 x: holds more than one frame or page, which this version cannot code: extract them first";
  EXPECT_EQ(error_of([&] { (void)read_header(file, "x"); }), expected);
  EXPECT_EQ(error_of([&] { (void)format_of(FileFormat::kJpegXl)->read(file, {}); }).substr(0, 20),
            "3 holds more than on");
}

TEST_F(Jxl, LimitsAreTestedBeforeDecoding) {
  EXPECT_EQ(error_of([&] {
              (void)read_image(encode(make_picture(20, 12, 3)), "x", {19, 1000});
            }).substr(0, 17),
            "5 x: is 20x12 pix");
}

TEST_F(Jxl, ATruncatedFileIsReadAsFarAsItGoesOnRequest) {
  Image image = make_picture(600, 600, 3);
  for (std::size_t i = 0; i < image.samples.size(); ++i)
    image.samples[i] = static_cast<std::uint8_t>(image.samples[i] ^ (i * i >> 5 & 3));
  Encoding encoding;
  encoding.distance = 1;
  const auto file = encode(image, encoding);
  const auto part = std::span(file).first(file.size() * 3 / 4);
  EXPECT_EQ(error_of([&] { (void)read_image(part, "x"); }), "3 x: truncated: ends within the JPEG XL data");
  ReadOptions options;
  options.allows_damage = true;
  const Reading reading = read_image(part, "x", {}, options);
  EXPECT_EQ(reading.image.width, 600U);
  ASSERT_EQ(reading.notes.size(), 1U);
  EXPECT_EQ(reading.notes[0], "damaged: ends within the JPEG XL data");
  EXPECT_NEAR(reading.image.samples[0], image.samples[0], 20);
}

TEST_F(Jxl, TruncatedOrDamagedIsAPictureOrAnError) {
  Encoding encoding;
  const auto bare = encode(make_picture(9, 5, 3));
  encoding.exif = make_exif(1);
  encoding.distance = 1;
  const auto boxed = encode(with_alpha(make_picture(9, 5, 3), 8), encoding);
  for (const auto& file : {bare, boxed}) {
    expect_every_truncation_is_an_error(file);
    expect_every_damaged_byte_is_borne(file);
  }
}

#endif

TEST_F(Jxl, RandomBytesAreAnError) {
  EXPECT_EQ(error_of([] { (void)read_image(bytes_of("\xff\x0a......"sv), "x"); }).rfind("3 x: ", 0), 0U);
}

}  // namespace
}  // namespace vaec::image
