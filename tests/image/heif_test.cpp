// HEIC and AVIF, by libheif's encoders where they are there.
#include <gtest/gtest.h>

#include "image/hostile.hpp"
#include "image/make_picture.hpp"
#include "image/parts.hpp"
#include "image/read.hpp"

#ifdef VAEC_WITH_HEIF
#include <libheif/heif.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#endif

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

class Heif : public testing::Test {
 protected:
  void SetUp() override {
    if (format_of(FileFormat::kHeif) == nullptr) GTEST_SKIP() << "this build has no libheif";
  }
};

#ifdef VAEC_WITH_HEIF

struct Encoding {
  heif_compression_format format = heif_compression_AV1;
  int bits = 8;
  bool is_premultiplied = false;
  std::vector<std::byte> icc = {}, exif = {}, xmp = {};
  int primaries = 0, transfer = 0;  // 0: none are said
  int pictures = 1;
};

bool can_encode(heif_compression_format format) {
  return heif_have_encoder_for_format(format) != 0 && heif_have_decoder_for_format(format) != 0;
}

void expect_good(const heif_error& error) { EXPECT_EQ(error.code, heif_error_Ok) << error.message; }

heif_image* planes_of(const Image& image, const Encoding& encoding) {
  heif_image* picture = nullptr;
  const int width = static_cast<int>(image.width), height = static_cast<int>(image.height);
  const bool is_grey = image.channels == 1, has_alpha = image.has_alpha(), is_deep = encoding.bits > 8;
  const heif_chroma chroma =
      is_grey     ? heif_chroma_monochrome
      : is_deep   ? (has_alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
      : has_alpha ? heif_chroma_interleaved_RGBA
                  : heif_chroma_interleaved_RGB;
  expect_good(heif_image_create(width, height, is_grey ? heif_colorspace_monochrome : heif_colorspace_RGB,
                                chroma, &picture));
  const std::size_t step = is_grey ? 1 : 3 + (has_alpha ? 1 : 0);
  const auto fill = [&](heif_channel channel, std::size_t samples, const auto& sample) {
    expect_good(heif_image_add_plane(picture, channel, width, height, encoding.bits));
    int stride = 0;
    std::uint8_t* data = heif_image_get_plane(picture, channel, &stride);
    for (std::size_t y = 0; y < image.height; ++y) {
      for (std::size_t i = 0; i < image.width * samples; ++i) {
        const unsigned value = sample(y * image.width + i / samples, i % samples);
        const unsigned scaled = value << (encoding.bits - 8) | value >> (16 - encoding.bits);
        std::uint8_t* to = data + y * static_cast<std::size_t>(stride) + i * (is_deep ? 2 : 1);
        to[0] = static_cast<std::uint8_t>(is_deep ? scaled : value);
        if (is_deep) to[1] = static_cast<std::uint8_t>(scaled >> 8);
      }
    }
  };
  fill(is_grey ? heif_channel_Y : heif_channel_interleaved, step,
       [&](std::size_t pixel, std::size_t c) -> unsigned {
         return c == image.channels ? image.alpha[pixel] : image.samples[pixel * image.channels + c];
       });
  if (is_grey && has_alpha)
    fill(heif_channel_Alpha, 1,
         [&](std::size_t pixel, std::size_t) -> unsigned { return image.alpha[pixel]; });
  if (encoding.is_premultiplied) heif_image_set_premultiplied_alpha(picture, 1);
  if (!encoding.icc.empty())
    expect_good(heif_image_set_raw_color_profile(picture, "prof", encoding.icc.data(), encoding.icc.size()));
  return picture;
}

std::vector<std::byte> encode(const Image& image, const Encoding& encoding = {}) {
  heif_context* context = heif_context_alloc();
  heif_encoder* encoder = nullptr;
  expect_good(heif_context_get_encoder_for_format(context, encoding.format, &encoder));
  if (encoder == nullptr) return {};
  heif_encoder_set_lossy_quality(encoder, 100);
  heif_encoder_set_parameter_string(encoder, "chroma", image.channels == 1 ? "420" : "444");
  heif_encoder_set_parameter_integer(encoder, "speed", 8);
  heif_encoding_options* options = heif_encoding_options_alloc();
  heif_image* picture = planes_of(image, encoding);
  heif_color_profile_nclx* nclx = heif_nclx_color_profile_alloc();
  if (encoding.primaries != 0) {
    nclx->color_primaries = static_cast<heif_color_primaries>(encoding.primaries);
    nclx->transfer_characteristics = static_cast<heif_transfer_characteristics>(encoding.transfer);
    options->output_nclx_profile = nclx;
    expect_good(heif_image_set_nclx_color_profile(picture, nclx));
  }
  for (int i = 0; i < encoding.pictures; ++i) {
    heif_image_handle* handle = nullptr;
    expect_good(heif_context_encode_image(context, picture, encoder, options, &handle));
    if (i == 0 && !encoding.exif.empty())
      expect_good(heif_context_add_exif_metadata(context, handle, encoding.exif.data(),
                                                 static_cast<int>(encoding.exif.size())));
    if (i == 0 && !encoding.xmp.empty())
      expect_good(heif_context_add_XMP_metadata(context, handle, encoding.xmp.data(),
                                                static_cast<int>(encoding.xmp.size())));
    heif_image_handle_release(handle);
  }
  std::vector<std::byte> file;
  heif_writer writer{1, [](heif_context*, const void* data, std::size_t size, void* to) {
                       const auto* begin = static_cast<const std::byte*>(data);
                       static_cast<std::vector<std::byte>*>(to)->assign(begin, begin + size);
                       return heif_error{heif_error_Ok, heif_suberror_Unspecified, ""};
                     }};
  expect_good(heif_context_write(context, &writer, &file));
  heif_image_release(picture);
  heif_nclx_color_profile_free(nclx);
  heif_encoding_options_free(options);
  heif_encoder_release(encoder);
  heif_context_free(context);
  return file;
}

template <typename Sample>
int largest_difference(const std::vector<Sample>& a, const std::vector<Sample>& b) {
  EXPECT_EQ(a.size(), b.size());
  int largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

Image ramp(std::uint32_t channels) {
  Image image{64, 48, channels, {}};
  for (std::uint32_t y = 0; y < 48; ++y) {
    for (std::uint32_t x = 0; x < 64; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c)
        image.samples.push_back(static_cast<std::uint8_t>(x * 2 + y * (c + 1)));
    }
  }
  return image;
}

class HeifCodec : public testing::TestWithParam<heif_compression_format> {
 protected:
  void SetUp() override {
    if (!can_encode(GetParam())) GTEST_SKIP() << "libheif has no encoder and decoder for it here";
  }
};

INSTANTIATE_TEST_SUITE_P(Codecs, HeifCodec, testing::Values(heif_compression_AV1, heif_compression_HEVC));

TEST_P(HeifCodec, GreyRgbAlphaAndDepthComeIn) {
  Encoding encoding;
  encoding.format = GetParam();
  for (const std::uint32_t channels : {1U, 3U}) {
    for (const bool has_alpha : {false, true}) {
      const Image image = has_alpha ? with_alpha(ramp(channels), 8) : ramp(channels);
      const auto file = encode(image, encoding);
      EXPECT_EQ(read_header(file, "x").channels, channels);
      // What libheif 1.15 calls grey, x265 codes in colour.
      if (GetParam() == heif_compression_HEVC && channels == 1) continue;
      const Reading reading = read_image(file, "x");
      ASSERT_EQ(reading.image.channels, channels);
      ASSERT_EQ(reading.image.has_alpha(), has_alpha);
      EXPECT_EQ(reading.image.bit_depth, 8U);
      EXPECT_LE(largest_difference(reading.image.samples, image.samples), 4);
      EXPECT_LE(largest_difference(reading.image.alpha, image.alpha), 4);
    }
  }
  // libheif 1.15 asks libaom for 10 bits in a way that ends the program.
  encoding.bits = GetParam() == heif_compression_AV1 ? 12 : 10;
  const Image image = ramp(3);
  const auto file = encode(image, encoding);
  const Image back = read_image(file, "x").image;
  EXPECT_EQ(back.bit_depth, 16U);
  EXPECT_LE(largest_difference(back.samples16, with_16_bits(image).samples16), 4 * 257);
}

class Avif : public Heif {
 protected:
  void SetUp() override {
    Heif::SetUp();
    if (!can_encode(heif_compression_AV1)) GTEST_SKIP() << "libheif has no encoder for AV1 here";
  }
};

TEST_F(Avif, GivesWhatItsItemsHold) {
  Encoding encoding;
  encoding.icc = bytes_of("a profile");
  encoding.exif = make_exif(6);
  encoding.xmp = bytes_of("<x:xmpmeta/>");
  const Content content = format_of(FileFormat::kHeif)->read(encode(ramp(3), encoding), {});
  EXPECT_EQ(content.icc, encoding.icc);
  ASSERT_EQ(content.exif.size(), 1U);
  EXPECT_EQ(content.exif[0], encoding.exif);
  EXPECT_EQ(content.xmp, encoding.xmp);
  EXPECT_EQ(content.orientation, 1);
  EXPECT_EQ(content.image.width, 64U);
  EXPECT_TRUE(content.notes.empty());
}

TEST_F(Avif, CodePointsBecomeAProfile) {
  const auto read = [](const Image& image, int primaries, int transfer) {
    Encoding encoding;
    encoding.primaries = primaries;
    encoding.transfer = transfer;
    return format_of(FileFormat::kHeif)->read(encode(image, encoding), {});
  };
  constexpr int kSrgb = 1, kP3 = 12, kSrgbCurve = 13, kPq = 16, kUnspecified = 2;
  EXPECT_TRUE(read(ramp(3), kSrgb, kSrgbCurve).icc.empty());
  for (const auto& [primaries, transfer] : {std::pair{kP3, kSrgbCurve}, {kP3, kUnspecified}}) {
    const Content content = read(ramp(3), primaries, transfer);
    EXPECT_TRUE(content.notes.empty()) << primaries << " " << transfer << " " << content.notes[0];
    ASSERT_GT(content.icc.size(), 128U);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(&content.icc[16]), 4), "RGB ");
    EXPECT_TRUE(content.notes.empty());
  }
  EXPECT_TRUE(read(ramp(1), kP3, kSrgbCurve).notes.empty());  // grey has no primaries
  const Content grey = read(ramp(1), kSrgb, kPq);
  EXPECT_TRUE(grey.icc.empty());
  EXPECT_EQ(grey.notes.size(), 1U);
}

TEST_F(Avif, ColoursThatWereMultipliedByAlphaAreDivided) {
  Image image{16, 16, 3, std::vector<std::uint8_t>(16 * 16 * 3, 50)};
  image.alpha.assign(16 * 16, 128);
  Encoding encoding;
  encoding.is_premultiplied = true;
  const Image back = read_image(encode(image, encoding), "x").image;
  EXPECT_NEAR(back.samples[100], 100, 3);
}

TEST_F(Avif, MorePicturesAreTold) {
  Encoding encoding;
  encoding.pictures = 3;
  const Reading reading = read_image(encode(ramp(3), encoding), "x");
  ASSERT_EQ(reading.notes.size(), 1U);
  EXPECT_EQ(reading.notes[0], "2 more pictures in the same HEIF file: left out");
}

TEST_F(Avif, SequencesAreRefusedWhereTheyAreWhatIsMeant) {
  auto file = encode(ramp(3));
  auto sizes = bytes_of("\0\0\0\0\0\0\0\0\0\0\0"sv);
  const auto film = [&](int frames) {
    auto counted = sizes;
    counted.push_back(static_cast<std::byte>(frames));
    return box("moov", box("trak", box("mdia", box("minf", box("stbl", box("stsz", counted))))));
  };
  auto still = file;
  append(still, film(5));
  EXPECT_EQ(read_image(still, "x").notes, std::vector<std::string>{"a film beside the picture: left out"});
  constexpr std::size_t kBrand = 8;
  const auto brand = bytes_of("avis");
  std::copy(brand.begin(), brand.end(), file.begin() + kBrand);
  auto one = file;
  append(one, film(1));
  EXPECT_EQ(read_image(one, "x").image.width, 64U);
  append(file, film(2));
  const auto expected =
      "3 x: holds more than one frame or page, which this version cannot code: extract them first";
  EXPECT_EQ(error_of([&] { (void)read_image(file, "x"); }), expected);
  EXPECT_EQ(error_of([&] { (void)read_header(file, "x"); }), expected);
}

TEST_F(Avif, AMotionPhotosVideoIsTold) {
  auto file = encode(ramp(3));
  append(file, box("mpvd", bytes_of("a video")));
  EXPECT_EQ(read_image(file, "x").notes, std::vector<std::string>{"a motion photo's video: left out"});
}

TEST_F(Avif, LimitsAreTestedBeforeDecoding) {
  const auto file = encode(ramp(3));
  EXPECT_EQ(error_of([&] { (void)read_image(file, "x", {63, 10000}); }).substr(0, 17), "5 x: is 64x48 pix");
}

TEST_F(Avif, TruncatedOrDamagedIsAPictureOrAnError) {
  Encoding encoding;
  encoding.exif = make_exif(1);
  Image image{8, 8, 3, std::vector<std::uint8_t>(8 * 8 * 3, 50)};
  image.alpha.assign(8 * 8, 128);
  const auto file = encode(image, encoding);
  expect_every_truncation_is_an_error(file);
  expect_every_damaged_byte_is_borne(file);
}

#endif

TEST_F(Heif, RandomBytesAreAnError) {
  EXPECT_EQ(error_of([] {
              (void)read_image(bytes_of("\0\0\0\x18"
                                        "ftypavif\0\0\0\0avifmif1"sv),
                               "x");
            }).rfind("3 x: ", 0),
            0U);
}

}  // namespace
}  // namespace vaec::image
