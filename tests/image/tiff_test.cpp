// TIFF: files of all kinds, made with libtiff; what is written is judged with libtiff.
#include <gtest/gtest.h>
#include <tiffio.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>

#include "image/hostile.hpp"
#include "image/make_picture.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/parts.hpp"
#include "image/read.hpp"
#include "image/write.hpp"
#include "temporary_folder.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

// libtiff's own messages are of no interest here.
class Tiff : public testing::Test {
 protected:
  void SetUp() override {
    TIFFSetErrorHandler(nullptr);
    TIFFSetWarningHandler(nullptr);
  }
};

struct Kind {
  std::uint32_t width = 21, height = 13;
  int samples = 1, bits = 8;
  int photometric = PHOTOMETRIC_MINISBLACK;
  int planes = PLANARCONFIG_CONTIG;
  int tile = 0;  // 0: strips
  int rows = 5;  // a strip
  int compression = COMPRESSION_NONE;
  int predictor = PREDICTOR_NONE;
  int fill_order = FILLORDER_MSB2LSB;
  std::vector<std::uint16_t> extra = {};
  std::vector<std::uint16_t> palette = {};  // red, green, blue
  std::function<void(TIFF*)> more = {};
  std::string mode = "wl";
};

using Values = std::vector<std::uint32_t>;  // all samples of a pixel, then those of the next one

// With 0 and the largest among them.
Values make_values(const Kind& kind) {
  Values values(kind.width * kind.height * static_cast<std::size_t>(kind.samples));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::uint32_t>((i * 2654435761U >> 7) % (std::uint64_t{1} << kind.bits));
  std::fill_n(values.begin(), 4, 0U);
  std::fill_n(values.begin() + 4, 4, static_cast<std::uint32_t>((std::uint64_t{1} << kind.bits) - 1));
  return values;
}

// A row as libtiff takes it: 8 and 16 bits as the machine has them, others with the largest bit first.
std::vector<std::uint8_t> pack(const Values& row, int bits) {
  std::vector<std::uint8_t> bytes((row.size() * static_cast<std::size_t>(bits) + 7) / 8);
  std::size_t at = 0;
  for (const auto value : row) {
    if (bits == 16 || bits == 32) {
      for (int i = 0; i < bits / 8; ++i, at += 8)
        bytes[at / 8] = static_cast<std::uint8_t>(value >> 8 * i & 0xff);
      continue;
    }
    for (int bit = bits - 1; bit >= 0; --bit, ++at)
      bytes[at / 8] = static_cast<std::uint8_t>(bytes[at / 8] | (value >> bit & 1) << (7 - at % 8));
  }
  return bytes;
}

void write_directory(TIFF* tiff, const Kind& kind, const Values& values) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kind.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kind.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind.planes);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
  TIFFSetField(tiff, TIFFTAG_FILLORDER, kind.fill_order);
  if (kind.predictor != PREDICTOR_NONE) TIFFSetField(tiff, TIFFTAG_PREDICTOR, kind.predictor);
  if (!kind.extra.empty())
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(kind.extra.size()), kind.extra.data());
  if (!kind.palette.empty()) {
    const auto* map = kind.palette.data();
    const std::size_t size = kind.palette.size() / 3;
    TIFFSetField(tiff, TIFFTAG_COLORMAP, map, map + size, map + 2 * size);
  }
  if (kind.more) kind.more(tiff);
  const auto samples = static_cast<std::uint32_t>(kind.samples);
  const bool apart = kind.planes == PLANARCONFIG_SEPARATE;
  const auto row_of = [&](std::uint32_t x, std::uint32_t y, std::uint32_t count, std::uint32_t sample) {
    Values row;
    for (std::uint32_t i = x; i < x + count; ++i) {
      for (std::uint32_t s = apart ? sample : 0; s < (apart ? sample + 1 : samples); ++s) {
        const bool is_inside = i < kind.width && y < kind.height;
        row.push_back(is_inside ? values[(y * kind.width + i) * samples + s] : 0);
      }
    }
    return pack(row, kind.bits);
  };
  if (kind.tile == 0) {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rows);
    for (std::uint16_t s = 0; s < (apart ? samples : 1); ++s) {
      for (std::uint32_t y = 0; y < kind.height; ++y) {
        auto row = row_of(0, y, kind.width, s);
        ASSERT_EQ(TIFFWriteScanline(tiff, row.data(), y, s), 1);
      }
    }
    return;
  }
  const auto side = static_cast<std::uint32_t>(kind.tile);
  TIFFSetField(tiff, TIFFTAG_TILEWIDTH, side);
  TIFFSetField(tiff, TIFFTAG_TILELENGTH, side);
  for (std::uint16_t s = 0; s < (apart ? samples : 1); ++s) {
    for (std::uint32_t y = 0; y < kind.height; y += side) {
      for (std::uint32_t x = 0; x < kind.width; x += side) {
        std::vector<std::uint8_t> tile;
        for (std::uint32_t row = y; row < y + side; ++row) {
          const auto bytes = row_of(x, row, side, s);
          tile.insert(tile.end(), bytes.begin(), bytes.end());
        }
        ASSERT_GT(TIFFWriteTile(tiff, tile.data(), x, y, 0, s), 0);
      }
    }
  }
}

using Directory = std::pair<Kind, Values>;

std::vector<std::byte> make_tiff(const std::vector<Directory>& directories) {
  const TemporaryFolder folder;
  const auto path = folder / "a.tif";
  TIFF* tiff = TIFFOpen(path.c_str(), directories[0].first.mode.c_str());
  for (const auto& [kind, values] : directories) {
    write_directory(tiff, kind, values);
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  return bytes_of(contents(path));
}

std::vector<std::byte> make_tiff(const Kind& kind, const Values& values) {
  return make_tiff(std::vector<Directory>{{kind, values}});
}

std::vector<std::byte> make_tiff(const Kind& kind) { return make_tiff(kind, make_values(kind)); }

std::string refusal_of(const std::vector<std::byte>& file) {
  return error_of([&] { (void)read_image(file, "x"); });
}

bool says(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

std::string notes_of(const std::vector<std::byte>& file, const ReadOptions& options = {}) {
  std::string all;
  for (const auto& note : read_image(file, "x", {}, options).notes) all += note + "\n";
  return all;
}

// Samples of either depth.
Values samples_of(const Image& image) {
  return image.bit_depth == 16 ? Values(image.samples16.begin(), image.samples16.end())
                               : Values(image.samples.begin(), image.samples.end());
}
Values alpha_of(const Image& image) {
  return image.bit_depth == 16 ? Values(image.alpha16.begin(), image.alpha16.end())
                               : Values(image.alpha.begin(), image.alpha.end());
}

std::uint32_t scaled(std::uint32_t value, int bits) {
  const std::uint64_t from = (1U << bits) - 1, to = bits > 8 ? 65535 : 255;
  return static_cast<std::uint32_t>(
      std::lround(static_cast<double>(value) * static_cast<double>(to) / static_cast<double>(from)));
}

// Every `step`th, from `first` on, scaled.
Values chosen(const Values& values, const Kind& kind, std::initializer_list<std::size_t> samples) {
  Values result;
  for (std::size_t i = 0; i < values.size(); i += static_cast<std::size_t>(kind.samples)) {
    for (const auto s : samples) result.push_back(scaled(values[i + s], kind.bits));
  }
  return result;
}

TEST_F(Tiff, EveryDepthInEveryLayout) {
  for (const int bits : {1, 2, 4, 6, 8, 10, 12, 14, 16}) {
    for (const int planes : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
      for (const int tile : {0, 16}) {
        for (const int fill_order : {FILLORDER_MSB2LSB, FILLORDER_LSB2MSB}) {
          for (const std::string mode : {"wl", "wb", "wl8", "wb8"}) {
            Kind kind{.samples = 3, .bits = bits, .photometric = PHOTOMETRIC_RGB, .planes = planes};
            kind.tile = tile;
            kind.fill_order = fill_order;
            kind.mode = mode;
            const auto values = make_values(kind);
            const Reading reading = read_image(make_tiff(kind, values), "x");
            ASSERT_EQ(samples_of(reading.image), chosen(values, kind, {0, 1, 2}))
                << bits << " " << planes << " " << tile << " " << fill_order << " " << mode;
            EXPECT_EQ(reading.image.bit_depth, bits > 8 ? 16U : 8U);
            EXPECT_FALSE(reading.image.has_alpha());
            EXPECT_TRUE(reading.notes.empty());
          }
        }
      }
    }
  }
}

TEST_F(Tiff, GreyOfBothSigns) {
  for (const int bits : {1, 2, 4, 8, 10, 12, 14, 16}) {
    for (const int photometric : {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE}) {
      const Kind kind{.bits = bits, .photometric = photometric};
      const auto values = make_values(kind);
      auto expected = chosen(values, kind, {0});
      if (photometric == PHOTOMETRIC_MINISWHITE) {
        for (auto& value : expected) value = (bits > 8 ? 65535 : 255) - value;
      }
      const Image image = read_image(make_tiff(kind, values), "x").image;
      EXPECT_EQ(image.channels, 1U);
      EXPECT_EQ(samples_of(image), expected) << bits << " " << photometric;
    }
  }
}

// As v * 257, as v * 256, as it is, and with all its bits.
TEST_F(Tiff, PalettesOfEveryDepth) {
  for (const int bits : {1, 2, 4, 8, 16}) {
    for (const std::uint32_t times : {257U, 256U, 1U, 0U}) {
      Kind kind{.bits = bits, .photometric = PHOTOMETRIC_PALETTE};
      Values colours(std::size_t{3} << bits);
      for (std::size_t i = 0; i < colours.size(); ++i)
        colours[i] = static_cast<std::uint32_t>(i * 40503 % (times == 0 ? 65521 : 251));
      for (const auto colour : colours)
        kind.palette.push_back(static_cast<std::uint16_t>(times == 0 ? colour : colour * times));
      if (times == 0) kind.palette[1] = 1234;  // neither v * 256 nor v * 257, even of two colours
      const auto values = make_values(kind);
      Values expected;
      for (const auto value : values) {
        for (std::size_t c = 0; c < 3; ++c)
          expected.push_back(times == 0 ? kind.palette[(c << bits) + value] : colours[(c << bits) + value]);
      }
      const Image image = read_image(make_tiff(kind, values), "x").image;
      EXPECT_EQ(image.bit_depth, times == 0 ? 16U : 8U) << bits << " " << times;
      EXPECT_EQ(samples_of(image), expected) << bits << " " << times;
    }
  }
}

TEST_F(Tiff, AFourthSampleOfNoMeaningIsNoAlpha) {
  for (const int bits : {8, 12, 16}) {
    for (const int planes : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
      for (const bool is_stated : {true, false}) {
        Kind kind{.samples = 4, .bits = bits, .photometric = PHOTOMETRIC_RGB, .planes = planes};
        if (is_stated) kind.extra = {EXTRASAMPLE_UNSPECIFIED};
        auto values = make_values(kind);
        for (std::size_t i = 3; i < values.size(); i += 4) values[i] = 0;
        const auto file = make_tiff(kind, values);
        const Reading reading = read_image(file, "x");
        EXPECT_FALSE(reading.image.has_alpha());
        EXPECT_EQ(samples_of(reading.image), chosen(values, kind, {0, 1, 2})) << bits << " " << planes;
        EXPECT_EQ(notes_of(file), "a fourth sample of no stated meaning: left out\n");
      }
    }
  }
  const Kind grey{.samples = 2, .extra = {EXTRASAMPLE_UNSPECIFIED}};
  EXPECT_EQ(notes_of(make_tiff(grey)), "a second sample of no stated meaning: left out\n");
  EXPECT_EQ(read_image(make_tiff(grey), "x").image.channels, 1U);
}

// The first alpha counts, wherever it stands.
TEST_F(Tiff, MoreSamplesAreLeftOutAndTold) {
  for (const int planes : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
    Kind kind{.samples = 6, .photometric = PHOTOMETRIC_RGB, .planes = planes};
    kind.extra = {EXTRASAMPLE_UNSPECIFIED, EXTRASAMPLE_UNASSALPHA, EXTRASAMPLE_UNSPECIFIED};
    const auto values = make_values(kind);
    const auto file = make_tiff(kind, values);
    const Image image = read_image(file, "x").image;
    EXPECT_EQ(samples_of(image), chosen(values, kind, {0, 1, 2}));
    EXPECT_EQ(alpha_of(image), chosen(values, kind, {4}));
    EXPECT_EQ(notes_of(file), "2 more samples a pixel: left out\n");
  }
}

TEST_F(Tiff, UnassociatedAlphaKeepsTheColours) {
  for (const int bits : {4, 8, 12, 16}) {
    for (const int planes : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
      Kind kind{.samples = 4, .bits = bits, .photometric = PHOTOMETRIC_RGB, .planes = planes};
      kind.extra = {EXTRASAMPLE_UNASSALPHA};
      auto values = make_values(kind);
      for (std::size_t i = 3; i < values.size(); i += 4) values[i] %= 3;  // all but transparent
      const Image image = read_image(make_tiff(kind, values), "x").image;
      EXPECT_EQ(samples_of(image), chosen(values, kind, {0, 1, 2})) << bits;
      EXPECT_EQ(alpha_of(image), chosen(values, kind, {3})) << bits;
    }
  }
  const Kind grey{.samples = 2, .extra = {EXTRASAMPLE_UNASSALPHA}};
  const auto values = make_values(grey);
  const Image image = read_image(make_tiff(grey, values), "x").image;
  EXPECT_EQ(samples_of(image), chosen(values, grey, {0}));
  EXPECT_EQ(alpha_of(image), chosen(values, grey, {1}));
}

TEST_F(Tiff, AssociatedAlphaIsDividedOut) {
  Kind kind{.width = 4, .height = 1, .samples = 4, .photometric = PHOTOMETRIC_RGB};
  kind.extra = {EXTRASAMPLE_ASSOCALPHA};
  const Image image =
      read_image(make_tiff(kind, {9, 9, 9, 0, 1, 2, 3, 3, 100, 50, 0, 200, 7, 8, 9, 255}), "x").image;
  EXPECT_EQ(samples_of(image), (Values{0, 0, 0, 85, 170, 255, 128, 64, 0, 7, 8, 9}));
  EXPECT_EQ(alpha_of(image), (Values{0, 3, 200, 255}));
  Kind deep{.width = 2, .height = 1, .samples = 2, .bits = 16, .extra = {EXTRASAMPLE_ASSOCALPHA}};
  const Image grey = read_image(make_tiff(deep, {1000, 3000, 60000, 30000}), "x").image;
  EXPECT_EQ(samples_of(grey), (Values{21845, 65535}));  // more than its alpha: white
}

TEST_F(Tiff, CmykBecomesRgb) {
  for (const int bits : {8, 16}) {
    for (const int planes : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
      Kind kind{.width = 3, .height = 1, .samples = 4, .bits = bits, .photometric = PHOTOMETRIC_SEPARATED};
      kind.planes = planes;
      const std::uint32_t most = bits == 8 ? 255 : 65535;
      const auto file = make_tiff(kind, {0, 0, 0, 0, most, 0, 0, 0, 0, 0, 0, most});
      const Image image = read_image(file, "x").image;
      EXPECT_EQ(samples_of(image), (Values{most, most, most, 0, most, most, 0, 0, 0}));
      const std::string plain = "CMYK, converted to sRGB without a profile: by R = (1 - C)(1 - K)\n";
      EXPECT_EQ(notes_of(file), plain);
      for (const auto& [icc, why] : std::initializer_list<std::pair<std::vector<std::byte>, std::string>>{
               {rgb_profile({}, 2.2), "its colour profile (ICC) is of RGB, the picture CMYK: left out\n"},
               {bytes_of("no profile"), "its colour profile (ICC) is damaged: left out\n"}}) {
        kind.more = [profile = icc](TIFF* tiff) {
          TIFFSetField(tiff, TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(profile.size()), profile.data());
        };
        EXPECT_EQ(notes_of(make_tiff(kind, {0, 0, 0, 0, most, 0, 0, 0, 0, 0, 0, most})), why + plain);
      }
    }
  }
}

// A copy of the picture in each, which is one of few colours.
TEST_F(Tiff, EveryCompressionOfLibtiff) {
  for (const int compression : {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,
                                COMPRESSION_PACKBITS, COMPRESSION_LZMA, COMPRESSION_ZSTD}) {
    if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(compression)) == 0) continue;
    for (const int planes : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
      for (const int bits : {8, 16}) {
        for (const int predictor : {PREDICTOR_NONE, PREDICTOR_HORIZONTAL}) {
          Kind kind{.samples = 3, .bits = bits, .photometric = PHOTOMETRIC_RGB, .planes = planes};
          kind.compression = compression;
          if (compression != COMPRESSION_PACKBITS) kind.predictor = predictor;
          const auto values = make_values(kind);
          EXPECT_EQ(samples_of(read_image(make_tiff(kind, values), "x").image),
                    chosen(values, kind, {0, 1, 2}))
              << compression << " " << planes << " " << bits << " " << predictor;
        }
      }
    }
  }
  for (const int compression : {COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4}) {
    for (const int fill_order : {FILLORDER_MSB2LSB, FILLORDER_LSB2MSB}) {
      Kind kind{.bits = 1, .photometric = PHOTOMETRIC_MINISWHITE, .compression = compression};
      kind.fill_order = fill_order;
      const auto values = make_values(kind);
      auto expected = chosen(values, kind, {0});
      for (auto& value : expected) value = 255 - value;
      EXPECT_EQ(samples_of(read_image(make_tiff(kind, values), "x").image), expected) << compression;
    }
  }
}

// Whose samples JPEG stores as YCbCr, with fewer colours.
TEST_F(Tiff, JpegInTiffIsRgb) {
  for (const int photometric : {PHOTOMETRIC_RGB, PHOTOMETRIC_YCBCR}) {
    for (const int tile : {0, 32}) {
      Kind kind{.width = 64, .height = 32, .samples = 3, .photometric = photometric};
      kind.rows = 16;
      kind.tile = tile;
      kind.compression = COMPRESSION_JPEG;
      kind.more = [&](TIFF* tiff) {
        TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 100);
        if (photometric == PHOTOMETRIC_YCBCR) TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      };
      Values values;
      for (std::size_t i = 0; i < 64U * 32U; ++i) values.insert(values.end(), {200, 100, 50});
      const auto samples = samples_of(read_image(make_tiff(kind, values), "x").image);
      for (std::size_t i = 0; i < samples.size(); ++i)
        ASSERT_NEAR(samples[i], (Values{200, 100, 50})[i % 3], 2) << photometric << " " << tile;
    }
  }
}

// Not in JPEG: four brightnesses to a pair of colours.
TEST_F(Tiff, YcbcrOfFewerColours) {
  const TemporaryFolder folder;
  const auto path = folder / "a.tif";
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  for (const auto& [tag, value] :
       std::initializer_list<std::pair<std::uint32_t, int>>{{TIFFTAG_IMAGEWIDTH, 4},
                                                            {TIFFTAG_IMAGELENGTH, 4},
                                                            {TIFFTAG_BITSPERSAMPLE, 8},
                                                            {TIFFTAG_SAMPLESPERPIXEL, 3},
                                                            {TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR},
                                                            {TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG},
                                                            {TIFFTAG_ROWSPERSTRIP, 4},
                                                            {TIFFTAG_ORIENTATION, 6}}) {
    TIFFSetField(tiff, tag, value);
  }
  TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 2, 2);
  std::vector<std::uint8_t> blocks;  // white and black above, grey below, the last one red
  for (const auto& [y, cb, cr] : {std::array{255, 128, 128}, {0, 128, 128}, {100, 128, 128}, {76, 85, 255}}) {
    blocks.insert(blocks.end(), 4, static_cast<std::uint8_t>(y));
    blocks.push_back(static_cast<std::uint8_t>(cb));
    blocks.push_back(static_cast<std::uint8_t>(cr));
  }
  ASSERT_EQ(TIFFWriteRawStrip(tiff, 0, blocks.data(), static_cast<tmsize_t>(blocks.size())), 24);
  TIFFClose(tiff);
  const auto file = bytes_of(contents(path));
  const Content content = format_of(FileFormat::kTiff)->read(file, {});
  const auto pixel = [&](std::size_t x, std::size_t y) {
    const auto* at = content.image.samples.data() + (y * 4 + x) * 3;
    return Values{at[0], at[1], at[2]};
  };
  EXPECT_EQ(pixel(1, 1), (Values{255, 255, 255}));
  EXPECT_EQ(pixel(2, 0), (Values{0, 0, 0}));
  EXPECT_EQ(pixel(0, 3), (Values{100, 100, 100}));
  EXPECT_NEAR(pixel(3, 3)[0], 254, 1);
  EXPECT_LE(pixel(3, 3)[1], 2U);
  EXPECT_EQ(content.orientation, 6);
}

TEST_F(Tiff, WhatIsNotReadIsNamed) {
  const auto with = [](int photometric, int samples, int bits, const std::function<void(TIFF*)>& more = {}) {
    Kind kind{.samples = samples, .bits = bits, .photometric = photometric};
    kind.more = more;
    return refusal_of(make_tiff(kind));
  };
  const auto format = [](int value) {
    return [value](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, value); };
  };
  EXPECT_TRUE(
      says(with(PHOTOMETRIC_CIELAB, 3, 8), "is a CIE L*a*b* TIFF picture, which this version cannot read"));
  EXPECT_TRUE(says(with(PHOTOMETRIC_MASK, 1, 1), "is a transparency mask, which"));
  EXPECT_TRUE(says(with(PHOTOMETRIC_CFA, 1, 16), "is a camera's raw file"));
  EXPECT_TRUE(says(with(34892, 3, 16), "is a camera's raw file"));
  EXPECT_TRUE(says(with(4711, 3, 16), "photometric interpretation 4711"));
  EXPECT_TRUE(says(with(PHOTOMETRIC_RGB, 3, 16, format(SAMPLEFORMAT_INT)), "no integers of 8 or 16 bits"));
  EXPECT_TRUE(
      says(with(PHOTOMETRIC_MINISBLACK, 1, 16, format(SAMPLEFORMAT_IEEEFP)), "no integers of 8 or 16 bits"));
  EXPECT_TRUE(says(with(PHOTOMETRIC_RGB, 3, 32), "no integers of 8 or 16 bits"));
  EXPECT_TRUE(says(with(PHOTOMETRIC_RGB, 3, 24), "no integers of 8 or 16 bits"));
  EXPECT_TRUE(says(with(PHOTOMETRIC_SEPARATED, 4, 8,
                        [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_INKSET, INKSET_MULTIINK); }),
                   "of other inks than CMYK"));
  EXPECT_TRUE(says(with(PHOTOMETRIC_RGB, 3, 8, [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_IMAGEDEPTH, 2); }),
                   "of several slices"));
}

// --- Several directories

std::function<void(TIFF*)> of_type(int type) {
  return [type](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, type); };
}

Directory page(std::uint32_t width, std::uint32_t height, const std::function<void(TIFF*)>& more = {}) {
  Kind kind{.width = width, .height = height, .more = more};
  return {kind, make_values(kind)};
}

TEST_F(Tiff, SmallerCopiesAreLeftOutWhereverTheyStand) {
  const auto picture = page(60, 40), stated = page(60, 40, of_type(0)),
             overview = page(30, 20, of_type(FILETYPE_REDUCEDIMAGE)),
             large = page(59, 40, of_type(FILETYPE_REDUCEDIMAGE)), copy = page(30, 20),
             thumbnail = page(10, 7), old = page(30, 20, [](TIFF*tiff) {
                                        TIFFSetField(tiff, TIFFTAG_OSUBFILETYPE, OFILETYPE_REDUCEDIMAGE);
                                      });
  const std::vector<std::pair<std::vector<Directory>, std::string>> files = {
      {{picture, overview}, "1 smaller copy in it: left out\n"},
      {{overview, picture}, "1 smaller copy in it: left out\n"},
      {{stated, large, overview}, "2 smaller copies in it: left out\n"},
      {{picture, old}, "1 smaller copy in it: left out\n"},
      {{picture, copy}, "1 smaller copy in it: left out\n"},
      {{thumbnail, stated}, "1 smaller copy in it: left out\n"},
      {{picture, copy, thumbnail}, "2 smaller copies in it: left out\n"},
      {{overview}, ""}};
  for (const auto& [directories, notes] : files) {
    const auto file = make_tiff(directories);
    EXPECT_EQ(notes_of(file), notes);
    const Image image = read_image(file, "x").image;
    if (directories.size() == 1) continue;
    EXPECT_EQ(image.width, 60U);
    EXPECT_EQ(samples_of(image), picture.second);
    EXPECT_EQ(read_header(file, "x").width, 60U);
  }
}

TEST_F(Tiff, AMaskIsLeftOutAndTold) {
  Kind mask{
      .width = 60, .height = 40, .bits = 1, .photometric = PHOTOMETRIC_MASK, .more = of_type(FILETYPE_MASK)};
  EXPECT_EQ(notes_of(make_tiff({page(60, 40), {mask, make_values(mask)}})),
            "1 transparency mask in it: left out\n");
}

TEST_F(Tiff, SeveralPagesAreRefused) {
  const auto numbered = [](int number) {
    return [number](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_PAGENUMBER, number, 2); };
  };
  for (const auto& directories :
       std::vector<std::vector<Directory>>{{page(60, 40), page(60, 40)},
                                           {page(60, 40), page(59, 40)},
                                           {page(60, 40), page(30, 22)},  // of another shape
                                           {page(60, 40), page(30, 20, numbered(1))},
                                           {page(60, 40), page(30, 20, of_type(FILETYPE_PAGE))},
                                           {page(60, 40, of_type(0)), page(30, 20, of_type(0))}}) {
    EXPECT_EQ(refusal_of(make_tiff(directories)),
              "3 x: holds more than one frame or page, which this version cannot code: extract them first");
  }
  EXPECT_EQ(notes_of(make_tiff({page(60, 40, numbered(0))})), "");
  EXPECT_TRUE(
      says(refusal_of(make_tiff(std::vector<Directory>(150, page(4, 4, of_type(FILETYPE_REDUCEDIMAGE))))),
           "more than one frame or page"));
}

// Overviews below the picture; raw data below a thumbnail.
TEST_F(Tiff, DirectoriesBelowThePicture) {
  const auto with_below = [](int type, const std::function<void(TIFF*)>& below, int photometric) {
    const TemporaryFolder folder;
    const auto path = folder / "a.tif";
    TIFF* tiff = TIFFOpen(path.c_str(), "w");
    std::uint64_t offsets[1] = {0};
    Kind kind{.width = 60, .height = 40, .more = [&](TIFF* to) {
                TIFFSetField(to, TIFFTAG_SUBFILETYPE, type);
                TIFFSetField(to, TIFFTAG_SUBIFD, 1, offsets);
              }};
    write_directory(tiff, kind, make_values(kind));
    TIFFWriteDirectory(tiff);
    Kind sub{.width = 30, .height = 20, .photometric = photometric, .more = below};
    write_directory(tiff, sub, make_values(sub));
    TIFFWriteDirectory(tiff);
    TIFFClose(tiff);
    return bytes_of(contents(path));
  };
  const auto overview = of_type(FILETYPE_REDUCEDIMAGE);
  EXPECT_EQ(notes_of(with_below(0, overview, PHOTOMETRIC_MINISBLACK)), "1 smaller copy in it: left out\n");
  EXPECT_EQ(read_image(with_below(0, overview, PHOTOMETRIC_MINISBLACK), "x").image.width, 60U);
  EXPECT_TRUE(says(refusal_of(with_below(0, of_type(0), PHOTOMETRIC_CFA)), "is a camera's raw file"));
  EXPECT_TRUE(says(refusal_of(with_below(FILETYPE_REDUCEDIMAGE, of_type(0), PHOTOMETRIC_MINISBLACK)),
                   "is a camera's raw file"));
}

std::uint32_t number_at(const std::vector<std::byte>& file, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) number = number << 8 | std::to_integer<std::uint32_t>(file.at(at + i));
  return number;
}

void put_number(std::vector<std::byte>& file, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) file.at(at + i) = static_cast<std::byte>(number >> 8 * i);
}

// Where the entry of `tag` stands in a little-endian file's first directory.
std::size_t entry_of(const std::vector<std::byte>& file, std::uint32_t tag) {
  const std::size_t begin = number_at(file, 4), count = number_at(file, begin) & 0xffff;
  for (std::size_t i = 0; i < count; ++i) {
    if ((number_at(file, begin + 2 + 12 * i) & 0xffff) == tag) return begin + 2 + 12 * i;
  }
  ADD_FAILURE() << "no tag " << tag;
  return begin + 2;
}

// Where the offset of the next directory stands.
std::size_t next_of(const std::vector<std::byte>& file) {
  const std::size_t begin = number_at(file, 4);
  return begin + 2 + 12 * (number_at(file, begin) & 0xffff);
}

// Sony's first directory says no width; Canon's are told by their signature.
TEST_F(Tiff, RawFilesThatLibtiffDoesNotOpen) {
  const auto raw = bytes_of(
      "II*\0\x08\0\0\0"
      "\x02\0\xfe\0\x04\0\x01\0\0\0\x01\0\0\0\x4a\x01\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0"
      "\x02\0\0\x01\x03\0\x01\0\0\0\x10\0\0\0\x06\x01\x03\0\x01\0\0\0\x23\x80\0\0\0\0\0\0"sv);
  EXPECT_TRUE(says(refusal_of(raw), "is a camera's raw file")) << refusal_of(raw);
  const auto canon = bytes_of("II*\0\x10\0\0\0CR\x02\0\0\0\0\0\0\0"sv);
  EXPECT_TRUE(says(refusal_of(canon), "is a camera's raw file")) << refusal_of(canon);
}

TEST_F(Tiff, ABrokenChainOfDirectoriesCostsNoPicture) {
  const auto picture = page(60, 40);
  for (const bool in_a_circle : {true, false}) {
    auto file = make_tiff({picture});
    put_number(file, next_of(file), in_a_circle ? number_at(file, 4) : 0x7ffffff0);
    EXPECT_EQ(samples_of(read_image(file, "x").image), picture.second);
    EXPECT_EQ(notes_of(file), "damaged: a directory behind the picture cannot be read: left out\n");
  }
}

// --- Damage

TEST_F(Tiff, WhatIsMissingIsAnErrorOrZero) {
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
    for (const int planes : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
      for (const int tile : {0, 16}) {
        Kind kind{.width = 40, .height = 40, .samples = 3, .photometric = PHOTOMETRIC_RGB, .planes = planes};
        kind.rows = 20;
        kind.compression = compression;
        kind.tile = tile;
        const auto values = make_values(kind);
        auto file = make_tiff(kind, values);
        const auto offsets = entry_of(file, tile == 0 ? TIFFTAG_STRIPOFFSETS : TIFFTAG_TILEOFFSETS);
        put_number(file, number_at(file, offsets + 8) + 4, 0x7ffffff0);  // the second one
        EXPECT_TRUE(refusal_of(file).starts_with("3 x: truncated: ")) << refusal_of(file);
        ReadOptions allowed;
        allowed.allows_damage = true;
        const Reading reading = read_image(file, "x", {}, allowed);
        ASSERT_EQ(reading.notes.size(), 1U) << compression << " " << planes << " " << tile;
        EXPECT_TRUE(reading.notes[0].starts_with("damaged: ")) << reading.notes[0];
        const auto samples = samples_of(reading.image);
        EXPECT_EQ(samples[0], values[0]);
        EXPECT_EQ(samples[10], values[10]);
        const std::size_t lost = tile == 0 ? 40 * 20 + 7 : 17;  // a pixel there
        EXPECT_EQ(samples[3 * lost], 0U);
      }
    }
  }
}

// Within strips that are all there.
TEST_F(Tiff, DamagedDataAreAnError) {
  for (const int compression : {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS,
                                COMPRESSION_JPEG, COMPRESSION_CCITTFAX4}) {
    const bool is_fax = compression == COMPRESSION_CCITTFAX4;
    Kind kind{.width = 64,
              .height = 64,
              .samples = is_fax ? 1 : 3,
              .bits = is_fax ? 1 : 8,
              .photometric = is_fax ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_RGB};
    kind.rows = 64;
    kind.compression = compression;
    auto file = make_tiff(kind);
    const auto count = entry_of(file, TIFFTAG_STRIPBYTECOUNTS) + 8;
    put_number(file, count, number_at(file, count) / 2);
    EXPECT_TRUE(refusal_of(file).starts_with("3 x: damaged: ")) << compression << " " << refusal_of(file);
    ReadOptions allowed;
    allowed.allows_damage = true;
    EXPECT_TRUE(notes_of(file, allowed).starts_with("damaged: ")) << compression;
  }
}

TEST_F(Tiff, EveryTruncationAndDamagedByteIsBorne) {
  const auto kind_of = [](int compression, int bits, int planes, int tile) {
    Kind kind{.width = 17, .height = 9, .samples = bits == 1 ? 1 : 3, .bits = bits};
    kind.photometric = bits == 1 ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_RGB;
    kind.planes = planes;
    kind.tile = tile;
    kind.rows = 4;
    kind.compression = compression;
    return kind;
  };
  for (const auto& kind : {kind_of(COMPRESSION_LZW, 8, PLANARCONFIG_CONTIG, 0),
                           kind_of(COMPRESSION_ADOBE_DEFLATE, 16, PLANARCONFIG_SEPARATE, 16),
                           kind_of(COMPRESSION_CCITTFAX3, 1, PLANARCONFIG_CONTIG, 0)}) {
    const auto file = make_tiff(kind);
    expect_every_truncation_is_an_error(file);
    expect_every_damaged_byte_is_borne(file);
  }
}

// The header says more than the file can hold.
TEST_F(Tiff, SizesAreTestedBeforeAnythingIsAllocated) {
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
    for (const int tile : {0, 16}) {
      Kind kind{.width = 16, .height = 16, .samples = 3, .photometric = PHOTOMETRIC_RGB};
      kind.compression = compression;
      kind.rows = 16;
      kind.tile = tile;
      auto file = make_tiff(kind);
      put_number(file, entry_of(file, TIFFTAG_IMAGEWIDTH) + 8, 16000);
      put_number(file, entry_of(file, TIFFTAG_IMAGELENGTH) + 8, 16000);
      if (tile == 0) put_number(file, entry_of(file, TIFFTAG_ROWSPERSTRIP) + 8, 16000);
      EXPECT_EQ(refusal_of(file).substr(0, 5), "3 x: ") << compression << " " << refusal_of(file);
      put_number(file, entry_of(file, TIFFTAG_IMAGELENGTH) + 8, 0xffffffff);
      EXPECT_TRUE(refusal_of(file).starts_with("3 x: ") || refusal_of(file).starts_with("5 x: is 16000x"))
          << refusal_of(file);
    }
  }
}

// A small picture in one large tile, as some programs write all their pictures.
TEST_F(Tiff, ATileMayBeMuchLargerThanThePicture) {
  struct Case {
    int compression, bits, tile;
  };
  for (const Case& with :
       {Case{COMPRESSION_ADOBE_DEFLATE, 8, 2560}, {COMPRESSION_LZW, 16, 2048}, {COMPRESSION_ZSTD, 8, 2560}}) {
    if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(with.compression)) != 1) continue;
    Kind kind{.width = 40, .height = 40, .samples = 3, .bits = with.bits, .photometric = PHOTOMETRIC_RGB};
    kind.tile = with.tile;
    kind.compression = with.compression;
    const auto values = make_values(kind);
    EXPECT_EQ(samples_of(read_image(make_tiff(kind, values), "x").image), values) << with.compression;
  }
}

// More than the file can fill, or than any program makes.
TEST_F(Tiff, ATileIsNoLargerThanTheFileCanFill) {
  for (const int compression :
       {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_JPEG, COMPRESSION_ZSTD}) {
    if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(compression)) != 1) continue;
    Kind kind{.width = 16, .height = 16, .samples = 3, .photometric = PHOTOMETRIC_RGB};
    kind.tile = 16;
    kind.compression = compression;
    auto file = make_tiff(kind);
    for (const auto side : {8192U, 16384U}) {
      if (side == 16384U) file.resize(100000);
      put_number(file, entry_of(file, TIFFTAG_TILEWIDTH) + 8, side);
      put_number(file, entry_of(file, TIFFTAG_TILELENGTH) + 8, side);
      const auto refusal = refusal_of(file);
      EXPECT_TRUE(says(refusal, "has strips or tiles of") || says(refusal, "truncated: tile 0")) << refusal;
    }
  }
}

// --- Metadata

TEST_F(Tiff, OrientationAndResolution) {
  const auto content_of = [](const std::function<void(TIFF*)>& more) {
    return format_of(FileFormat::kTiff)->read(make_tiff(Kind{.more = more}), {});
  };
  const auto resolution = [](int unit, double x, double y) {
    return [=](TIFF* tiff) {
      if (unit != 0) TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, unit);
      TIFFSetField(tiff, TIFFTAG_XRESOLUTION, x);
      TIFFSetField(tiff, TIFFTAG_YRESOLUTION, y);
    };
  };
  using Unit = Resolution::Unit;
  EXPECT_EQ(content_of(resolution(RESUNIT_INCH, 300, 600)).resolution,
            (Resolution{Unit::kInch, 300000, 600000}));
  EXPECT_EQ(content_of(resolution(0, 72, 72)).resolution, (Resolution{Unit::kInch, 72000, 72000}));
  EXPECT_EQ(content_of(resolution(RESUNIT_CENTIMETER, 118.11, 118.11)).resolution,
            (Resolution{Unit::kCentimetre, 118110, 118110}));
  EXPECT_EQ(content_of(resolution(RESUNIT_NONE, 2, 1)).resolution, (Resolution{Unit::kRatio, 2000, 1000}));
  EXPECT_TRUE(content_of(resolution(RESUNIT_NONE, 1, 1)).resolution.empty());
  EXPECT_TRUE(content_of({}).resolution.empty());
  EXPECT_EQ(content_of({}).orientation, std::nullopt);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(
        content_of([&](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation); }).orientation,
        orientation);
  }
}

// What is written, as libtiff sees it: the directory is the current one.
void judge(const std::vector<std::byte>& file, const std::function<void(TIFF*)>& look) {
  const TemporaryFolder folder;
  const auto path = folder / "a.tif";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  TIFF* tiff = TIFFOpen(path.c_str(), "r");
  ASSERT_NE(tiff, nullptr);
  look(tiff);
  TIFFClose(tiff);
}

int short_of(TIFF* tiff, std::uint32_t tag) {
  std::uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

std::string text_of(TIFF* tiff, std::uint32_t tag) {
  const char* text = nullptr;
  return TIFFGetField(tiff, tag, &text) == 1 ? text : "none";
}

TEST_F(Tiff, WritesWhatLibtiffReads) {
  for (const std::uint32_t channels : {1U, 3U}) {
    for (const std::uint32_t depth : {8U, 16U}) {
      for (const bool has_alpha : {false, true}) {
        Image picture = make_picture(300, 200, channels);
        if (has_alpha) {
          picture = with_alpha(picture, depth);
        } else if (depth == 16) {
          picture = with_16_bits(picture);
        }
        const auto file = encode_image(picture, OutputFormat::kTiff);
        EXPECT_EQ(read_image(file, "x").image, picture);
        judge(file, [&](TIFF* tiff) {
          EXPECT_EQ(short_of(tiff, TIFFTAG_BITSPERSAMPLE), static_cast<int>(depth));
          EXPECT_EQ(short_of(tiff, TIFFTAG_SAMPLESPERPIXEL),
                    static_cast<int>(channels) + (has_alpha ? 1 : 0));
          EXPECT_EQ(short_of(tiff, TIFFTAG_PHOTOMETRIC),
                    channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
          EXPECT_GT(TIFFNumberOfStrips(tiff), 0U);
          EXPECT_LE(TIFFStripSize(tiff), 1 << 16);
          std::uint16_t count = 0;
          const std::uint16_t* kinds = nullptr;
          TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds);
          ASSERT_EQ(count, has_alpha ? 1 : 0);
          EXPECT_TRUE(!has_alpha || kinds[0] == EXTRASAMPLE_UNASSALPHA);
          std::vector<std::uint8_t> row(static_cast<std::size_t>(TIFFScanlineSize(tiff)));
          ASSERT_EQ(TIFFReadScanline(tiff, row.data(), 0), 1);
          EXPECT_EQ(row[0], picture.bit_depth == 16 ? picture.samples16[0] & 0xff : picture.samples[0]);
          EXPECT_EQ(TIFFLastDirectory(tiff), 1);
        });
      }
    }
  }
}

TEST_F(Tiff, ResolutionIsWritten) {
  const auto written = [](Resolution resolution, int unit, double x, double y) {
    Losses losses;
    Metadata metadata;
    metadata.resolution = resolution;
    judge(format_of(FileFormat::kTiff)->write(make_picture(5, 4, 3), metadata, {}, losses), [&](TIFF* tiff) {
      float found_x = 0, found_y = 0;
      EXPECT_EQ(TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &found_x), x == 0 ? 0 : 1);
      EXPECT_EQ(TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &found_y), x == 0 ? 0 : 1);
      EXPECT_EQ(short_of(tiff, TIFFTAG_RESOLUTIONUNIT), unit);
      EXPECT_NEAR(found_x, x, 1e-3);
      EXPECT_NEAR(found_y, y, 1e-3);
    });
    EXPECT_FALSE(losses.resolution);
  };
  written({Resolution::Unit::kInch, 300000, 150500}, RESUNIT_INCH, 300, 150.5);
  written({Resolution::Unit::kCentimetre, 118110, 118110}, RESUNIT_CENTIMETER, 118.11, 118.11);
  written({Resolution::Unit::kMetre, 11811000, 5906000}, RESUNIT_CENTIMETER, 118.11, 59.06);
  written({Resolution::Unit::kRatio, 2000, 1000}, RESUNIT_NONE, 2, 1);
  written({}, RESUNIT_INCH, 0, 0);
}

// An EXIF structure of either byte order: make, orientation, resolution, and below them a time and a place.
std::vector<std::byte> make_whole_exif(bool is_big) {
  std::vector<std::byte> exif = bytes_of(is_big ? "MM\0*"sv : "II*\0"sv);
  const auto put = [&](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i)
      exif.push_back(static_cast<std::byte>(value >> 8 * (is_big ? size - 1 - i : i) & 0xff));
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count, std::uint32_t value) {
    put(tag, 2);
    put(type, 2);
    put(count, 4);
    const bool is_short = type == 3;
    put(value, is_short ? 2 : 4);
    if (is_short) put(0, 2);
  };
  constexpr std::uint32_t kAscii = 2, kShort = 3, kLong = 4, kRational = 5;
  put(8, 4);
  put(6, 2);  // at 8, until 86
  entry(271, kAscii, 8, 86);
  entry(274, kShort, 1, 6);
  entry(282, kRational, 1, 94);
  entry(283, kRational, 1, 94);
  entry(34665, kLong, 1, 102);
  entry(34853, kLong, 1, 152);
  put(0, 4);
  append(exif, bytes_of("Kamera1\0"sv));
  put(72, 4);
  put(1, 4);
  put(2, 2);  // at 102, until 132
  entry(33434, kRational, 1, 132);
  entry(34855, kShort, 1, 400);
  put(0, 4);
  put(1, 4);
  put(125, 4);
  exif.resize(152);
  put(1, 2);  // at 152, until 170
  entry(2, kRational, 3, 170);
  put(0, 4);
  for (const std::uint32_t part : {48, 1, 12, 1, 305, 10}) put(part, 4);
  return exif;
}

// Exiv2 alone takes a minute or two for it, and reads it with the EXIF.
TEST_F(Tiff, HostileXmpTakesNoTime) {
  const std::string head =
      "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
      "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
      "xmlns:xmp='http://ns.adobe.com/xap/1.0/'>";
  const std::string tail = "</rdf:Description></rdf:RDF></x:xmpmeta>";
  std::string hostile = head;
  for (int i = 0; hostile.size() < 1'000'000; ++i) hostile += "<xmp:a" + std::to_string(i) + "/>";
  hostile += tail;
  const std::string harmless = head + tail + std::string(hostile.size() - head.size() - tail.size(), ' ');
  Losses losses;
  auto file =
      format_of(FileFormat::kTiff)
          ->write(make_picture(30, 20, 3), {{}, make_whole_exif(false), bytes_of(harmless), {}}, {}, losses);
  const auto place = bytes_of(head);
  const auto at = std::search(file.begin(), file.end(), place.begin(), place.end());
  ASSERT_NE(at, file.end());
  std::ranges::copy(bytes_of(hostile), at);
  const auto begin = std::chrono::steady_clock::now();
  const Reading reading = read_image(file, "x");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 20);
  EXPECT_TRUE(reading.image.metadata.xmp.empty());
  EXPECT_FALSE(reading.image.metadata.exif.empty());
  EXPECT_EQ(reading.notes.size(), 1U);
}

TEST_F(Tiff, ProfileXmpAndExifAreWritten) {
  for (const bool is_big : {false, true}) {
    Metadata metadata;
    metadata.icc = std::vector<std::byte>(500, std::byte{7});
    metadata.exif = make_whole_exif(is_big);
    metadata.xmp = bytes_of("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"></x:xmpmeta>");
    metadata.resolution = {Resolution::Unit::kInch, 300000, 300000};
    Losses losses;
    const Image picture = make_picture(300, 200, 3);
    const Format& format = *format_of(FileFormat::kTiff);
    const auto file = format.write(picture, metadata, {}, losses);
    EXPECT_FALSE(losses.icc || losses.exif || losses.xmp || losses.resolution);
    judge(file, [&](TIFF* tiff) {
      for (const auto& [tag, expected] :
           {std::pair{TIFFTAG_ICCPROFILE, metadata.icc}, {TIFFTAG_XMLPACKET, metadata.xmp}}) {
        std::uint32_t count = 0;
        const std::byte* data = nullptr;
        ASSERT_EQ(TIFFGetField(tiff, static_cast<std::uint32_t>(tag), &count, &data), 1);
        EXPECT_EQ(std::vector<std::byte>(data, data + count), expected);
      }
      EXPECT_EQ(text_of(tiff, TIFFTAG_MAKE), "Kamera1");
      EXPECT_EQ(short_of(tiff, TIFFTAG_ORIENTATION), 6);  // as EXIF says
      float x = 0;
      TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x);
      EXPECT_EQ(x, 300.0F);
      std::vector<std::uint8_t> row(static_cast<std::size_t>(TIFFScanlineSize(tiff)));
      for (std::uint32_t y = 0; y < 200; ++y) ASSERT_EQ(TIFFReadScanline(tiff, row.data(), y), 1);
      EXPECT_EQ(row[0], picture.samples[199 * 300 * 3]);
      std::uint64_t exif = 0, gps = 0;
      ASSERT_EQ(TIFFGetField(tiff, TIFFTAG_EXIFIFD, &exif), 1);
      ASSERT_EQ(TIFFGetField(tiff, TIFFTAG_GPSIFD, &gps), 1);
      ASSERT_EQ(TIFFReadEXIFDirectory(tiff, exif), 1);
      std::uint16_t count = 0;
      const std::uint16_t* speeds = nullptr;
      ASSERT_EQ(TIFFGetField(tiff, EXIFTAG_ISOSPEEDRATINGS, &count, &speeds), 1);
      EXPECT_EQ(speeds[0], 400);
      ASSERT_EQ(TIFFReadGPSDirectory(tiff, gps), 1);
    });
    // And read again, without what is of the pixels.
    const Content back = format.read(file, {});
    EXPECT_EQ(back.image, picture);
    EXPECT_EQ(back.orientation, 6);
    EXPECT_EQ(back.icc, metadata.icc);
    EXPECT_EQ(back.xmp, metadata.xmp);
    EXPECT_EQ(back.resolution, metadata.resolution);
    ASSERT_EQ(back.exif.size(), 1U);
    const auto& exif = back.exif[0];
    EXPECT_EQ(entry_of(exif, 271), 10U);
    EXPECT_EQ(number_at(exif, 8) & 0xffff, 3U);  // make, EXIF's and GPS's directory
    EXPECT_EQ(number_at(exif, number_at(exif, entry_of(exif, 34665) + 8)) & 0xffff, 2U);
    EXPECT_EQ(number_at(exif, number_at(exif, entry_of(exif, 34853) + 8)) & 0xffff, 1U);
  }
}

// Some programs put the thumbnail first.
TEST_F(Tiff, TagsAreThoseOfThePictureWhereverItStands) {
  const auto with_tags = [](std::string make, int type) {
    return [=](TIFF* tiff) {
      TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, type);
      TIFFSetField(tiff, TIFFTAG_MAKE, make.c_str());
    };
  };
  for (const std::string mode : {"wl", "wb"}) {
    auto thumbnail = page(30, 20, with_tags("Thumbnailer", FILETYPE_REDUCEDIMAGE)),
         picture = page(60, 40, with_tags("Kamera1", 0));
    thumbnail.first.mode = picture.first.mode = mode;
    for (const auto& directories : {std::vector{thumbnail, picture}, {picture, thumbnail}}) {
      const auto file = make_tiff(directories);
      const Content content = format_of(FileFormat::kTiff)->read(file, {});
      EXPECT_EQ(content.image.width, 60U);
      ASSERT_EQ(content.exif.size(), 1U);
      const auto& exif = content.exif[0];
      const std::string text(reinterpret_cast<const char*>(exif.data()), exif.size());
      EXPECT_TRUE(says(text, "Kamera1")) << mode;
      EXPECT_FALSE(says(text, "Thumbnailer")) << mode;
    }
  }
}

TEST_F(Tiff, ATagThatIsTooLargeIsLeftOutAlone) {
  const auto file = make_tiff(Kind{.more = [](TIFF* tiff) {
    TIFFSetField(tiff, TIFFTAG_MAKE, "Kamera1");
    TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, std::string(2000, 'x').c_str());
  }});
  ReadOptions options;
  options.max_metadata = 2000;
  const Content content = format_of(FileFormat::kTiff)->read(file, options);
  EXPECT_EQ(content.notes, std::vector<std::string>{"Exif.Image.ImageDescription of 2001 bytes: left out"});
  ASSERT_EQ(content.exif.size(), 1U);
  EXPECT_EQ(number_at(content.exif[0], 8) & 0xffff, 1U);
  options.max_metadata = 3000;
  EXPECT_TRUE(format_of(FileFormat::kTiff)->read(file, options).notes.empty());
}

TEST_F(Tiff, PixelsAloneNeedNoMetadata) {
  const auto file = make_tiff(Kind{.more = [](TIFF* tiff) {
    TIFFSetField(tiff, TIFFTAG_MAKE, "Kamera1");
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, 4, "abcd");
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, 6);
  }});
  ReadOptions pixels;
  pixels.keeps_metadata = false;
  const Content content = format_of(FileFormat::kTiff)->read(file, pixels);
  EXPECT_TRUE(content.icc.empty() && content.exif.empty() && content.xmp.empty());
  EXPECT_EQ(content.orientation, 6);
}

TEST_F(Tiff, IptcAndABigTiffsExifAreTold) {
  const std::function<void(TIFF*)> iptc = [](TIFF* tiff) {
    TIFFSetField(tiff, TIFFTAG_RICHTIFFIPTC, 8,
                 "\x1c\x02\x05\0\x03"
                 "abc");
  };
  const std::function<void(TIFF*)> photoshop = [](TIFF* tiff) {
    TIFFSetField(tiff, TIFFTAG_PHOTOSHOP, 12, "8BIM\x04\x04\0\0\0\0\0\0");
  };
  const std::function<void(TIFF*)> other = [](TIFF* tiff) {
    TIFFSetField(tiff, TIFFTAG_PHOTOSHOP, 12, "8BIM\x03\xed\0\0\0\0\0\0");
  };
  const std::function<void(TIFF*)> make = [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_MAKE, "Kamera1"); };
  EXPECT_EQ(notes_of(make_tiff(Kind{.more = iptc})), "IPTC: left out\n");
  EXPECT_EQ(notes_of(make_tiff(Kind{.more = photoshop})), "IPTC: left out\n");
  EXPECT_EQ(notes_of(make_tiff(Kind{.more = other})), "");
  EXPECT_EQ(notes_of(make_tiff(Kind{.more = make})), "");
  EXPECT_EQ(notes_of(make_tiff(Kind{.more = make, .mode = "w8"})), "EXIF of a BigTIFF: left out\n");
}

}  // namespace
}  // namespace vaec::image
