// JPEG 2000: codestreams by openjpeg, boxes byte by byte.
#include <gtest/gtest.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>

#include "image/formats/formats.hpp"
#include "image/hostile.hpp"
#include "image/make_picture.hpp"
#include "image/read.hpp"
#include "temporary_folder.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

struct Component {
  std::uint32_t bits = 8;
  bool is_signed = false;
  std::uint32_t dx = 1, dy = 1;
  std::function<int(std::uint32_t, std::uint32_t)> sample = {};  // at x and y of its own
};

struct Encoding {
  std::uint32_t width = 20, height = 12, left = 0, top = 0;
  OPJ_CODEC_FORMAT format = OPJ_CODEC_J2K;
  OPJ_COLOR_SPACE space = OPJ_CLRSPC_UNSPECIFIED;
  std::function<void(opj_cparameters_t&)> change = {};
};

struct Memory {
  std::vector<std::byte> bytes;
  std::size_t offset = 0;
};

std::vector<std::byte> encode(const std::vector<Component>& components, const Encoding& encoding = {}) {
  const auto up = [](std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; };
  const std::uint32_t right = encoding.left + encoding.width, bottom = encoding.top + encoding.height;
  std::vector<opj_image_cmptparm_t> parameters;
  for (const auto& component : components) {
    opj_image_cmptparm_t parameter{};
    parameter.dx = component.dx;
    parameter.dy = component.dy;
    parameter.w = up(right, component.dx) - up(encoding.left, component.dx);
    parameter.h = up(bottom, component.dy) - up(encoding.top, component.dy);
    parameter.prec = component.bits;
    parameter.sgnd = component.is_signed ? 1 : 0;
    parameters.push_back(parameter);
  }
  opj_image_t* image =
      opj_image_create(static_cast<OPJ_UINT32>(parameters.size()), parameters.data(), encoding.space);
  image->x0 = encoding.left;
  image->y0 = encoding.top;
  image->x1 = right;
  image->y1 = bottom;
  for (std::size_t c = 0; c < components.size(); ++c) {
    auto& to = image->comps[c];
    for (std::uint32_t y = 0; y < to.h; ++y) {
      for (std::uint32_t x = 0; x < to.w; ++x) to.data[y * to.w + x] = components[c].sample(x, y);
    }
  }
  opj_cparameters_t options;
  opj_set_default_encoder_parameters(&options);
  options.tcp_numlayers = 1;
  options.cp_disto_alloc = 1;
  options.numresolution = 3;
  if (encoding.change) encoding.change(options);
  opj_codec_t* codec = opj_create_compress(encoding.format);
  EXPECT_TRUE(opj_setup_encoder(codec, &options, image));
  Memory memory;
  opj_stream_t* stream = opj_stream_default_create(OPJ_FALSE);
  opj_stream_set_user_data(stream, &memory, nullptr);
  opj_stream_set_write_function(stream, [](void* data, OPJ_SIZE_T size, void* to) {
    auto& written = *static_cast<Memory*>(to);
    written.bytes.resize(std::max(written.bytes.size(), written.offset + size));
    std::memcpy(written.bytes.data() + written.offset, data, size);
    written.offset += size;
    return size;
  });
  opj_stream_set_skip_function(stream, [](OPJ_OFF_T count, void* to) {
    static_cast<Memory*>(to)->offset += static_cast<std::size_t>(count);
    return count;
  });
  opj_stream_set_seek_function(stream, [](OPJ_OFF_T offset, void* to) -> OPJ_BOOL {
    static_cast<Memory*>(to)->offset = static_cast<std::size_t>(offset);
    return OPJ_TRUE;
  });
  EXPECT_TRUE(opj_start_compress(codec, image, stream));
  EXPECT_TRUE(opj_encode(codec, stream));
  EXPECT_TRUE(opj_end_compress(codec, stream));
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  return memory.bytes;
}

// A component with a sample of a picture; more bits than 8 repeat the high ones.
Component part_of(const Image& image, std::size_t channel, std::uint32_t bits = 8) {
  Component component;
  component.bits = bits;
  component.sample = [=](std::uint32_t x, std::uint32_t y) {
    const auto i = std::size_t{y} * image.width + x;
    const int value =
        channel == image.channels ? image.alpha[i] : image.samples[i * image.channels + channel];
    return bits <= 8 ? value >> (8 - bits) : value << (bits - 8) | value >> (16 - bits);
  };
  return component;
}

std::vector<Component> parts_of(const Image& image, std::uint32_t bits = 8) {
  std::vector<Component> components;
  for (std::size_t c = 0; c < image.channels + (image.has_alpha() ? 1 : 0); ++c)
    components.push_back(part_of(image, c, bits));
  return components;
}

Component constant(int value, std::uint32_t bits = 8) {
  return {bits, false, 1, 1, [=](auto, auto) { return value; }};
}

std::vector<std::byte> colour(std::uint32_t number) {
  auto data = bytes_of("\1\0\0"sv);
  append_big_endian(data, number, 4);
  return box("colr", data);
}

std::vector<std::byte> profile(std::string_view model) {
  auto data = bytes_of("\2\0\0"sv);
  append(data, std::vector<std::byte>(16));
  append(data, bytes_of(model));
  return box("colr", data);
}

std::vector<std::byte> definitions(const std::vector<std::array<std::uint32_t, 3>>& entries) {
  std::vector<std::byte> data;
  append_big_endian(data, static_cast<std::uint32_t>(entries.size()), 2);
  for (const auto& entry : entries) {
    for (const auto number : entry) append_big_endian(data, number, 2);
  }
  return box("cdef", data);
}

// A .jp2 file whose header box holds `header`.
std::vector<std::byte> jp2(const std::vector<std::byte>& codestream, const std::vector<std::byte>& header,
                           const std::vector<std::byte>& before = {},
                           const std::vector<std::byte>& behind = {}) {
  auto file = box("jP  ", bytes_of("\r\n\x87\n"));
  append(file, box("ftyp", bytes_of("jp2 \0\0\0\0jp2 "sv)));
  append(file, box("jp2h", header));
  append(file, before);
  append(file, box("jp2c", codestream));
  append(file, behind);
  return file;
}

std::vector<std::byte> concatenated(const std::vector<std::vector<std::byte>>& parts) {
  std::vector<std::byte> all;
  for (const auto& part : parts) append(all, part);
  return all;
}

TEST(Jpeg2000, GreyRgbAndAlphaComeBack) {
  for (const std::uint32_t channels : {1U, 3U}) {
    const Image opaque = make_picture(20, 12, channels);
    EXPECT_EQ(read_image(encode(parts_of(opaque)), "x").image, opaque);
    const Image translucent = with_alpha(opaque, 8);
    EXPECT_EQ(read_image(encode(parts_of(translucent)), "x").image, translucent);
    EXPECT_EQ(read_image(jp2(encode(parts_of(translucent)), colour(channels == 1 ? 17 : 16)), "x").image,
              translucent);
  }
}

TEST(Jpeg2000, OpenjpegsOwnFilesComeBack) {
  Image image = make_picture(20, 12, 3);
  Encoding encoding;
  encoding.format = OPJ_CODEC_JP2;
  encoding.space = OPJ_CLRSPC_SRGB;
  const Reading reading = read_image(encode(parts_of(image), encoding), "x");
  EXPECT_EQ(reading.image, image);
  EXPECT_TRUE(reading.notes.empty());
}

TEST(Jpeg2000, TilesOffsetsAndPrecinctsComeBack) {
  const Image image = make_picture(61, 47, 3);
  for (const std::uint32_t offset : {0U, 5U}) {
    Encoding encoding{61, 47, offset, offset};
    encoding.change = [](opj_cparameters_t& options) {
      options.tile_size_on = OPJ_TRUE;
      options.cp_tdx = 16;
      options.cp_tdy = 20;
      options.csty |= 1;
      options.res_spec = 1;
      options.prcw_init[0] = options.prch_init[0] = 32;
    };
    const auto file = encode(parts_of(image), encoding);
    EXPECT_EQ(read_image(file, "x").image, image) << offset;
    EXPECT_EQ(read_header(file, "x").width, 61U);
  }
}

TEST(Jpeg2000, AnyNumberOfBitsFillsTheRange) {
  for (const std::uint32_t bits : {1U, 2U, 4U, 7U, 8U, 9U, 10U, 12U, 16U}) {
    for (const bool is_signed : {false, true}) {
      const int largest = (1 << bits) - 1, shift = is_signed ? 1 << (bits - 1) : 0;
      const Component ramp{bits, is_signed, 1, 1, [=](std::uint32_t x, auto) {
                             return (x == 0 ? 0 : x == 1 ? largest : largest / 3) - shift;
                           }};
      const Image image = read_image(encode({ramp}), "x").image;
      EXPECT_EQ(image.bit_depth, bits > 8 ? 16U : 8U);
      const auto at = [&](std::size_t i) { return int{bits > 8 ? image.samples16[i] : image.samples[i]}; };
      const int white = bits > 8 ? 65535 : 255;
      EXPECT_EQ(at(0), 0) << bits;
      EXPECT_EQ(at(1), white) << bits;
      EXPECT_EQ(at(2), (largest / 3 * white + largest / 2) / largest) << bits;
    }
  }
}

TEST(Jpeg2000, ComponentsOfDifferentBitsAreScaledAlike) {
  const Image image = read_image(encode({constant(255), constant(1023, 10), constant(1, 1)}), "x").image;
  EXPECT_EQ(image.samples16, std::vector<std::uint16_t>(20 * 12 * 3, 65535));
}

TEST(Jpeg2000, ChannelsAreWhatTheirDefinitionSays) {
  // Alpha first, blue before red.
  const Image image = with_alpha(make_picture(20, 12, 3), 8);
  const auto codestream =
      encode({part_of(image, 3), part_of(image, 2), part_of(image, 1), part_of(image, 0)});
  const auto mixed = definitions({{0, 1, 0}, {1, 0, 3}, {2, 0, 2}, {3, 0, 1}});
  EXPECT_EQ(read_image(jp2(codestream, concatenated({colour(16), mixed})), "x").image, image);
  // A fourth channel that is not said to be alpha is none.
  Image opaque = image;
  opaque.alpha.clear();
  const auto aside = definitions({{0, 0, 1}, {1, 0, 2}, {2, 0, 3}, {3, 65535, 65535}});
  const auto reading = read_image(jp2(encode(parts_of(image)), concatenated({colour(16), aside})), "x");
  EXPECT_EQ(reading.image, opaque);
  EXPECT_EQ(reading.notes, std::vector<std::string>{"1 more channels, which are no colours: left out"});
}

TEST(Jpeg2000, ColoursThatWereMultipliedByAlphaAreDivided) {
  const auto codestream = encode({constant(50), constant(100), constant(0), constant(128)});
  const auto multiplied = definitions({{0, 0, 1}, {1, 0, 2}, {2, 0, 3}, {3, 2, 0}});
  const Image image = read_image(jp2(codestream, concatenated({colour(16), multiplied})), "x").image;
  EXPECT_EQ(image.samples[0], 100);
  EXPECT_EQ(image.samples[1], 199);
  EXPECT_EQ(image.alpha[0], 128);
}

TEST(Jpeg2000, PalettesAreApplied) {
  const Component index{2, false, 1, 1, [](std::uint32_t x, auto) { return static_cast<int>(x % 4); }};
  // Three colours: the last index has none, and takes the last.
  const auto palette = box("pclr", bytes_of("\0\3\3\7\7\7\1\2\3\4\5\6\xff\xfe\xfd"sv)),
             map = box("cmap", bytes_of("\0\0\1\0\0\0\1\1\0\0\1\2"sv));
  const auto file = jp2(encode({index}), concatenated({colour(16), palette, map}));
  const Image image = read_image(file, "x").image;
  ASSERT_EQ(image.channels, 3U);
  EXPECT_EQ((std::vector<std::uint8_t>(image.samples.begin(), image.samples.begin() + 12)),
            (std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 255, 254, 253, 255, 254, 253}));
  EXPECT_EQ(read_header(file, "x").channels, 3U);
  // Of 12 bits, and with an alpha column.
  const auto deep = box("pclr", bytes_of("\0\1\2\x0b\7\x0f\xff\x80"sv)),
             deep_map = box("cmap", bytes_of("\0\0\1\0\0\0\1\1"sv));
  const Image grey = read_image(jp2(encode({index}), concatenated({colour(17), deep, deep_map})), "x").image;
  EXPECT_EQ(grey.samples16[0], 65535);
  EXPECT_EQ(grey.alpha16[0], 128 * 257);
  for (const auto& bad : {palette, concatenated({palette, box("cmap", bytes_of("\0\1\1\0"sv))}),
                          concatenated({palette, box("cmap", bytes_of("\0\0\1\3"sv))}),
                          concatenated({box("pclr", bytes_of("\0\3\3\7\7\7\1"sv)), map}),
                          concatenated({box("pclr", bytes_of("\0\0\3\7\7\7"sv)), map})}) {
    EXPECT_EQ(error_of([&] { (void)read_image(jp2(encode({index}), bad), "x"); }).substr(0, 14),
              "3 x: damaged: ");
  }
}

// palette.jp2 and palette_ref.png of public reports, if $VAEC_TEST_CASES names their folder.
TEST(Jpeg2000, ThePaletteOfAPublicReportIsInColour) {
  const char* cases = std::getenv("VAEC_TEST_CASES");
  if (cases == nullptr) GTEST_SKIP() << "VAEC_TEST_CASES is not set: no files of reports to test with";
  const std::filesystem::path folder = cases;
  const auto read = [&](const char* name) {
    const std::string file = contents(folder / name);
    return read_image(std::as_bytes(std::span(file)), name).image;
  };
  const Image found = read("palette.jp2"), expected = read("palette_ref.png");
  EXPECT_EQ(found.channels, 3U);
  EXPECT_EQ(found.samples, expected.samples);
}

TEST(Jpeg2000, YccBecomesRgb) {
  // BT.601's red, of whole numbers; chroma of half the size.
  const auto chroma = [](int value) { return Component{8, false, 2, 2, [=](auto, auto) { return value; }}; };
  for (const std::uint32_t space : {18U, 24U}) {
    const Image image =
        read_image(jp2(encode({constant(76), chroma(85), chroma(255)}), colour(space)), "x").image;
    EXPECT_EQ(image.width, 20U);
    EXPECT_NEAR(image.samples[0], 254, 1);
    EXPECT_NEAR(image.samples[1], 0, 1);
    EXPECT_NEAR(image.samples[2], 0, 1);
    EXPECT_EQ(image.samples[0], image.samples[(20 * 12 - 1) * 3]);
  }
  // Nothing says so but the smaller components.
  EXPECT_GT(read_image(encode({constant(76), chroma(85), chroma(255)}), "x").image.samples[0], 250);
  const Image grey =
      read_image(jp2(encode({constant(700, 10), constant(512, 10), constant(512, 10)}), colour(18)), "x")
          .image;
  for (const auto sample : grey.samples16) ASSERT_EQ(sample, (700 * 65535 + 511) / 1023);
}

TEST(Jpeg2000, SmallerComponentsStandWhereTheyBelong) {
  // Components of RGB, one of them at every second place of an odd grid.
  const Component wide{8, false, 1, 1, [](std::uint32_t x, auto) { return static_cast<int>(x); }};
  const Component half{8, false, 2, 1, [](std::uint32_t x, auto) { return static_cast<int>(x); }};
  const Image image = read_image(jp2(encode({wide, wide, half}, {20, 12, 3, 0}), colour(16)), "x").image;
  for (std::uint32_t x = 0; x < 20; ++x) {
    EXPECT_EQ(image.samples[x * 3], x);
    EXPECT_EQ(image.samples[x * 3 + 2], x == 0 ? 0 : (x + 3) / 2 - 2) << x;
  }
  const Component third{8, false, 3, 1, [](auto, auto) { return 0; }};
  EXPECT_NE(error_of([&] {
              (void)read_image(encode({half, half, third}), "x");
            }).find("do not fit together"),
            std::string::npos);
  // All of them at every second place: that is the picture.
  EXPECT_EQ(read_image(encode({half}), "x").image.width, 10U);
}

TEST(Jpeg2000, CmykIsConverted) {
  const auto codestream = encode({constant(255), constant(0), constant(51), constant(0)});
  for (const auto& header : {colour(12), profile("CMYK")}) {
    const Reading reading = read_image(jp2(codestream, header), "x");
    EXPECT_EQ((std::vector<std::uint8_t>(reading.image.samples.begin(), reading.image.samples.begin() + 3)),
              (std::vector<std::uint8_t>{0, 255, 204}));
    const bool has_profile = header != colour(12);  // a header alone
    ASSERT_EQ(reading.notes.size(), has_profile ? 2U : 1U);
    if (has_profile) {
      EXPECT_EQ(reading.notes[0], "its colour profile (ICC) is damaged: left out");
    }
    EXPECT_EQ(reading.notes.back(), "CMYK, converted to sRGB without a profile: by R = (1 - C)(1 - K)");
    EXPECT_TRUE(reading.image.metadata.icc.empty());
  }
}

TEST(Jpeg2000, NamesWhatItDoesNotRead) {
  const auto rgb = encode(parts_of(make_picture(20, 12, 3)));
  const auto refusal = [](const std::vector<std::byte>& file) {
    return error_of([&] { (void)read_image(file, "x"); });
  };
  EXPECT_EQ(refusal(jp2(rgb, colour(14))).substr(0, 16), "3 x: is a CIELab");
  EXPECT_EQ(refusal(jp2(rgb, profile("Lab "))).substr(0, 16), "3 x: is a CIELab");
  EXPECT_NE(refusal(jp2(rgb, colour(21))).find("colour space 21"), std::string::npos);
  EXPECT_NE(refusal(encode({constant(1, 17)})).find("of 17 bits a sample"), std::string::npos);
  EXPECT_NE(refusal(encode(std::vector(6, constant(1)))).find("of 6 channels"), std::string::npos);
  EXPECT_NE(refusal(jp2(rgb, colour(16), {}, box("jp2c", rgb))).find("more than one frame"),
            std::string::npos);
  EXPECT_EQ(refusal(jp2({}, colour(16))), "3 x: damaged: the JPEG 2000 file holds no codestream");
}

TEST(Jpeg2000, GivesWhatItsBoxesHold) {
  const auto xmp = bytes_of("<x:xmpmeta/>"), exif = make_exif(6);
  const auto xmp_box = box(
                 "uuid",
                 concatenated(
                     {bytes_of("\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac"sv), xmp})),
             exif_box = box("uuid", concatenated({bytes_of("JpgTiffExif->JP2"), exif})),
             // 300 dpi across, 150 down: 11811 and 5906 a metre.
      resolution = box("res ", box("resc", bytes_of("\x17\x12\0\x01\x2e\x23\0\x01\0\0"sv))),
             icc = profile("RGB ");
  const auto codestream =
      encode(parts_of(make_picture(20, 12, 3)), {20, 12, 0, 0, OPJ_CODEC_J2K, {}, [](auto& options) {
                                                   static char comment[] = "a sm\xf6rg\xe5s";
                                                   options.cp_comment = comment;
                                                 }});
  const auto file = jp2(codestream, concatenated({icc, resolution}), xmp_box, exif_box);
  const Content content = jpeg2000_format().read(file, {});
  EXPECT_EQ(content.icc, std::vector<std::byte>(icc.begin() + 11, icc.end()));
  EXPECT_EQ(content.xmp, xmp);
  ASSERT_EQ(content.exif.size(), 1U);
  EXPECT_EQ(content.exif[0], exif);
  EXPECT_EQ(content.resolution, (Resolution{Resolution::Unit::kMetre, 11811000, 5906000}));
  EXPECT_EQ(content.orientation, std::nullopt);
  ASSERT_EQ(content.texts.size(), 1U);
  EXPECT_EQ(content.texts[0].text, "a smörgås");
  EXPECT_TRUE(content.notes.empty());
  const auto told =
      jpeg2000_format().read(jp2(codestream, {}, box("xml ", bytes_of("<a/>")), bytes_of("junk")), {});
  EXPECT_EQ(told.notes, (std::vector<std::string>{"4 bytes behind the picture: left out",
                                                  "XML that is no XMP: left out"}));
}

TEST(Jpeg2000, LimitsAreTestedBeforeAnythingIsAllocated) {
  auto file = encode(parts_of(make_picture(20, 12, 3)));
  const auto set = [&](std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) file[offset + i] = static_cast<std::byte>(value >> (24 - 8 * i));
  };
  constexpr std::size_t kRight = 8, kBottom = 12, kTileWidth = 24, kTileHeight = 28;
  set(kRight, 2000000000);
  set(kBottom, 2000000000);
  set(kTileWidth, 2000000000);
  set(kTileHeight, 2000000000);
  EXPECT_EQ(error_of([&] { (void)read_image(file, "x"); }).substr(0, 33),
            "5 x: is 2000000000x2000000000 pix");
  set(kRight, 250);
  set(kBottom, 250);
  set(kTileWidth, 1);
  set(kTileHeight, 1);
  EXPECT_NE(error_of([&] { (void)read_image(file, "x"); }).find("62500 tiles"), std::string::npos);
  set(kRight, 20000);
  EXPECT_EQ(error_of([&] { (void)read_image(file, "x"); }),
            "3 x: damaged: the JPEG 2000 file says more tiles than it can have");
}

// openjpeg would make tables of hundreds of bytes for each precinct and code-block.
TEST(Jpeg2000, TablesThatAFewBytesAskForAreRefused) {
  Encoding encoding;
  encoding.change = [](opj_cparameters_t& options) {
    options.csty |= 1;
    options.res_spec = 1;
    options.prcw_init[0] = options.prch_init[0] = 64;
  };
  auto file = encode({constant(3)}, encoding);
  const auto cod = std::search(file.begin(), file.end(), std::begin("\xff\x52"), std::begin("\xff\x52") + 2,
                               [](std::byte a, char b) { return a == static_cast<std::byte>(b); });
  ASSERT_NE(cod, file.end());
  const auto at = static_cast<std::size_t>(cod - file.begin());
  auto set = [&](std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) file[offset + i] = static_cast<std::byte>(value >> (24 - 8 * i));
  };
  for (const std::size_t side : {8, 12, 24, 28}) set(side, 16000);
  file[at + 14 + 2] = std::byte{0x11};  // precincts of 2x2 in the largest resolution
  EXPECT_NE(error_of([&] { (void)read_image(file, "x"); }).find("more packets than it can hold"),
            std::string::npos);
  file[at + 14 + 2] = std::byte{0xff};
  file[at + 10] = file[at + 11] = std::byte{0};  // code-blocks of 4x4
  EXPECT_NE(error_of([&] { (void)read_image(file, "x"); }).find("too much memory"), std::string::npos);
}

TEST(Jpeg2000, ATruncatedCodestreamIsReadAsFarAsItGoesOnRequest) {
  const Image image = make_picture(61, 47, 3);
  Encoding encoding{61, 47};
  encoding.change = [](opj_cparameters_t& options) {
    options.tile_size_on = OPJ_TRUE;
    options.cp_tdx = options.cp_tdy = 16;
  };
  const auto codestream = encode(parts_of(image), encoding);
  ReadOptions options;
  options.allows_damage = true;
  for (const auto& file : {codestream, jp2(codestream, colour(16))}) {
    const auto half = std::span(file).first(file.size() / 2);
    EXPECT_EQ(error_of([&] { (void)read_image(half, "x"); }).substr(0, 16), "3 x: truncated: ");
    const Reading damaged = read_image(half, "x", {}, options);
    ASSERT_EQ(damaged.notes.size(), 1U);
    EXPECT_TRUE(damaged.notes[0].starts_with("damaged: ")) << damaged.notes[0];
    EXPECT_EQ(damaged.image.width, 61U);
    EXPECT_TRUE(
        std::equal(image.samples.begin(), image.samples.begin() + 61 * 3, damaged.image.samples.begin()));
    EXPECT_FALSE(
        std::equal(image.samples.end() - 61 * 3, image.samples.end(), damaged.image.samples.end() - 61 * 3));
  }
  // A tile that is not there at all, and all that is there whole.
  const std::vector<std::byte> sot = bytes_of("\xff\x90"sv);
  const auto last = std::find_end(codestream.begin(), codestream.end(), sot.begin(), sot.end());
  std::vector<std::byte> without(codestream.begin(), last);
  append(without, bytes_of("\xff\xd9"sv));
  EXPECT_EQ(error_of([&] { (void)read_image(without, "x"); }),
            "3 x: truncated: parts of the JPEG 2000 codestream are missing");
}

TEST(Jpeg2000, AMissingEndMarkerIsTold) {
  auto file = encode(parts_of(make_picture(20, 12, 3)));
  file.resize(file.size() - 2);
  const Reading reading = read_image(file, "x");
  EXPECT_EQ(reading.image, make_picture(20, 12, 3));
  EXPECT_EQ(reading.notes, std::vector<std::string>{"the JPEG 2000 codestream has no end marker"});
}

TEST(Jpeg2000, TruncatedOrDamagedIsAPictureOrAnError) {
  const Component index{2, false, 1, 1, [](std::uint32_t x, auto) { return static_cast<int>(x % 4); }};
  const auto palette = box("pclr", bytes_of("\0\3\3\7\7\7\1\2\3\4\5\6\xff\xfe\xfd"sv)),
             map = box("cmap", bytes_of("\0\0\1\0\0\0\1\1\0\0\1\2"sv));
  Encoding small{9, 5};
  const Image image = with_alpha(make_picture(9, 5, 3), 8);
  const auto defined = definitions({{0, 0, 1}, {1, 0, 2}, {2, 0, 3}, {3, 2, 0}});
  for (const auto& file : {jp2(encode({index}, small), concatenated({colour(16), palette, map})),
                           jp2(encode(parts_of(image), small), concatenated({colour(16), defined}))}) {
    expect_every_truncation_is_an_error(file);
    expect_every_damaged_byte_is_borne(file);
  }
  small.change = [](opj_cparameters_t& options) {
    options.tile_size_on = OPJ_TRUE;
    options.cp_tdx = options.cp_tdy = 4;
    options.csty |= 7;
    options.res_spec = 1;
    options.prcw_init[0] = options.prch_init[0] = 4;
    options.irreversible = 1;
    options.tcp_mct = 1;
  };
  expect_every_damaged_byte_is_borne(encode(parts_of(make_picture(9, 5, 3)), small));
}

}  // namespace
}  // namespace vaec::image
