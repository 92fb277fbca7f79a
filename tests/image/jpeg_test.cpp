#include <gtest/gtest.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "base/interrupt.hpp"
#include "image/formats/formats.hpp"
#include "image/make_cmyk_profile.hpp"
#include "image/make_picture.hpp"
#include "image/metadata/colour_profile.hpp"
#include "stop_request.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;
using Bytes = std::vector<std::byte>;

Bytes write(const Image& image, const Metadata& metadata = {}, Losses* losses = nullptr, int quality = 95) {
  Losses own;
  WriteOptions options;
  options.jpeg_quality = quality;
  return jpeg_format().write(image, metadata, options, losses == nullptr ? own : *losses);
}

Content read(std::span<const std::byte> file, const ReadOptions& options = {}) {
  return jpeg_format().read(file, options);
}

std::string why(std::span<const std::byte> file) {
  return error_of([&] { (void)read(file); });
}

Bytes segment(int marker, const Bytes& data) {
  Bytes result = {std::byte{0xff}, static_cast<std::byte>(marker)};
  append_big_endian(result, static_cast<std::uint32_t>(data.size() + 2), 2);
  append(result, data);
  return result;
}

Bytes operator+(Bytes a, const Bytes& b) {
  append(a, b);
  return a;
}

// Behind SOI.
Bytes with_segments(Bytes jpeg, const Bytes& segments) {
  jpeg.insert(jpeg.begin() + 2, segments.begin(), segments.end());
  return jpeg;
}

Bytes without_end(const Bytes& jpeg) { return {jpeg.begin(), jpeg.end() - 2}; }

// A picture with much in it, written by libjpeg with its own pixels in `colours`.
using Setting = std::function<void(jpeg_compress_struct&)>;

Bytes write_by_libjpeg(J_COLOR_SPACE colours, int components, std::uint32_t width, std::uint32_t height,
                       const Setting& set) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = components;
  info.in_color_space = colours;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 90, TRUE);
  set(info);
  jpeg_start_compress(&info, TRUE);
  std::vector<JSAMPLE> row(std::size_t{width} * static_cast<std::size_t>(components));
  std::uint32_t state = 7;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      state = state * 1664525 + 1013904223;
      row[i] = static_cast<JSAMPLE>(y * 5 + i * 2 + (state >> 28));
    }
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* begin = reinterpret_cast<const std::byte*>(memory);
  Bytes file(begin, begin + size);
  std::free(memory);
  return file;
}

// What libjpeg itself makes of a file.
struct ByLibjpeg {
  std::uint32_t width = 0, height = 0, components = 0;
  int unit = 0, x = 0, y = 0;
  std::vector<std::uint8_t> samples;
  Bytes icc;
};

ByLibjpeg read_by_libjpeg(const Bytes& file, J_COLOR_SPACE colours) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_save_markers(&info, JPEG_APP0 + 2, 0xffff);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = colours;
  jpeg_start_decompress(&info);
  ByLibjpeg result{info.output_width,
                   info.output_height,
                   static_cast<std::uint32_t>(info.output_components),
                   info.density_unit,
                   info.X_density,
                   info.Y_density,
                   {},
                   {}};
  const std::size_t row_size =
      std::size_t{info.output_width} * static_cast<std::size_t>(info.output_components);
  result.samples.resize(row_size * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = result.samples.data() + info.output_scanline * row_size;
    jpeg_read_scanlines(&info, &row, 1);
  }
  JOCTET* profile = nullptr;
  unsigned size = 0;
  if (jpeg_read_icc_profile(&info, &profile, &size) != 0) {
    const auto* begin = reinterpret_cast<const std::byte*>(profile);
    result.icc.assign(begin, begin + size);
    std::free(profile);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return result;
}

void set_progressive(jpeg_compress_struct& info) { jpeg_simple_progression(&info); }
void set_arithmetic(jpeg_compress_struct& info) { info.arith_code = TRUE; }
void set_restarts(jpeg_compress_struct& info) { info.restart_interval = 3; }
void set_nothing(jpeg_compress_struct&) {}
// A scan for each component, all of them sequential.
void set_apart(jpeg_compress_struct& info) {
  static const jpeg_scan_info scans[] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  info.scan_info = scans;
  info.num_scans = 3;
}
void set_full_colours(jpeg_compress_struct& info) {
  info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
}
void set_rgb(jpeg_compress_struct& info) { jpeg_set_colorspace(&info, JCS_RGB); }

struct Kind {
  const char* name;
  J_COLOR_SPACE colours;
  int components;
  Setting set;
};

std::vector<Kind> kinds() {
  return {{"baseline", JCS_RGB, 3, set_nothing},
          {"progressive", JCS_RGB, 3, set_progressive},
          {"restarts", JCS_RGB, 3, set_restarts},
          {"apart", JCS_RGB, 3, set_apart},
          {"4:4:4", JCS_RGB, 3, set_full_colours},
          {"rgb", JCS_RGB, 3, set_rgb},
          {"grey", JCS_GRAYSCALE, 1, set_nothing},
          {"progressive grey", JCS_GRAYSCALE, 1, set_progressive},
          {"progressive with restarts", JCS_RGB, 3,
           [](auto& info) {
             set_progressive(info);
             set_restarts(info);
           }},
          {"arithmetic", JCS_RGB, 3, set_arithmetic}};
}

TEST(Jpeg, EveryKindIsWhatLibjpegReads) {
  for (const auto& kind : kinds()) {
    for (const auto& [width, height] : {std::pair{1U, 1U}, {17U, 33U}, {100U, 40U}}) {
      const auto file = write_by_libjpeg(kind.colours, kind.components, width, height, kind.set);
      const Content content = read(file);
      EXPECT_TRUE(content.notes.empty()) << kind.name;
      EXPECT_EQ(content.image.samples, read_by_libjpeg(file, kind.colours).samples) << kind.name;
      const Header header = jpeg_format().read_header(file);
      EXPECT_EQ(header.width, width);
      EXPECT_EQ(header.height, height);
      EXPECT_EQ(header.channels, kind.components == 1 ? 1U : 3U);
      EXPECT_FALSE(header.has_alpha);
    }
  }
}

// Up to any byte: an error, or the whole picture, where nothing but the end marker is missing.
TEST(Jpeg, EveryTruncationIsAnErrorUnlessAllPixelsAreThere) {
  for (const auto& kind : kinds()) {
    const auto file = write_by_libjpeg(kind.colours, kind.components, 40, 37, kind.set);
    const Image whole = read(file).image;
    std::size_t read_all = 0;
    for (std::size_t size = 2; size < file.size(); ++size) {
      Content content;
      const std::string error = error_of([&] { content = read(std::span(file).first(size)); });
      if (error == "no error") {
        EXPECT_EQ(content.image, whole) << kind.name << " " << size;
        EXPECT_EQ(content.notes, std::vector<std::string>{"its end marker is missing"})
            << kind.name << " " << size;
        ++read_all;
      } else {
        EXPECT_EQ(error.rfind("3 truncated: ", 0), 0U) << kind.name << " " << size << ": " << error;
      }
    }
    // What an arithmetic decoder would have read beyond the end nothing tells.
    EXPECT_EQ(read_all, kind.name == "arithmetic"sv ? 0U : 2U) << kind.name;
  }
}

// The same with other bytes where the file ends: a camera's trailer.
TEST(Jpeg, ATrailerInPlaceOfTheEndMarkerIsToldOfAWholePictureAlone) {
  for (const auto& kind : kinds()) {
    if (kind.name == "arithmetic"sv) continue;
    const auto file = without_end(write_by_libjpeg(kind.colours, kind.components, 40, 37, kind.set));
    const Image whole = read(file).image;
    Bytes trailer = bytes_of(
        "\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data\0\0\0\x18"
        "ftypmp42"sv);
    for (int i = 0; i < 500; ++i) trailer.push_back(static_cast<std::byte>(i * 37));
    append(trailer, bytes_of("\xff\xc0\0\x11\x08\0\x10\0\x10\xff\xda\xff\xc4\0\0SEFT"sv));
    for (const auto& end : {""sv, "\xff\xd9"sv}) {
      const Content content = read(file + trailer + bytes_of(end));
      EXPECT_EQ(content.image, whole) << kind.name;
      ASSERT_EQ(content.notes.size(), 2U) << kind.name;
      EXPECT_EQ(content.notes[0], "its end marker is missing");
      EXPECT_EQ(content.notes[1], "what stands behind the picture: a motion photo's video, left out");
    }
    const Content second = read(file + file);  // a picture behind it
    EXPECT_EQ(second.image, whole);
    EXPECT_EQ(second.notes[0], "its end marker is missing") << kind.name;
    // Scans that are missing, with a trailer in their place.
    if (kind.name == "progressive"sv || kind.name == "apart"sv) {
      const auto scan = bytes_of("\xff\xda");
      const auto last = std::find_end(file.begin(), file.end(), scan.begin(), scan.end());
      EXPECT_EQ(why(Bytes(file.begin(), last) + trailer).rfind("3 ", 0), 0U) << kind.name;
      EXPECT_EQ(why(Bytes(file.begin(), last)).rfind("3 truncated", 0), 0U) << kind.name;
    }
  }
}

TEST(Jpeg, SegmentsBehindThePixelsAreReadUpToTheEnd) {
  const auto comment = segment(0xfe, bytes_of("behind"));
  for (const auto& kind : kinds()) {
    const auto file = write_by_libjpeg(kind.colours, kind.components, 40, 37, kind.set);
    const Content whole = read(without_end(file) + comment + bytes_of("\xff\xd9"sv));
    EXPECT_EQ(whole.image, read(file).image) << kind.name;
    ASSERT_EQ(whole.texts.size(), 1U) << kind.name;
    EXPECT_TRUE(whole.notes.empty()) << kind.name;
    if (kind.name == "arithmetic"sv) {
      EXPECT_EQ(why(without_end(file) + comment), "3 truncated: the JPEG's end marker is missing");
      continue;
    }
    const Content endless = read(without_end(file) + comment);
    EXPECT_EQ(endless.image, whole.image) << kind.name;
    EXPECT_EQ(endless.texts.size(), 1U) << kind.name;
    EXPECT_EQ(endless.notes, std::vector<std::string>{"its end marker is missing"}) << kind.name;
    for (std::size_t size = 1; size < comment.size(); ++size) {
      const auto cut =
          without_end(file) + Bytes(comment.begin(), comment.begin() + static_cast<std::ptrdiff_t>(size));
      const std::string error = why(cut);
      EXPECT_TRUE(size == 1 ? error == "no error" : error.rfind("3 truncated: ", 0) == 0)
          << kind.name << error;
    }
  }
}

TEST(Jpeg, BytesBeforeTheEndMarkerAreTold) {
  for (const auto& kind : kinds()) {
    const auto file = write_by_libjpeg(kind.colours, kind.components, 40, 37, kind.set);
    const Image whole = read(file).image;
    for (const auto& extra : {"\0\0\0"sv, "abcdefghijklmnopqrstuvwxyz"sv}) {
      const Content content = read(without_end(file) + bytes_of(extra) + bytes_of("\xff\xd9"sv));
      EXPECT_EQ(content.image, whole) << kind.name;
      if (extra[0] == 'a') {
        EXPECT_EQ(content.notes, std::vector<std::string>{"extra bytes before its end marker: left out"})
            << kind.name;
      } else {
        EXPECT_TRUE(content.notes.empty()) << kind.name;
      }
    }
  }
}

// Grey of 64x64, black and progressive. Its first scan has the means of the 64 blocks, each of `more` scans
// says that all other coefficients are zero, in one code: a run of 64 blocks. (ITU-T T.81, annexes B and G.)
Bytes black(int more) {
  auto file = bytes_of("\xff\xd8\xff\xdb\0\x43\0"sv);
  file.insert(file.end(), 64, std::byte{1});                                         // the quantization steps
  append(file, bytes_of("\xff\xc2\0\x0b\x08\0\x40\0\x40\x01\x01\x11\0"sv));          // a progressive frame
  append(file, bytes_of("\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv));  // DC: 0 is "no change"
  append(file, bytes_of("\xff\xc4\0\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x60"sv));  // AC: 0 is EOB6
  append(file, bytes_of("\xff\xda\0\x08\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0"sv));
  for (int i = 0; i < more; ++i) append(file, bytes_of("\xff\xda\0\x08\x01\x01\0\x01\x3f\0\x01"sv));
  append(file, bytes_of("\xff\xd9"sv));
  return file;
}

TEST(Jpeg, RefusesMoreScansThanAnyJpegNeeds) {
  EXPECT_EQ(read(black(99)).image.width, 64U);
  EXPECT_EQ(why(black(100)), "5 has more scans than any JPEG needs");
  EXPECT_EQ(why(black(20000)), "5 has more scans than any JPEG needs");
}

// Scans may be missing before an end marker, as ever; without one they are what was cut off.
TEST(Jpeg, ScansAreMissingWhereTheEndMarkerIs) {
  EXPECT_TRUE(read(black(0)).notes.empty());
  EXPECT_EQ(why(without_end(black(0))), "3 truncated: the JPEG's end marker is missing");
  EXPECT_EQ(read(without_end(black(1))).notes, std::vector<std::string>{"its end marker is missing"});
}

TEST(Jpeg, EndsWhenInterrupted) {
  const Image image = make_picture(64, 64, 3);
  const auto file = write(image), scans = black(99);
  base::request_stop();
  EXPECT_EQ(why(file), "130 interrupted");
  EXPECT_EQ(why(scans), "130 interrupted");
  EXPECT_FALSE(write(image).empty());  // what is made is kept
  clear_stop_request();
  EXPECT_EQ(read(file).image.width, 64U);
}

// libjpeg's own words, at each place where it can fail. Its callbacks are noexcept: an exception among its
// frames would end the program.
TEST(Jpeg, EveryDamagedByteGivesAPictureOrAnError) {
  std::size_t errors = 0, tried = 0;
  for (const auto& file : {write_by_libjpeg(JCS_RGB, 3, 24, 16, set_nothing), black(2),
                           write_by_libjpeg(JCS_RGB, 3, 24, 16, set_progressive)}) {
    for (std::size_t i = 2; i < file.size(); ++i) {
      for (const auto damage : {std::byte{0x55}, std::byte{0xff}}) {
        auto damaged = file;
        damaged[i] ^= damage;
        const std::string error = why(damaged);
        errors += error != "no error" ? 1 : 0;
        EXPECT_TRUE(error == "no error" || error[0] == '3' || error[0] == '5') << error;
        ReadOptions allowing;
        allowing.allows_damage = true;
        (void)error_of([&] { (void)read(damaged, allowing); });
        ++tried;
      }
    }
  }
  EXPECT_GT(errors, tried / 4);
}

TEST(Jpeg, RefusesByNameWhatItCannotRead) {
  const auto file = write_by_libjpeg(JCS_RGB, 3, 24, 16, set_nothing);
  const auto frame = bytes_of("\xff\xc0\0\x11\x08"sv);
  const auto at = static_cast<std::size_t>(std::search(file.begin(), file.end(), frame.begin(), frame.end()) -
                                           file.begin());
  const auto with = [&](std::size_t offset, int value) {
    auto other = file;
    other[at + offset] = static_cast<std::byte>(value);
    return other;
  };
  EXPECT_EQ(why(with(4, 12)), "3 is a JPEG of 12 bits a sample, which this version cannot read");
  EXPECT_EQ(why(with(1, 0xc3)), "3 is a lossless JPEG (SOF3), which this version cannot read");
  EXPECT_EQ(why(with(1, 0xc5)), "3 is a hierarchical JPEG (SOF5), which this version cannot read");
  auto twice = file;
  const Bytes header(file.begin() + static_cast<std::ptrdiff_t>(at),
                     file.begin() + static_cast<std::ptrdiff_t>(at) + 19);
  twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(at), header.begin(), header.end());
  EXPECT_EQ(why(twice), "3 damaged: the JPEG has a second frame header");
  EXPECT_EQ(why(without_end(file) + header + bytes_of("\xff\xd9"sv)),
            "3 damaged: the JPEG has a second frame header");
  auto empty = file;
  for (std::size_t i = 5; i < 9; ++i) empty[at + i] = std::byte{0};
  EXPECT_EQ(why(empty), "3 damaged: the JPEG says no width and height");
  EXPECT_EQ(why(write_by_libjpeg(JCS_UNKNOWN, 2, 8, 8, set_nothing)),
            "3 is a JPEG of 2 components, which this version cannot read");
  // Too few bytes for so many pixels: nothing is allocated for them.
  auto large = file;
  for (std::size_t i = 5; i < 9; i += 2) large[at + i] = std::byte{0x40};
  EXPECT_EQ(why(large), "3 truncated: its bytes are fewer than its pixels need");
  EXPECT_EQ(jpeg_format().read_header(large).width, 0x4018U);
}

TEST(Jpeg, DamageIsAllowedOnDemand) {
  ReadOptions allowing;
  allowing.allows_damage = true;
  for (const auto& kind : kinds()) {
    const auto file = write_by_libjpeg(kind.colours, kind.components, 64, 64, kind.set);
    const Content whole = read(file, allowing);
    EXPECT_TRUE(whole.notes.empty()) << kind.name;
    const Content half = read(std::span(file).first(file.size() * 3 / 4), allowing);
    EXPECT_EQ(half.notes,
              std::vector<std::string>{kind.name == "arithmetic"sv
                                           ? "damaged: truncated: the JPEG's end marker is missing"
                                           : "damaged: truncated: the JPEG ends within its pixels"})
        << kind.name;
    const bool is_progressive = std::string_view(kind.name).starts_with("progressive");
    const std::size_t first = is_progressive ? 0 : 64 * 16;
    if (kind.name != "apart"sv) {
      EXPECT_TRUE(std::equal(half.image.samples.begin(),
                             half.image.samples.begin() + static_cast<std::ptrdiff_t>(first),
                             whole.image.samples.begin()))
          << kind.name;
    }
    EXPECT_NE(half.image, whole.image);
  }
  auto wrong = write_by_libjpeg(JCS_RGB, 3, 64, 64, set_nothing);
  wrong[wrong.size() / 2] = std::byte{0xff};
  wrong[wrong.size() / 2 + 1] = std::byte{0xd9};
  EXPECT_EQ(why(wrong), "3 damaged: Corrupt JPEG data: premature end of data segment");
  EXPECT_EQ(read(wrong, allowing).notes[0], "damaged: Corrupt JPEG data: premature end of data segment");
}

TEST(Jpeg, WritesWhatLibjpegReads) {
  for (const std::uint32_t channels : {1U, 3U}) {
    const Image image = make_picture(70, 50, channels);
    Bytes icc(100000);  // in two segments
    for (std::size_t i = 0; i < icc.size(); ++i) icc[i] = static_cast<std::byte>(i * 7 >> 3);
    Losses losses;
    const Metadata metadata{
        icc, make_exif(6), bytes_of("<x:xmpmeta/>"), {Resolution::Unit::kMetre, 11811000, 5906000}};
    const auto file = write(image, metadata, &losses);
    EXPECT_FALSE(losses.icc || losses.exif || losses.xmp || losses.resolution);
    const auto found = read_by_libjpeg(file, channels == 1 ? JCS_GRAYSCALE : JCS_RGB);
    EXPECT_EQ(found.components, channels);
    EXPECT_EQ(found.icc, icc);
    EXPECT_EQ(found.unit, 1);
    EXPECT_EQ(found.x, 300);
    EXPECT_EQ(found.y, 150);
    const Content content = read(file);
    EXPECT_EQ(content.image.samples, found.samples);
    double sum = 0;
    for (std::size_t i = 0; i < image.samples.size(); ++i)
      sum += std::abs(image.samples[i] - found.samples[i]);
    EXPECT_LT(sum / static_cast<double>(image.samples.size()), channels == 1 ? 2 : 10);
    EXPECT_EQ(content.icc, icc);
    EXPECT_EQ(content.exif, std::vector<Bytes>{make_exif(6)});
    EXPECT_EQ(content.xmp, metadata.xmp);
    EXPECT_EQ(content.resolution, (Resolution{Resolution::Unit::kInch, 300000, 150000}));
    EXPECT_TRUE(content.notes.empty());
    ReadOptions pixels_alone;
    pixels_alone.keeps_metadata = false;
    EXPECT_TRUE(read(file, pixels_alone).icc.empty());
    EXPECT_EQ(read(file, pixels_alone).exif.size(), 1U);
  }
  EXPECT_LT(write(make_picture(64, 64, 3), {}, nullptr, 10).size(), write(make_picture(64, 64, 3)).size());
  EXPECT_EQ(error_of([] { (void)write(make_picture(65501, 1, 1)); }),
            "5 65501x1 pixels do not fit into a .jpg file (at most 65500 a side): choose another format");
  EXPECT_EQ(read(write(make_picture(65500, 1, 1))).image.width, 65500U);
}

TEST(Jpeg, ResolutionIsTheClosestOfWholeNumbers) {
  using Unit = Resolution::Unit;
  const auto back = [](const Resolution& resolution, bool is_lost = false) {
    Losses losses;
    const auto file = write(make_picture(8, 8, 3), {{}, {}, {}, resolution}, &losses);
    EXPECT_EQ(losses.resolution, is_lost);
    return read(file).resolution;
  };
  EXPECT_EQ(back({Unit::kInch, 72000, 96000}), (Resolution{Unit::kInch, 72000, 96000}));
  EXPECT_EQ(back({Unit::kCentimetre, 100000, 100000}), (Resolution{Unit::kCentimetre, 100000, 100000}));
  EXPECT_EQ(back({Unit::kMetre, 2835000, 2835000}), (Resolution{Unit::kInch, 72000, 72000}));
  EXPECT_EQ(back({Unit::kMetre, 10000000, 10000000}), (Resolution{Unit::kInch, 254000, 254000}));
  EXPECT_EQ(back({Unit::kMetre, 2500000, 2500000}), (Resolution{Unit::kCentimetre, 25000, 25000}));
  EXPECT_EQ(back({Unit::kRatio, 16000, 11000}), (Resolution{Unit::kRatio, 16000, 11000}));
  EXPECT_EQ(back({Unit::kRatio, 4000000000, 2000000000}), (Resolution{Unit::kRatio, 2000, 1000}));
  EXPECT_TRUE(back({Unit::kMetre, 1, 1}, true).empty());
  EXPECT_TRUE(back({Unit::kInch, 70000000, 70000000}, true).empty());
  EXPECT_TRUE(back({}).empty());
}

// The largest parts that segments hold, and what is larger.
TEST(Jpeg, LargeMetadataIsSplitOrLost) {
  const Image image = make_picture(8, 8, 1);
  Bytes exif = make_exif(1);
  exif.resize(65527);
  Losses losses;
  EXPECT_EQ(read(write(image, {{}, exif, {}, {}}, &losses)).exif.at(0), exif);
  EXPECT_FALSE(losses.exif);
  exif.resize(65528);
  EXPECT_TRUE(read(write(image, {{}, exif, {}, {}}, &losses)).exif.empty());
  EXPECT_TRUE(losses.exif);
  EXPECT_EQ(read(write(image, {{}, {}, Bytes(65502, std::byte{'x'}), {}})).xmp, Bytes(65502, std::byte{'x'}));
  Bytes xmp;
  for (std::size_t i = 0; i < 200000; ++i) xmp.push_back(static_cast<std::byte>('a' + i % 23));
  const Content content = read(write(image, {{}, {}, xmp, {}}, &losses));
  EXPECT_FALSE(losses.xmp);
  ASSERT_EQ(content.extended_xmp.size(), 1U);
  EXPECT_EQ(content.extended_xmp[0].second, xmp);
  EXPECT_EQ(content.extended_xmp[0].first.size(), 32U);
  const std::string main(reinterpret_cast<const char*>(content.xmp.data()), content.xmp.size());
  EXPECT_NE(main.find("xmpNote:HasExtendedXMP=\"" + content.extended_xmp[0].first + "\""), std::string::npos);
  EXPECT_FALSE(losses.icc);
  const Bytes most(std::size_t{65519} * 255, std::byte{1});
  EXPECT_EQ(read(write(image, {most, {}, {}, {}}, &losses)).icc, most);
  EXPECT_FALSE(losses.icc);
  EXPECT_TRUE(read(write(image, {most + Bytes(1), {}, {}, {}}, &losses)).icc.empty());
  EXPECT_TRUE(losses.icc);
}

Bytes icc_part(int number, int of, const Bytes& data) {
  return segment(0xe2, bytes_of("ICC_PROFILE\0"sv) +
                           Bytes{static_cast<std::byte>(number), static_cast<std::byte>(of)} + data);
}

TEST(Jpeg, AProfilesPartsAreAllNeededOnce) {
  const auto file = write(make_picture(8, 8, 3));
  const auto a = bytes_of("abc"), b = bytes_of("def");
  EXPECT_EQ(read(with_segments(file, icc_part(2, 2, b) + icc_part(1, 2, a))).icc, a + b);
  EXPECT_EQ(read(with_segments(file, icc_part(1, 1, a))).icc, a);
  const std::vector<std::string> damaged = {"its colour profile (ICC) is damaged: left out"};
  for (const auto& parts :
       {icc_part(1, 2, a), icc_part(2, 2, b), icc_part(1, 2, a) + icc_part(1, 2, b),
        icc_part(1, 2, a) + icc_part(2, 3, b), icc_part(0, 1, a), icc_part(2, 1, a), icc_part(1, 1, {}),
        icc_part(1, 0, a), icc_part(1, 2, a) + icc_part(2, 2, b) + icc_part(2, 2, b),
        segment(0xe2, bytes_of("ICC_PROFILE\0"sv)), segment(0xe2, bytes_of("ICC_PROFILE\0\1"sv))}) {
    const Content content = read(with_segments(file, parts));
    EXPECT_TRUE(content.icc.empty());
    EXPECT_EQ(content.notes, damaged);
  }
}

constexpr auto kXmpName = "http://ns.adobe.com/xap/1.0/\0"sv;

Bytes extension_part(char guid, std::uint32_t size, std::uint32_t offset, std::string_view text) {
  auto data = bytes_of("http://ns.adobe.com/xmp/extension/\0"sv);
  data.insert(data.end(), 32, static_cast<std::byte>(guid));
  append_big_endian(data, size, 4);
  append_big_endian(data, offset, 4);
  return segment(0xe1, data + bytes_of(text));
}

TEST(Jpeg, ExtendedXmpIsPutTogetherByItsGuid) {
  const auto file = write(make_picture(8, 8, 3));
  const auto parts =
      extension_part('A', 6, 4, "ef") + extension_part('B', 2, 0, "xy") + extension_part('A', 6, 0, "abcd");
  const Content content =
      read(with_segments(file, segment(0xe1, bytes_of(kXmpName) + bytes_of("<main/>")) + parts));
  EXPECT_EQ(content.xmp, bytes_of("<main/>"));
  ASSERT_EQ(content.extended_xmp.size(), 2U);
  EXPECT_EQ(content.extended_xmp[0], std::pair(std::string(32, 'A'), bytes_of("abcdef")));
  EXPECT_EQ(content.extended_xmp[1], std::pair(std::string(32, 'B'), bytes_of("xy")));
  const auto good = extension_part('B', 2, 0, "xy");
  for (const auto& bad :
       {extension_part('A', 6, 0, "abcd"),
        extension_part('A', 6, 0, "abcd") + extension_part('A', 6, 3, "def"), extension_part('A', 6, 4, "ef"),
        extension_part('A', 6, 0, "abcdefg"), extension_part('A', 0xffffffff, 0xfffffffe, "ab"),
        extension_part('A', 4, 0, "ab") + extension_part('A', 5, 2, "cd"),
        segment(0xe1, bytes_of("http://ns.adobe.com/xmp/extension/\0AAAA"sv))}) {
    const Content found = read(with_segments(file, bad + good));
    EXPECT_EQ(found.notes, std::vector<std::string>{"its extended XMP is damaged: left out"});
    EXPECT_GE(found.extended_xmp.size(), 1U);
    EXPECT_EQ(found.extended_xmp.back().second, bytes_of("xy"));
  }
}

TEST(Jpeg, SegmentsAreReadInTheirOrder) {
  const auto exif = bytes_of("Exif\0\0"sv);
  const auto file =
      with_segments(write(make_picture(8, 8, 3)),
                    segment(0xe1, exif + make_exif(6)) + segment(0xe1, exif + make_exif(1)) +
                        segment(0xfe, bytes_of("caf\xe9\0"sv)) + segment(0xfe, bytes_of("\xc3\xbc"sv)) +
                        segment(0xfe, {}) + segment(0xe1, bytes_of(kXmpName) + bytes_of("<a/>")) +
                        segment(0xe1, bytes_of(kXmpName) + bytes_of("<b/>")) +
                        segment(0xed, bytes_of("Photoshop 3.0\0"
                                               "8BIM\4\4\0\0\0\0\0\0"sv)) +
                        segment(0xe2, bytes_of("urn:iso:std:iso:ts:21496:-1\0\0\0"sv)) + segment(0xe1, {}) +
                        segment(0xe5, bytes_of("?")));
  const Content content = read(file);
  EXPECT_EQ(content.exif, (std::vector{make_exif(6), make_exif(1)}));
  EXPECT_EQ(content.xmp, bytes_of("<a/>"));
  ASSERT_EQ(content.texts.size(), 2U);
  EXPECT_EQ(content.texts[0].text, "caf\xc3\xa9");
  EXPECT_EQ(content.texts[1].text, "\xc3\xbc");
  EXPECT_EQ(content.texts[1].keyword, "Comment");
  EXPECT_EQ(content.notes, (std::vector<std::string>{"a second XMP packet: left out",
                                                     "other application data (APP5): left out",
                                                     "IPTC: left out", "a gain map (HDR): left out"}));
}

TEST(Jpeg, OtherApplicationDataAreTold) {
  const auto file = with_segments(write(make_picture(8, 8, 3)),
                                  segment(0xec, bytes_of("Ducky")) + segment(0xe0, bytes_of("JFXX\0\x10"sv)) +
                                      segment(0xe1, bytes_of("what is it")) + segment(0xef, bytes_of("?")) +
                                      segment(0xe4, {}) + segment(0xe2, bytes_of("FPXR\0"sv)) +
                                      segment(0xec, bytes_of("Ducky")) +
                                      segment(0xe1, bytes_of("Exif\0\0"sv) + make_exif(1)) +
                                      segment(0xed, bytes_of("Photoshop 3.0\0"sv)));
  EXPECT_EQ(read(file).notes,
            std::vector<std::string>{"other application data (APP1, APP2, APP12, APP15): left out"});
  ReadOptions pixels_alone;
  pixels_alone.keeps_metadata = false;
  EXPECT_TRUE(jpeg_format().read(file, pixels_alone).notes.empty());
  const auto no_length = with_segments(write(make_picture(8, 8, 3)), bytes_of("\xff\xe5\0\0"sv));
  EXPECT_EQ(read(no_length).notes, std::vector<std::string>{});
}

Bytes mpf(std::uint32_t pictures, bool little) {
  auto data = bytes_of("MPF\0"sv);
  append(data, little ? bytes_of("II*\0\x08\0\0\0\x01\0\x01\xb0\4\0\1\0\0\0"sv)
                      : bytes_of("MM\0*\0\0\0\x08\0\x01\xb0\x01\0\4\0\0\0\1"sv));
  for (int i = 0; i < 4; ++i)
    data.push_back(static_cast<std::byte>(pictures >> (little ? 8 * i : 24 - 8 * i)));
  return segment(0xe2, data);
}

TEST(Jpeg, WhatStandsBehindThePictureIsTold) {
  const auto file = write(make_picture(8, 8, 3));
  const auto notes = [](const Bytes& all) { return read(all).notes; };
  using Notes = std::vector<std::string>;
  const std::string size = std::to_string(file.size());
  for (const bool little : {false, true}) {
    EXPECT_EQ(notes(with_segments(file, mpf(2, little)) + file), Notes{"a second picture (MPO): left out"});
    EXPECT_EQ(notes(with_segments(file, mpf(3, little)) + file + file),
              Notes{"2 more pictures (MPO): left out"});
  }
  EXPECT_EQ(notes(file + file), Notes{size + " bytes behind the picture: a second picture, left out"});
  EXPECT_EQ(notes(file + bytes_of("\0\0\0\x18"
                                  "ftypmp42"sv)),
            Notes{"12 bytes behind the picture: a motion photo's video, left out"});
  EXPECT_EQ(notes(file + bytes_of("abc")), Notes{"3 bytes behind the picture: left out"});
  EXPECT_EQ(notes(file + Bytes(100)), Notes{});
  const auto hdr = segment(
      0xe1, bytes_of(kXmpName) + bytes_of("<x xmlns:hdrgm=\"http://ns.adobe.com/hdr-gain-map/1.0/\"/>"));
  EXPECT_EQ(notes(with_segments(file, hdr + mpf(2, true)) + file), Notes{"a gain map (HDR): left out"});
  EXPECT_EQ(notes(with_segments(file, mpf(2, true))), Notes{});  // nothing is there
}

// 16x16 of 200, 100, 50, 25 of ink. Adobe's samples say how much paper is seen.
Bytes cmyk_by_libjpeg(bool adobe, bool progressive) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = info.image_height = 16;
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  if (adobe) jpeg_set_colorspace(&info, JCS_YCCK);
  info.write_Adobe_marker = adobe ? TRUE : FALSE;
  jpeg_set_quality(&info, 100, TRUE);
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  std::vector<JSAMPLE> row;
  for (int x = 0; x < 16; ++x) {
    for (const int ink : {200, 100, 50, 25}) row.push_back(static_cast<JSAMPLE>(adobe ? 255 - ink : ink));
  }
  JSAMPROW pointer = row.data();
  while (info.next_scanline < 16) jpeg_write_scanlines(&info, &pointer, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* begin = reinterpret_cast<const std::byte*>(memory);
  Bytes file(begin, begin + size);
  std::free(memory);
  return file;
}

TEST(Jpeg, CmykBecomesSrgb) {
  const auto expect_all = [](const Image& image, const std::array<int, 3>& colour) {
    ASSERT_EQ(image.samples.size(), 16U * 16 * 3);
    for (std::size_t i = 0; i < image.samples.size(); ++i) ASSERT_NEAR(image.samples[i], colour[i % 3], 3);
  };
  const auto left = [](int ink) { return (255 - ink) * (255 - 25) / 255; };
  const auto icc = make_cmyk_profile();
  const std::array<std::uint8_t, 4> inks = {200, 100, 50, 25};
  std::array<std::uint8_t, 3> by_profile{};
  CmykConverter(icc).convert(inks.data(), by_profile.data(), 1);
  for (const bool adobe : {false, true}) {
    for (const bool progressive : {false, true}) {
      const auto file = cmyk_by_libjpeg(adobe, progressive);
      EXPECT_EQ(jpeg_format().read_header(file).channels, 3U);
      const Content content = read(file);
      const std::string plain = "CMYK, converted to sRGB without a profile: by R = (1 - C)(1 - K)";
      EXPECT_EQ(content.notes, std::vector{plain});
      expect_all(content.image, {left(200), left(100), left(50)});
      const Content profiled = read(with_segments(file, icc_part(1, 1, icc)));
      EXPECT_EQ(profiled.notes, std::vector<std::string>{"CMYK, converted to sRGB with its profile"});
      EXPECT_TRUE(profiled.icc.empty());
      expect_all(profiled.image, {by_profile[0], by_profile[1], by_profile[2]});
      EXPECT_NE(profiled.image, content.image);
      const Content damaged = read(with_segments(file, icc_part(1, 2, icc)));
      EXPECT_EQ(damaged.image, content.image);
      EXPECT_EQ(damaged.notes,
                (std::vector<std::string>{"its colour profile (ICC) is damaged: left out", plain}));
      EXPECT_EQ(read(without_end(file)).image, content.image);
      for (const auto& [other, why] : std::initializer_list<std::pair<Bytes, std::string>>{
               {rgb_profile({}, 2.2), "its colour profile (ICC) is of RGB, the picture CMYK: left out"},
               {bytes_of("no profile"), "its colour profile (ICC) is damaged: left out"}}) {
        const Content told = read(with_segments(file, icc_part(1, 1, other)));
        EXPECT_EQ(told.image, content.image);
        EXPECT_EQ(told.notes, (std::vector{why, plain}));
      }
    }
  }
}

}  // namespace
}  // namespace vaec::image
