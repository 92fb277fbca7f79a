#include <gtest/gtest.h>
#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/interrupt.hpp"
#include "image/formats/formats.hpp"
#include "image/make_picture.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/read.hpp"
#include "stop_request.hpp"
#include "temporary_folder.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;
using Bytes = std::vector<std::byte>;

Bytes chunk(std::string_view type, const Bytes& data) {
  Bytes result;
  append_big_endian(result, static_cast<std::uint32_t>(data.size()), 4);
  append(result, bytes_of(type));
  append(result, data);
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(result.data() + 4), data.size() + 4);
  append_big_endian(result, static_cast<std::uint32_t>(crc), 4);
  return result;
}

Bytes operator+(Bytes a, const Bytes& b) {
  append(a, b);
  return a;
}

Bytes deflated(const Bytes& data) {
  uLongf size = compressBound(data.size());
  Bytes result(size);
  compress(reinterpret_cast<Bytef*>(result.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
           data.size());
  result.resize(size);
  return result;
}

Bytes write(const Image& image, const Metadata& metadata = {}, Losses* losses = nullptr) {
  Losses own;
  return png_format().write(image, metadata, {}, losses == nullptr ? own : *losses);
}

Content read(std::span<const std::byte> file, const ReadOptions& options = {}) {
  return png_format().read(file, options);
}

// Of 24x16 pixels, with chunks behind the header.
Bytes picture_with(const Bytes& chunks, std::uint32_t channels = 3) {
  auto png = write(make_picture(24, 16, channels));
  constexpr std::ptrdiff_t kAfterHeader = 33;
  png.insert(png.begin() + kAfterHeader, chunks.begin(), chunks.end());
  return png;
}

Bytes rgb_icc() { return rgb_profile({}, 1.8); }
Bytes grey_icc() { return grey_profile(1.8); }

// What libpng itself makes of a file.
struct ByLibpng {
  png_image image{};
  Bytes samples, icc, exif;
  std::vector<std::pair<std::string, std::string>> texts;
  png_uint_32 x = 0, y = 0;
  int unit = -1;
};

struct Source {
  const Bytes& file;
  std::size_t at = 0;
};

ByLibpng read_by_libpng(const Bytes& file) {
  ByLibpng result;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  Source source{file};
  if (setjmp(png_jmpbuf(png)) != 0) {
    ADD_FAILURE() << "libpng cannot read it";
    png_destroy_read_struct(&png, &info, nullptr);
    return result;
  }
  png_set_read_fn(png, &source, [](png_structp reader, png_bytep to, std::size_t size) {
    auto& from = *static_cast<Source*>(png_get_io_ptr(reader));
    if (size > from.file.size() - from.at) png_error(reader, "it ends too early");
    std::memcpy(to, from.file.data() + from.at, size);
    from.at += size;
  });
  png_read_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  for (png_uint_32 y = 0; y < png_get_image_height(png, info); ++y) {
    const auto* row = reinterpret_cast<const std::byte*>(png_get_rows(png, info)[y]);
    result.samples.insert(result.samples.end(), row, row + row_bytes);
  }
  png_charp name = nullptr;
  int method = 0;
  png_bytep data = nullptr;
  png_uint_32 size = 0;
  if (png_get_iCCP(png, info, &name, &method, &data, &size) != 0) {
    EXPECT_GT(std::strlen(name), 0U);
    result.icc.assign(reinterpret_cast<std::byte*>(data), reinterpret_cast<std::byte*>(data) + size);
  }
  if (png_get_eXIf_1(png, info, &size, &data) != 0)
    result.exif.assign(reinterpret_cast<std::byte*>(data), reinterpret_cast<std::byte*>(data) + size);
  png_textp texts = nullptr;
  int count = 0;
  png_get_text(png, info, &texts, &count);
  for (int i = 0; i < count; ++i) result.texts.emplace_back(texts[i].key, texts[i].text);
  png_get_pHYs(png, info, &result.x, &result.y, &result.unit);
  png_destroy_read_struct(&png, &info, nullptr);
  return result;
}

TEST(Png, EveryKindOfPictureComesBackAndIsWhatLibpngReads) {
  for (const std::uint32_t channels : {1U, 3U}) {
    for (const std::uint32_t depth : {8U, 16U}) {
      for (const bool alpha : {false, true}) {
        for (const auto& [width, height] : {std::pair{1U, 2U}, {7U, 1U}, {24U, 16U}}) {
          Image image = make_picture(width, height, channels);
          if (alpha) {
            image = with_alpha(std::move(image), depth);
          } else if (depth == 16) {
            image = with_16_bits(std::move(image));
          }
          const auto file = write(image);
          EXPECT_EQ(read(file).image, image);
          const Header header = png_format().read_header(file);
          EXPECT_EQ(header.width, width);
          EXPECT_EQ(header.height, height);
          EXPECT_EQ(header.channels, channels);
          EXPECT_EQ(header.has_alpha, alpha);
          EXPECT_EQ(header.bit_depth, depth);
          const auto other = read_by_libpng(file);
          EXPECT_EQ(other.samples.size(), std::size_t{width} * height * image.bytes_per_pixel());
          if (depth == 8 && !alpha) {
            EXPECT_EQ(0, std::memcmp(other.samples.data(), image.samples.data(), image.samples.size()));
          }
        }
      }
    }
  }
}

// A file of any colour type, written by libpng.
struct Kind {
  int colour_type, depth;
};

Bytes write_by_libpng(const Kind& kind, int interlace, bool has_transparent_colour, png_uint_32 side) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp writer, png_bytep data, std::size_t size) {
        const auto* begin = reinterpret_cast<const std::byte*>(data);
        auto& to = *static_cast<Bytes*>(png_get_io_ptr(writer));
        to.insert(to.end(), begin, begin + size);
      },
      nullptr);
  png_set_IHDR(png, info, side, side, kind.depth, kind.colour_type, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> palette;
  for (int i = 0; i < 1 << std::min(kind.depth, 8); ++i)
    palette.push_back(
        {static_cast<png_byte>(i), static_cast<png_byte>(255 - i), static_cast<png_byte>(i * 7)});
  if (kind.colour_type == PNG_COLOR_TYPE_PALETTE)
    png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  png_byte alphas[] = {0, 100};
  png_color_16 colour{1, 1, 1, 1, 1};
  if (has_transparent_colour) png_set_tRNS(png, info, alphas, 2, &colour);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  std::vector<std::vector<png_byte>> rows;
  std::vector<png_bytep> pointers;
  for (png_uint_32 y = 0; y < side; ++y) {
    std::vector<png_byte> row;
    for (std::size_t i = 0; i < row_bytes; ++i) row.push_back(static_cast<png_byte>(y * 37 + i * 11));
    rows.push_back(row);
  }
  for (auto& row : rows) pointers.push_back(row.data());
  png_set_rows(png, info, pointers.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

// What a picture should be by libpng's other interface, which expands all by itself.
Bytes expanded_by_libpng(const Bytes& file, bool grey, bool alpha) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, file.data(), file.size()), 0);
  image.format = (grey ? 0U : PNG_FORMAT_FLAG_COLOR) | (alpha ? PNG_FORMAT_FLAG_ALPHA : 0U);
  Bytes samples(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, samples.data(), 0, nullptr), 0);
  return samples;
}

TEST(Png, EveryColourTypeDepthAndInterlacingIsExpanded) {
  std::size_t tried = 0;
  for (const Kind& kind : std::vector<Kind>{{0, 1},
                                            {0, 2},
                                            {0, 4},
                                            {0, 8},
                                            {0, 16},
                                            {2, 8},
                                            {2, 16},
                                            {3, 1},
                                            {3, 2},
                                            {3, 4},
                                            {3, 8},
                                            {4, 8},
                                            {4, 16},
                                            {6, 8},
                                            {6, 16}}) {
    for (const bool has_transparent_colour : {false, true}) {
      if (has_transparent_colour && kind.colour_type >= 4) continue;
      for (const png_uint_32 side : {1U, 5U, 19U}) {
        const auto file = write_by_libpng(kind, PNG_INTERLACE_NONE, has_transparent_colour, side),
                   interlaced = write_by_libpng(kind, PNG_INTERLACE_ADAM7, has_transparent_colour, side);
        const Content content = read(file);
        const Image& image = content.image;
        EXPECT_TRUE(content.notes.empty());
        EXPECT_EQ(image, read(interlaced).image);
        const bool grey = kind.colour_type == 0 || kind.colour_type == 4,
                   alpha = has_transparent_colour || kind.colour_type >= 4;
        EXPECT_EQ(image.channels, grey ? 1U : 3U);
        EXPECT_EQ(image.has_alpha(), alpha);
        EXPECT_EQ(image.bit_depth, kind.depth == 16 ? 16U : 8U);
        ++tried;
        if (kind.depth == 16) continue;
        const auto expected = expanded_by_libpng(file, grey, alpha);
        Bytes found;
        for (std::size_t i = 0; i < std::size_t{side} * side; ++i) {
          for (std::uint32_t c = 0; c < image.channels; ++c)
            found.push_back(std::byte{image.samples[i * image.channels + c]});
          if (alpha) found.push_back(std::byte{image.alpha[i]});
        }
        EXPECT_EQ(found, expected) << kind.colour_type << " " << kind.depth << " " << side;
      }
    }
  }
  EXPECT_EQ(tried, 3U * (15 + 11));
}

// A transparent colour before a palette: libpng takes it back, but for newer versions.
TEST(Png, TransparencyBeforeThePaletteCountsOrIsTold) {
  const auto transparent = chunk("tRNS", Bytes(6)), palette = chunk("PLTE", Bytes(12, std::byte{9}));
  const auto wrong = picture_with(transparent + palette), right = picture_with(palette + transparent);
  EXPECT_TRUE(png_format().read_header(right).has_alpha);
  EXPECT_TRUE(read(right).image.has_alpha());
  const Content content = read(wrong);
  EXPECT_EQ(png_format().read_header(wrong).has_alpha, content.image.has_alpha());
  if (content.image.has_alpha()) {  // newer libpng takes it where it stands
    EXPECT_EQ(content.image.alpha, read(right).image.alpha);
    return;
  }
  ASSERT_EQ(content.notes.size(), 1U);
  EXPECT_NE(content.notes[0].find("transparent colours are left out"), std::string::npos) << content.notes[0];
}

TEST(Png, MetadataIsWhatLibpngReads) {
  const auto xmp = bytes_of("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"sv);
  const Resolution resolution{Resolution::Unit::kInch, 300000, 600000};
  for (const bool grey : {false, true}) {
    const auto icc = grey ? grey_icc() : rgb_icc();
    Losses losses;
    const auto file = write(make_picture(4, 4, grey ? 1 : 3), {icc, make_exif(6), xmp, resolution}, &losses);
    EXPECT_FALSE(losses.icc || losses.exif || losses.xmp || losses.resolution);
    const auto found = read_by_libpng(file);
    EXPECT_EQ(found.icc, icc);
    EXPECT_EQ(found.exif, make_exif(6));
    ASSERT_EQ(found.texts.size(), 1U);
    EXPECT_EQ(found.texts[0].first, "XML:com.adobe.xmp");
    EXPECT_EQ(bytes_of(found.texts[0].second), xmp);
    EXPECT_EQ(found.x, 11811U);
    EXPECT_EQ(found.y, 23622U);
    EXPECT_EQ(found.unit, PNG_RESOLUTION_METER);
    const Content content = read(file);
    EXPECT_EQ(content.icc, icc);
    EXPECT_EQ(content.exif, std::vector<Bytes>{make_exif(6)});
    EXPECT_EQ(content.xmp, xmp);
    EXPECT_EQ(content.resolution, (Resolution{Resolution::Unit::kMetre, 11811000, 23622000}));
    EXPECT_TRUE(content.notes.empty());
  }
}

TEST(Png, ARatioOfPixelsComesBack) {
  for (const auto& [x, y] : {std::pair{16000U, 11000U}, {1500U, 1000U}, {4000000000U, 1000000000U}}) {
    const auto file = write(make_picture(4, 4, 3), {{}, {}, {}, {Resolution::Unit::kRatio, x, y}});
    EXPECT_EQ(read_by_libpng(file).unit, PNG_RESOLUTION_UNKNOWN);
    const Resolution found = read(file).resolution;
    EXPECT_EQ(found.unit, Resolution::Unit::kRatio);
    EXPECT_DOUBLE_EQ(static_cast<double>(found.x) / found.y, static_cast<double>(x) / y);
  }
  Losses losses;
  const Resolution too_low{Resolution::Unit::kMetre, 1, 1};
  EXPECT_TRUE(read(write(make_picture(4, 4, 3), {{}, {}, {}, too_low}, &losses)).resolution.empty());
  EXPECT_TRUE(losses.resolution);
}

// What libpng does not write costs nothing else.
TEST(Png, AProfileThatLibpngRefusesIsLost) {
  auto forged = rgb_icc();
  forged[3] ^= std::byte{4};  // another size than it has
  for (const auto& icc : {bytes_of("no profile"), forged}) {
    Losses losses;
    const auto file = write(make_picture(4, 4, 3), {icc, make_exif(1), {}, {}}, &losses);
    EXPECT_TRUE(losses.icc);
    EXPECT_FALSE(losses.exif);
    EXPECT_TRUE(read_by_libpng(file).icc.empty());
    EXPECT_EQ(read_by_libpng(file).exif, make_exif(1));
  }
  Losses losses;
  const auto file = write(make_picture(4, 4, 3), {{}, {}, bytes_of("a\0b"sv), {}}, &losses);
  EXPECT_TRUE(losses.xmp);
  EXPECT_TRUE(read(file).xmp.empty());
}

Bytes raw_profile(std::string_view kind, const Bytes& data) {
  std::string text = "\n" + std::string(kind) + "\n" +
                     std::string(8 - std::to_string(data.size()).size(), ' ') + std::to_string(data.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    constexpr auto kDigits = "0123456789abcdef"sv;
    if (i % 36 == 0) text += '\n';
    text += kDigits[std::to_integer<std::size_t>(data[i]) >> 4];
    text += kDigits[std::to_integer<std::size_t>(data[i]) & 15];
  }
  return bytes_of(text + "\n");
}

Bytes raw_chunk(std::string_view kind, const Bytes& text, bool compressed) {
  const auto keyword = bytes_of("Raw profile type ") + bytes_of(kind);
  return compressed ? chunk("zTXt", keyword + bytes_of("\0\0"sv) + deflated(text))
                    : chunk("tEXt", keyword + bytes_of("\0"sv) + text);
}

TEST(Png, RawProfilesAreReadBehindTheExifChunk) {
  const auto prefix = bytes_of("Exif\0\0"sv), xmp = bytes_of("<x:xmpmeta/>"),
             xmp_prefix = bytes_of("http://ns.adobe.com/xap/1.0/\0"sv);
  for (const bool compressed : {false, true}) {
    const auto file = picture_with(
        raw_chunk("exif", raw_profile("exif", prefix + make_exif(3)), compressed) +
        raw_chunk("APP1", raw_profile("generic profile", make_exif(4)), compressed) +
        chunk("eXIf", make_exif(2)) + raw_chunk("APP1", raw_profile("app1", xmp_prefix + xmp), compressed) +
        raw_chunk("icc", raw_profile("icc", rgb_icc()), compressed) +
        raw_chunk("iptc", raw_profile("iptc", xmp), compressed));
    const Content content = read(file);
    EXPECT_EQ(content.exif, (std::vector{make_exif(2), make_exif(3), make_exif(4)}));
    EXPECT_EQ(content.xmp, xmp);
    EXPECT_EQ(content.icc, rgb_icc());
    EXPECT_EQ(content.notes, std::vector<std::string>{"IPTC: left out"});
    ReadOptions pixels_alone;
    pixels_alone.keeps_metadata = false;
    EXPECT_EQ(read(file, pixels_alone).exif.size(), 3U);  // the orientation
    EXPECT_TRUE(read(file, pixels_alone).icc.empty());
  }
  const Content both = read(picture_with(raw_chunk("xmp", raw_profile("xmp", xmp), true) +
                                         chunk("iTXt", bytes_of("XML:com.adobe.xmp\0\0\0\0\0<y/>"sv))));
  EXPECT_EQ(both.xmp, bytes_of("<y/>"));
  EXPECT_EQ(both.notes, std::vector<std::string>{"a second XMP packet: left out"});
}

TEST(Png, DamagedRawProfilesCostNothingElse) {
  const auto good = raw_profile("exif", make_exif(6));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = std::byte{'x'};
    const Content content = read(picture_with(raw_chunk("exif", bad, false) + chunk("eXIf", make_exif(2))));
    EXPECT_EQ(content.exif[0], make_exif(2));
    EXPECT_TRUE(content.exif.size() == 2 || content.notes.size() == 1) << i;
    (void)read(picture_with(
        raw_chunk("exif", Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i)), false)));
  }
  const Content huge =
      read(picture_with(raw_chunk("exif", bytes_of("\nexif\n99999999999999999999\n45"), false)));
  EXPECT_EQ(huge.notes, std::vector<std::string>{"its raw profile \"exif\" is damaged: left out"});
}

TEST(Png, TextsBecomeUtf8) {
  const Content content =
      read(picture_with(chunk("tEXt", bytes_of("Title\0caf\xe9"sv)) +
                        chunk("zTXt", bytes_of("Author\0\0"sv) + deflated(bytes_of("M\xfcller"))) +
                        chunk("iTXt", bytes_of("Comment\0\0\0de\0Kommentar\0\xc3\xbc"sv)) +
                        chunk("iTXt", bytes_of("Copyright\0\1\0\0\0"sv) + deflated(bytes_of("\xc2\xa9")))));
  ASSERT_EQ(content.texts.size(), 4U);
  const std::vector<std::pair<std::string, std::string>> expected = {{"Title", "caf\xc3\xa9"},
                                                                     {"Author", "M\xc3\xbcller"},
                                                                     {"Comment", "\xc3\xbc"},
                                                                     {"Copyright", "\xc2\xa9"}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(content.texts[i].keyword, expected[i].first);
    EXPECT_EQ(content.texts[i].text, expected[i].second);
  }
  EXPECT_TRUE(content.notes.empty());
}

TEST(Png, DamagedAndHugeMetadataCostsNoPicture) {
  auto bad_checksum = chunk("eXIf", make_exif(6));
  bad_checksum.back() ^= std::byte{1};
  const auto name = bytes_of("p\0\0"sv);
  const auto zeros = deflated(Bytes(std::size_t{17} << 20));
  const auto profile = deflated(rgb_icc());
  const Bytes half(profile.begin(), profile.begin() + static_cast<std::ptrdiff_t>(profile.size() / 2));
  const std::vector<std::pair<Bytes, std::string>> cases = {
      {bad_checksum, "its eXIf chunk is damaged: left out"},
      {chunk("iCCP", name + zeros), "its colour profile (ICC) is too large: left out"},
      {chunk("iCCP", name + half), "its colour profile (ICC) is damaged: left out"},
      {chunk("iCCP", bytes_of("p")), "its colour profile (ICC) is damaged: left out"},
      {chunk("zTXt", bytes_of("Title\0\0"sv) + zeros), "its text \"Title\" is too large: left out"},
      {chunk("zTXt", bytes_of("Title\0\0"sv)), "its text \"Title\" is damaged: left out"},
      {chunk("iTXt", bytes_of("XML:com.adobe.xmp\0\1\0\0\0"sv) + zeros), "its XMP is too large: left out"},
      {chunk("eXIf", Bytes(4 << 20)), "its EXIF is too large: left out"},
      {chunk("pHYs", Bytes(8)), "its resolution is damaged: left out"},
      {chunk("gAMA", Bytes(4)), "its colour space (gAMA, cHRM) is damaged: left out"},
      {chunk("tEXt", bytes_of("a\x1b\0"sv) + Bytes(4 << 20)), "its text \"a?\" is too large: left out"},
  };
  for (const auto& [chunks, expected] : cases) {
    const Content content = read(picture_with(chunks));
    EXPECT_EQ(content.image, make_picture(24, 16, 3));
    EXPECT_EQ(content.notes, std::vector{expected});
    EXPECT_TRUE(content.icc.empty() && content.exif.empty() && content.xmp.empty());
  }
  // XMP that is too large to be kept can still say how the picture lies.
  const auto xmp_chunk = [](std::size_t size) {
    return chunk("iTXt", bytes_of("XML:com.adobe.xmp\0\1\0\0\0"sv) + deflated(Bytes(size)));
  };
  EXPECT_EQ(read(picture_with(xmp_chunk(10 << 20))).xmp.size(), 10U << 20);
  ReadOptions none;
  none.max_metadata = 0;
  EXPECT_EQ(read(picture_with(xmp_chunk(10 << 20)), none).xmp.size(), 10U << 20);
  // What fits here is for others to judge by the limits.
  EXPECT_EQ(read(picture_with(chunk("eXIf", Bytes(2 << 20)))).exif[0].size(), 2U << 20);
  // Many large ones together are bounded, too.
  Bytes many;
  const auto three = deflated(Bytes(3 << 20));
  for (int i = 0; i < 100; ++i) append(many, chunk("zTXt", bytes_of("Title\0\0"sv) + three));
  const Content content = read(picture_with(many));
  EXPECT_EQ(content.texts.size(), 8U);
  EXPECT_EQ(content.notes, std::vector<std::string>{"its text \"Title\" is too large: left out"});
  Bytes empty;
  for (int i = 0; i < 20000; ++i) append(empty, chunk("tEXt", bytes_of("a\0"sv)));
  EXPECT_EQ(read(picture_with(empty)).texts.size(), 10000U);
}

Bytes numbers(const std::vector<std::uint32_t>& values) {
  Bytes result;
  for (const auto value : values) append_big_endian(result, value, 4);
  return result;
}

// Chunks count behind the pixels as before them.
TEST(Png, MetadataBehindThePixelsIsRead) {
  auto file = write(make_picture(24, 16, 3));
  const auto chunks = chunk("tEXt", bytes_of("Title\0abc"sv)) + chunk("eXIf", make_exif(6)) +
                      chunk("iTXt", bytes_of("XML:com.adobe.xmp\0\0\0\0\0<x/>"sv));
  file.insert(file.end() - 12, chunks.begin(), chunks.end());
  const Content content = read(file);
  EXPECT_EQ(content.texts.size(), 1U);
  EXPECT_EQ(content.exif.size(), 1U);
  EXPECT_EQ(content.xmp, bytes_of("<x/>"));
  EXPECT_TRUE(content.notes.empty());
}

// cICP, then iCCP, then sRGB, then gAMA with cHRM; what makes no difference is none.
TEST(Png, ColourSpacesCountInTheirOrder) {
  const auto p3 = chunk("cHRM", numbers({31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000})),
             srgb = chunk("cHRM", numbers({31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000})),
             linear = chunk("gAMA", numbers({100000})), usual = chunk("gAMA", numbers({45455})),
             says_srgb = chunk("sRGB", bytes_of("\0"sv)),
             profile = chunk("iCCP", bytes_of("p\0\0"sv) + deflated(rgb_icc())),
             pq = chunk("cICP", bytes_of("\x09\x10\0\1"sv)),
             code_points_srgb = chunk("cICP", bytes_of("\1\x0d\0\1"sv));
  const auto icc_of = [](const Bytes& chunks, std::uint32_t channels = 3) {
    return read(picture_with(chunks, channels)).icc;
  };
  for (const auto& plain : {Bytes{}, usual, usual + srgb, srgb, says_srgb + linear, says_srgb + p3,
                            code_points_srgb, code_points_srgb + profile, code_points_srgb + linear})
    EXPECT_TRUE(icc_of(plain).empty());
  EXPECT_TRUE(icc_of(usual, 1).empty());
  EXPECT_TRUE(icc_of(p3, 1).empty());
  EXPECT_EQ(icc_of(profile + linear), rgb_icc());
  EXPECT_EQ(icc_of(linear + says_srgb + profile), rgb_icc());
  for (const auto& other : {linear, usual + p3, linear + srgb, p3, pq, pq + profile})
    EXPECT_EQ(colour_model_of(icc_of(other)), ColourModel::kRgb);
  EXPECT_NE(icc_of(pq + profile), rgb_icc());
  EXPECT_NE(icc_of(linear), icc_of(linear + p3));
  EXPECT_NE(icc_of(p3), icc_of(usual + p3));
  EXPECT_EQ(icc_of(linear, 1), grey_profile(1));
  const Content unknown = read(picture_with(chunk("cICP", bytes_of("\x01\xc8\0\1"sv)) + profile));
  EXPECT_EQ(unknown.icc, rgb_icc());
  EXPECT_EQ(unknown.notes,
            std::vector<std::string>{"its colour space (cICP 1, 200) makes no profile: left out"});
}

TEST(Png, AProfileThatDoesNotFitLeavesTheColoursToTheNextWord) {
  const auto linear = chunk("gAMA", numbers({100000})), srgb = chunk("sRGB", bytes_of("\0"sv));
  const auto iccp = [](const Bytes& icc) { return chunk("iCCP", bytes_of("p\0\0"sv) + deflated(icc)); };
  const auto raw = raw_chunk("icc", raw_profile("icc", rgb_icc()), false);
  const std::string damaged = "its colour profile (ICC) is damaged: left out";
  Bytes cut = rgb_icc();
  cut.resize(100);
  for (const auto& [icc, channels, why] :
       std::initializer_list<std::tuple<Bytes, std::uint32_t, std::string>>{
           {bytes_of("no profile"), 3, damaged},
           {cut, 1, damaged},
           {{}, 3, damaged},
           {grey_icc(), 3, "its colour profile (ICC) is of grey, the picture RGB: left out"},
           {rgb_icc(), 1, "its colour profile (ICC) is of RGB, the picture grey: left out"}}) {
    const auto by_gamma = read(picture_with(linear, channels)).icc;
    const Reading reading = read_image(picture_with(iccp(icc) + linear, channels), "x");
    EXPECT_FALSE(by_gamma.empty());
    EXPECT_EQ(reading.image.metadata.icc, by_gamma) << why;
    EXPECT_EQ(reading.notes, std::vector{why});
    EXPECT_TRUE(read(picture_with(iccp(icc) + srgb + linear, channels)).icc.empty()) << why;
    if (channels == 3) {
      EXPECT_EQ(read(picture_with(iccp(icc) + raw + linear)).icc, rgb_icc()) << why;
    }
  }
  const auto bad_raw = raw_chunk("icc", raw_profile("icc", bytes_of("no profile")), false);
  EXPECT_EQ(read(picture_with(bad_raw + linear)).icc, read(picture_with(linear)).icc);
}

TEST(Png, RefusesWhatItCannotRead) {
  const auto whole = write(make_picture(24, 16, 3));
  const auto header = Bytes(whole.begin() + 8, whole.begin() + 33),
             signature = Bytes(whole.begin(), whole.begin() + 8), end = chunk("IEND", {});
  const auto with_header = [&](std::string_view fields) {
    return signature + chunk("IHDR", bytes_of(fields)) + end;
  };
  const auto why = [](const Bytes& file) { return error_of([&] { (void)read(file); }); };
  EXPECT_EQ(why(picture_with(header)), "3 damaged: the PNG has a second header");
  EXPECT_EQ(why(signature + header + end), "3 damaged: the PNG has no pixels (no IDAT chunk)");
  EXPECT_EQ(why(Bytes(whole.begin(), whole.end() - 12)),
            "3 truncated: ends before the PNG's last chunk (IEND)");
  EXPECT_EQ(why(Bytes(whole.begin(), whole.begin() + 50))
                .rfind("3 truncated: IDAT chunk at offset 33 has 9 of ", 0),
            0U);
  const std::string end_at = std::to_string(whole.size() - 12);
  for (std::ptrdiff_t missing = 1; missing <= 4; ++missing) {
    EXPECT_EQ(why(Bytes(whole.begin(), whole.end() - missing)),
              "3 truncated: the checksum of the IEND chunk at offset " + end_at + " is missing");
    EXPECT_EQ(why(Bytes(whole.begin(), whole.end() - 12 - missing)),
              "3 truncated: the checksum of the IDAT chunk at offset 33 is missing");
  }
  EXPECT_EQ(why(picture_with(chunk("acTL", numbers({2, 0})))),
            "3 holds more than one frame or page, which this version cannot code: extract them first");
  EXPECT_EQ(read(picture_with(chunk("acTL", numbers({1, 0})))).image.width, 24U);
  EXPECT_EQ(why(with_header("\0\0\0\1\0\0\0\1\x08\x05\0\0\0"sv)).rfind("3 damaged: ", 0),
            0U);  // no colour type
  EXPECT_EQ(why(with_header("\0\0\0\1\0\0\0\1\x04\x02\0\0\0"sv)).rfind("3 damaged: ", 0),
            0U);  // no depth of RGB
  EXPECT_EQ(why(with_header("\0\0\0\0\0\0\0\1\x08\x02\0\0\0"sv)).rfind("3 damaged: ", 0), 0U);  // no width
  EXPECT_EQ(why(picture_with(chunk("ABCD", {}))).rfind("3 damaged: ", 0), 0U);  // critical, and not known
  EXPECT_EQ(read(picture_with(chunk("abCd", {}))).image.width, 24U);
  auto bad_checksum = whole;
  bad_checksum[33 + 8 + 5] ^= std::byte{0};
  bad_checksum[whole.size() - 12 - 1] ^= std::byte{1};
  EXPECT_EQ(why(bad_checksum), "3 damaged: the checksum of the IDAT chunk at offset 33 is wrong");
  bad_checksum = whole;
  bad_checksum.back() ^= std::byte{1};
  if (const auto told = why(bad_checksum); told != "no error") {  // newer libpng does not look at it
    EXPECT_EQ(told.rfind("3 damaged: the checksum of the IEND chunk", 0), 0U) << told;
  }
}

// The checksum of the IDAT chunk made right.
Bytes with_right_checksum(Bytes png) {
  const auto type = bytes_of("IDAT"sv);
  const auto at = std::search(png.begin(), png.end(), type.begin(), type.end());
  std::uint32_t size = 0;
  for (auto byte = at - 4; byte != at; ++byte) size = size << 8 | static_cast<std::uint32_t>(*byte);
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(&*at), size + 4);
  Bytes checksum;
  append_big_endian(checksum, static_cast<std::uint32_t>(crc), 4);
  std::copy(checksum.begin(), checksum.end(), at + 4 + size);
  return png;
}

// What libpng says of pixels that its checksums find right. Its callbacks are noexcept: an exception among
// its frames would end the program.
TEST(Png, DamagedPixelsAreAnError) {
  const auto whole = write(make_picture(24, 16, 3));
  ASSERT_EQ(with_right_checksum(whole), whole);
  const std::size_t first = 41, end = whole.size() - 16;  // the data of IDAT; after them a checksum and IEND
  std::size_t errors = 0;
  for (std::size_t i = first; i < end; ++i) {
    auto damaged = whole;
    damaged[i] ^= std::byte{0x10};
    const std::string error = error_of([&] { (void)read(with_right_checksum(damaged)); });
    if (error == "no error")
      continue;  // other pixels: zlib's own checksum is no reason for libpng to give up
    EXPECT_EQ(error.rfind("3 damaged: ", 0), 0U) << i << ": " << error;
    ++errors;
  }
  EXPECT_GT(errors, (end - first) / 4);
}

TEST(Png, EveryTruncationAndEveryDamagedByteIsAnErrorOrANote) {
  Metadata all{rgb_icc(), make_exif(6), bytes_of("<x/>"), {Resolution::Unit::kMetre, 1000000, 1000000}};
  all.icc.resize(0);
  const auto whole = write(make_picture(24, 16, 3), all);
  for (std::size_t size = 8; size < whole.size(); ++size) {
    const std::string error = error_of([&] { (void)read(std::span(whole).first(size)); });
    EXPECT_EQ(error.rfind("3 truncated: ", 0), 0U) << size << ": " << error;
  }
  for (std::size_t i = 8; i < whole.size(); ++i) {
    auto damaged = whole;
    damaged[i] ^= std::byte{0x20};
    Content content;
    const std::string error = error_of([&] { content = read(damaged); });
    if (error == "no error") {
      EXPECT_FALSE(content.notes.empty()) << i;
    } else {
      EXPECT_TRUE(error.rfind("3 damaged: ", 0) == 0 || error.rfind("3 truncated: ", 0) == 0)
          << i << ": " << error;
    }
  }
}

TEST(Png, DamageIsAllowedOnDemand) {
  ReadOptions allowing;
  allowing.allows_damage = true;
  const Image image = make_picture(24, 16, 3);
  const auto whole = write(image);
  EXPECT_TRUE(read(whole, allowing).notes.empty());
  const Content half = read(std::span(whole).first(whole.size() * 3 / 4), allowing);
  ASSERT_EQ(half.notes.size(), 1U);
  EXPECT_EQ(half.notes[0].rfind("damaged: truncated: ", 0), 0U) << half.notes[0];
  EXPECT_TRUE(
      std::equal(image.samples.begin(), image.samples.begin() + 24 * 3 * 4, half.image.samples.begin()));
  EXPECT_EQ(half.image.samples.back(), 0);
  auto bad_checksum = whole;
  bad_checksum[whole.size() - 13] ^= std::byte{1};
  const Content complete = read(bad_checksum, allowing);
  EXPECT_EQ(complete.image, image);
  EXPECT_EQ(complete.notes,
            std::vector<std::string>{"damaged: the checksum of the IDAT chunk at offset 33 is wrong"});
}

TEST(Png, EndsWhenInterrupted) {
  const Image image = make_picture(24, 16, 3);
  const auto file = write(image);
  base::request_stop();
  EXPECT_EQ(error_of([&] { (void)read(file); }), "130 interrupted");
  EXPECT_FALSE(write(image).empty());  // what is made is kept
  clear_stop_request();
  EXPECT_EQ(read(file).image, image);
}

TEST(Png, TooFewBytesForItsPixelsAreRefusedBeforeMemoryIsTaken) {
  const auto header = bytes_of("\0\x01\0\0\0\x01\0\0\x10\x06\0\0\0"sv);  // 34 GB
  const auto file = bytes_of("\x89PNG\r\n\x1a\n"sv) + chunk("IHDR", header) + chunk("IDAT", Bytes(1000)) +
                    chunk("IEND", {});
  EXPECT_EQ(error_of([&] { (void)read(file); }), "3 truncated: its bytes are fewer than its pixels need");
  // The most that deflate makes of few.
  Image flat{4000, 4000, 1};
  flat.samples.resize(16000000);
  EXPECT_EQ(read(write(flat)).image, flat);
}

// A header allocates nothing that grows with what it claims.
TEST(Png, TheHeaderOfALargePictureIsReadAlone) {
  auto file = bytes_of("\x89PNG\r\n\x1a\n"sv) +
              chunk("IHDR", bytes_of("\x7f\xff\xff\xff\x7f\xff\xff\xff\x10\x06\0\0\0"sv)) +
              chunk("IDAT", {}) + chunk("IEND", {});
  const Header header = png_format().read_header(file);
  EXPECT_EQ(header.width, 0x7fffffffU);
  EXPECT_EQ(header.bit_depth, 16U);
  EXPECT_TRUE(header.has_alpha);
}

}  // namespace
}  // namespace vaec::image
