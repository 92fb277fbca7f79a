#include "image/metadata/describe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "image/make_exif.hpp"
#include "image/make_picture.hpp"
#include "image/make_xmp.hpp"
#include "image/metadata/colour_profile.hpp"
#include "image/metadata/exif.hpp"
#include "image/metadata/xmp_packet.hpp"

namespace vaec::image {
namespace {

using Bytes = std::vector<std::byte>;
using Notes = std::vector<std::string>;

constexpr std::uint32_t kWidth = 6, kHeight = 4;

Content make_content(std::uint32_t channels = 3) {
  Content content;
  content.image = make_picture(kWidth, kHeight, channels);
  return content;
}

Bytes camera_exif(std::uint32_t orientation) {
  const ExifMaker make(true);
  return make.make({make.text(0x10f, "Kamera"), make.number(0x112, 3, orientation),
                    make.fraction(0x11a, 300, 1), make.fraction(0x11b, 150, 1)},
                   {make.number(0xa002, 4, kWidth), make.number(0xa003, 4, kHeight)},
                   {make.number(0x103, 3, 6)}, bytes_of("\xff\xd8 a thumbnail"));
}

Bytes xmp_of(int orientation) {
  return make_xmp("xmp:Rating='4' tiff:Orientation='" + std::to_string(orientation) + "'");
}

bool contains(const Bytes& where, std::string_view what) {
  return text_of(where).find(what) != std::string_view::npos;
}

// Of 128 bytes and more, not worth reading.
Bytes large(std::size_t size) { return Bytes(size, std::byte{'x'}); }

TEST(Describe, WhatIsGoodStaysByteByByte) {
  Content content = make_content();
  const auto icc = rgb_profile({}, 2.2);
  content.icc = icc;
  content.exif = {camera_exif(1)};
  content.xmp = xmp_of(1);
  const auto found = describe(content, {});
  EXPECT_EQ(found.metadata, (Metadata{icc, camera_exif(1), xmp_of(1), {}}));
  EXPECT_EQ(found.orientation, 1);
  EXPECT_EQ(found.notes, Notes{});
}

TEST(Describe, NothingToSayIsNothing) {
  Content content = make_content();
  const auto found = describe(content, {});
  EXPECT_TRUE(found.metadata.empty());
  EXPECT_EQ(found.notes, Notes{});
}

// Each part alone, damaged and too large, among good ones.
TEST(Describe, PartsAreIndependent) {
  const auto icc = rgb_profile({}, 2.2);
  const std::uint64_t most = 2000;
  const std::string too_large = " of 3,000 bytes, more than the limit (--max-metadata): left out";
  struct Case {
    Bytes icc, exif, xmp;
    std::string note;
  };
  const std::string padding(3000 - make_xmp("dc:format=''").size(), 'x');
  Bytes large_exif = camera_exif(1), large_icc = icc;
  large_exif.resize(3000);
  large_icc.resize(3000);
  const Case cases[] = {
      {bytes_of("no profile"), camera_exif(1), xmp_of(1), "its colour profile (ICC) is damaged: left out"},
      {large_icc, camera_exif(1), xmp_of(1), "its colour profile (ICC)" + too_large},
      {icc, bytes_of("II*"), xmp_of(1), "its EXIF is damaged: left out"},
      {icc, large_exif, xmp_of(1), "EXIF" + too_large},
      {icc, camera_exif(1), bytes_of("<no XMP"), "its XMP is damaged: left out"},
      {icc, camera_exif(1), make_xmp("dc:format='" + padding + "'"), "XMP" + too_large}};
  for (const Case& one : cases) {
    Content content = make_content();
    content.icc = one.icc;
    content.exif = {one.exif};
    content.xmp = one.xmp;
    ReadOptions options;
    options.max_metadata = most;
    const auto found = describe(content, options);
    EXPECT_EQ(found.notes, Notes{one.note});
    EXPECT_EQ(found.metadata.icc, one.icc == icc ? icc : Bytes{}) << one.note;
    EXPECT_EQ(found.metadata.exif, one.exif == camera_exif(1) ? camera_exif(1) : Bytes{}) << one.note;
    EXPECT_EQ(found.metadata.xmp, one.xmp == xmp_of(1) ? xmp_of(1) : Bytes{}) << one.note;
  }
}

TEST(Describe, AProfileIsOfThePicturesColours) {
  const auto grey = grey_profile(2.2), rgb = rgb_profile({}, 2.2);
  auto cmyk = rgb;
  std::ranges::copy(bytes_of("CMYK"), cmyk.begin() + 16);
  for (const auto& [icc, channels, note] :
       std::initializer_list<std::tuple<Bytes, std::uint32_t, std::string>>{
           {grey, 1, ""},
           {rgb, 3, ""},
           {rgb, 1, "its colour profile (ICC) is of RGB, the picture grey: left out"},
           {grey, 3, "its colour profile (ICC) is of grey, the picture RGB: left out"},
           {cmyk, 3, "its colour profile (ICC) is of CMYK, the picture RGB: left out"}}) {
    Content content = make_content(channels);
    content.icc = icc;
    const auto found = describe(content, {});
    EXPECT_EQ(found.notes, note.empty() ? Notes{} : Notes{note});
    EXPECT_EQ(found.metadata.icc, note.empty() ? icc : Bytes{});
  }
  Content content = make_content();
  content.icc = rgb;
  content.icc.resize(rgb.size() + 3);  // filled up
  EXPECT_EQ(describe(content, {}).metadata.icc, rgb);
}

TEST(Describe, OrientationIsDecidedOnce) {
  struct Case {
    std::optional<int> format;
    int exif, xmp;  // 0: says nothing
    int decided;
  };
  for (const auto& [format, exif, xmp, decided] :
       {Case{{}, 6, 0, 6}, Case{{}, 0, 6, 6}, Case{{}, 6, 8, 6}, Case{{}, 1, 8, 1}, Case{{}, 9, 8, 8},
        Case{{}, 9, 0, 1}, Case{3, 6, 8, 3}, Case{1, 6, 8, 1}, Case{8, 0, 0, 8}, Case{9, 6, 0, 1}}) {
    const std::string what = std::to_string(format.value_or(0)) + std::to_string(exif) + std::to_string(xmp);
    for (const bool keeps : {true, false}) {
      Content content = make_content();
      content.orientation = format;
      if (exif != 0) content.exif = {camera_exif(static_cast<std::uint32_t>(exif))};
      if (xmp != 0) content.xmp = xmp_of(xmp);
      ReadOptions options;
      options.keeps_metadata = keeps;
      const auto found = describe(content, options);
      EXPECT_EQ(found.orientation, decided) << what;
      EXPECT_EQ(found.notes, Notes{}) << what;
      if (!keeps) {
        EXPECT_TRUE(found.metadata.empty());
        continue;
      }
      // Nobody turns it once more.
      const bool rewritten = decided != 1 || format;
      if (exif != 0) {
        EXPECT_EQ(exif_orientation(found.metadata.exif), rewritten ? 1 : exif) << what;
        EXPECT_EQ(contains(found.metadata.exif, "thumbnail"), !rewritten) << what;
        EXPECT_EQ(found.metadata.exif == camera_exif(static_cast<std::uint32_t>(exif)), !rewritten) << what;
      }
      if (xmp != 0) {
        EXPECT_EQ(found.metadata.xmp == xmp_of(xmp), !rewritten) << what;
        EXPECT_EQ(contains(found.metadata.xmp, "Orientation=\"1\""), rewritten) << what;
        EXPECT_TRUE(contains(found.metadata.xmp, "Rating")) << what;
      }
    }
  }
}

TEST(Describe, SizesAreOfTheUprightPicture) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    Content content = make_content();
    content.exif = {camera_exif(static_cast<std::uint32_t>(orientation))};
    const auto found = describe(content, {});
    Bytes width, height;
    append_big_endian(width, orientation < 5 ? kWidth : kHeight, 4);
    append_big_endian(height, orientation < 5 ? kHeight : kWidth, 4);
    auto x = bytes_of(std::string_view("\xa0\x02\0\x04\0\0\0\x01", 8)),
         y = bytes_of(std::string_view("\xa0\x03\0\x04\0\0\0\x01", 8));
    append(x, width);
    append(y, height);
    EXPECT_TRUE(contains(found.metadata.exif, text_of(x))) << orientation;
    EXPECT_TRUE(contains(found.metadata.exif, text_of(y))) << orientation;
  }
}

// libheif turns the picture itself, the camera's EXIF says how it lay before.
TEST(Describe, WhatTheFormatHasTurnedIsToldSo) {
  Content content = make_content();
  content.image = make_picture(kHeight, kWidth, 3);
  content.orientation = 1;
  content.exif = {camera_exif(6)};
  const auto found = describe(content, {});
  EXPECT_EQ(found.orientation, 1);
  EXPECT_EQ(exif_orientation(found.metadata.exif), 1);
  EXPECT_TRUE(contains(found.metadata.exif, std::string_view("\xa0\x02\0\x04\0\0\0\x01\0\0\0\x04", 12)));
}

TEST(Describe, TheFirstGoodExifCounts) {
  const Notes one_more = {"EXIF behind the first: left out"};
  const ExifMaker make(false);
  for (const auto& [all, expected, notes] :
       std::initializer_list<std::tuple<std::vector<Bytes>, Bytes, Notes>>{
           {{camera_exif(1), make.make({make.number(0x112, 3, 3)})}, camera_exif(1), one_more},
           {{camera_exif(1), camera_exif(1)}, camera_exif(1), {}},
           {{camera_exif(1), bytes_of("bad")}, camera_exif(1), one_more},
           {{{}, bytes_of("bad"), camera_exif(1)}, camera_exif(1), {"its EXIF is damaged: left out"}}}) {
    Content content = make_content();
    content.exif = all;
    const auto found = describe(content, {});
    EXPECT_EQ(found.metadata.exif, expected);
    EXPECT_EQ(found.orientation, 1);
    EXPECT_EQ(found.notes, notes);
  }
}

// The one that is kept may say nothing of it.
TEST(Describe, OrientationIsThatOfTheFirstExifThatSaysOne) {
  const ExifMaker make(false);
  const auto silent =
      make.make({make.text(0x10f, "Kamera"), make.number(0x100, 4, kWidth), make.number(0x101, 4, kHeight)});
  const auto says = [&](std::uint32_t orientation) {
    return make.make({make.number(0x112, 3, orientation)});
  };
  struct Case {
    std::vector<Bytes> exif;
    std::optional<int> format;
    int xmp, decided;
  };
  for (const auto& [exif, format, xmp, decided] :
       {Case{{silent, says(6)}, {}, 0, 6},
        Case{{silent, bytes_of("bad"), {}, says(9), says(8), says(3)}, {}, 3, 8},
        Case{{says(9), says(6)}, {}, 3, 6}, Case{{silent, says(1)}, {}, 6, 1},
        Case{{says(1), says(6)}, {}, 0, 1}, Case{{silent, says(9)}, {}, 3, 3},
        Case{{silent, says(6)}, 1, 0, 1}}) {
    for (const bool keeps : {true, false}) {
      Content content = make_content();
      content.exif = exif;
      content.orientation = format;
      if (xmp != 0) content.xmp = xmp_of(xmp);
      ReadOptions options;
      options.keeps_metadata = keeps;
      const auto found = describe(content, options);
      EXPECT_EQ(found.orientation, decided);
      if (!keeps) continue;
      EXPECT_EQ(found.notes, Notes{"EXIF behind the first: left out"});
      if (exif[0] == silent) {
        EXPECT_EQ(found.metadata.exif == silent, decided < 5) << decided;  // sizes are swapped
      } else {
        EXPECT_EQ(exif_orientation(found.metadata.exif), 1);
      }
    }
  }
}

// What is too large to be kept is not too large to be asked.
TEST(Describe, LargeXmpTurnsThePicture) {
  const std::string most_of_it(std::size_t{3} << 20, 'x');
  const auto packet = make_xmp("tiff:Orientation='6' dc:format='" + most_of_it + "'");
  for (const bool keeps : {true, false}) {
    for (const std::uint64_t most : {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{1} << 20}) {
      Content content = make_content();
      content.xmp = packet;
      ReadOptions options;
      options.keeps_metadata = keeps;
      options.max_metadata = most;
      const auto found = describe(content, options);
      EXPECT_EQ(found.orientation, 6) << most;
      EXPECT_TRUE(found.metadata.xmp.empty());
      const bool tells = keeps && most > 0;
      ASSERT_EQ(found.notes.size(), tells ? 1U : 0U);
      if (tells) {
        EXPECT_TRUE(found.notes[0].starts_with("XMP of 3,14")) << found.notes[0];
      }
    }
  }
  // But there is an end to it.
  Content content = make_content();
  content.xmp = make_xmp("tiff:Orientation='6' dc:format='" + std::string(std::size_t{16} << 20, 'x') + "'");
  const auto found = describe(content, {});
  EXPECT_EQ(found.orientation, 1);
  EXPECT_EQ(found.notes.size(), 1U);
}

TEST(Describe, DamagedEntriesAreToldAndTheOthersStay) {
  const ExifMaker make(false);
  Content content = make_content();
  content.exif = {make.make(
      {make.text(0x10f, "Kamera"), {1, 0, 1, make.number(1, 4, 300).value}, make.text(0x131, "other")})};
  const auto found = describe(content, {});
  EXPECT_EQ(found.notes, Notes{"damaged entries of its EXIF (1): left out"});
  EXPECT_TRUE(contains(found.metadata.exif, "Kamera"));
  EXPECT_EQ(Exif::parse(found.metadata.exif)->damaged_entries(), 0U);
}

TEST(Describe, ResolutionStandsWhereExifDoesNotSayTheSame) {
  constexpr auto kInch = Resolution::Unit::kInch, kMetre = Resolution::Unit::kMetre;
  for (const auto& [has_exif, container, kept] : std::initializer_list<std::tuple<bool, Resolution, bool>>{
           {true, {kInch, 300'000, 150'000}, false},
           {true, {kMetre, 11'811'000, 5'906'000}, false},  // in whole pixels, as PNG has it
           {true, {kInch, 72'000, 72'000}, true},
           {true, {Resolution::Unit::kRatio, 2'000, 1'000}, true},
           {true, {}, false},
           {false, {kInch, 300'000, 150'000}, true}}) {
    for (const std::uint32_t orientation : {1U, 6U}) {
      Content content = make_content();
      if (has_exif)
        content.exif = {camera_exif(orientation)};
      else
        content.orientation = static_cast<int>(orientation);
      content.resolution = container;
      const auto found = describe(content, {});
      EXPECT_EQ(found.metadata.resolution, kept ? container : Resolution{})
          << container.x << " " << orientation;
    }
  }
}

TEST(Describe, ExtendedXmpIsPutTogether) {
  const std::string name = "0123456789ABCDEF0123456789ABCDEF", other = "F123456789ABCDEF0123456789ABCDEF";
  const auto packet = make_xmp("xmp:Rating='4' xmpNote:HasExtendedXMP='" + name + "'"),
             more = make_xmp("xmp:Label='more'");
  struct Case {
    Bytes packet;
    std::vector<std::pair<std::string, Bytes>> extensions;
    bool added;
    Notes notes;
  };
  const Case cases[] = {
      {packet, {{other, make_xmp("xmp:Label='other'")}, {name, more}}, true, {}},
      {packet, {}, false, {"the extended XMP that the XMP packet names is not there"}},
      {packet, {{other, more}}, false, {"the extended XMP that the XMP packet names is not there"}},
      {packet, {{name, bytes_of("<x")}}, false, {"its extended XMP is damaged: left out"}},
      {packet,
       {{name, large(3000)}},
       false,
       {"extended XMP of 3,000 bytes, more than the limit (--max-metadata): left out"}},
      {make_xmp("xmp:Rating='4'"),
       {{name, more}},
       false,
       {"extended XMP, which the XMP packet does not name: left out"}}};
  for (const Case& one : cases) {
    Content content = make_content();
    content.xmp = one.packet;
    content.extended_xmp = one.extensions;
    ReadOptions options;
    options.max_metadata = 4000;
    const auto found = describe(content, options);
    EXPECT_EQ(found.notes, one.notes);
    EXPECT_TRUE(contains(found.metadata.xmp, "xmp:Rating"));
    EXPECT_EQ(contains(found.metadata.xmp, "more"), one.added);
    EXPECT_FALSE(contains(found.metadata.xmp, "HasExtendedXMP"));
  }
}

TEST(Describe, XmpAboutSecondPicturesIsTold) {
  Content content = make_content();
  content.xmp = make_xmp("GCamera:MicroVideo='1' GCamera:MicroVideoOffset='1024'");
  const auto found = describe(content, {});
  EXPECT_EQ(found.notes, Notes{"XMP about more pictures or videos in the file (GCamera:MicroVideo, "
                               "GCamera:MicroVideoOffset): left out"});
  EXPECT_TRUE(found.metadata.xmp.empty());
}

TEST(Describe, TextsAreKeptAsXmpOrTold) {
  Content content = make_content();
  content.texts = {{"Comment", "a comment"},
                   {"Title", " a title \n"},
                   {"Software", "vaec"},
                   {"Author", "me"},
                   {"Description", std::string("what it is\0\0", 12)},
                   {"Copyright", "mine"},
                   {"date:create", "now"},
                   {"Title", "a title"},
                   {"Empty", " "}};
  const auto found = describe(content, {});
  EXPECT_EQ(found.notes, Notes{"text (Software, date:create, Comment): left out"});
  for (const char* told : {">a title<", ">me<", ">what it is<", ">mine<"})
    EXPECT_TRUE(contains(found.metadata.xmp, told)) << told;
  EXPECT_FALSE(contains(found.metadata.xmp, "a comment"));
  EXPECT_LT(found.metadata.xmp.size(), 900U);

  Content comment = make_content();
  comment.xmp = xmp_of(1);
  comment.texts = {{"Comment", "a comment"}};
  const auto commented = describe(comment, {});
  EXPECT_EQ(commented.notes, Notes{});
  EXPECT_TRUE(contains(commented.metadata.xmp, ">a comment<"));
  EXPECT_TRUE(contains(commented.metadata.xmp, "xmp:Rating"));
}

TEST(Describe, TextsThatNoXmpCanHoldAreTold) {
  Content content = make_content();
  content.xmp = xmp_of(1);
  content.texts = {{"Title", "\x01"},
                   {"Author", "\xff"},
                   {"Description", std::string(3000, 'x')},
                   {"Copyright", std::string("a\0b", 3)}};
  for (int i = 0; i < 100; ++i)
    content.texts.push_back({"\x1b[31m" + std::to_string(i) + std::string(100, 'k'), "x"});
  ReadOptions options;
  options.max_metadata = 4000;
  const auto found = describe(content, options);
  EXPECT_EQ(found.metadata.xmp, xmp_of(1));
  ASSERT_EQ(found.notes.size(), 1U);
  EXPECT_TRUE(found.notes[0].starts_with("text (Title, Author, Description, Copyright, ?[31m0k"));
  EXPECT_TRUE(found.notes[0].ends_with(" and 96 more): left out")) << found.notes[0];
  EXPECT_LT(found.notes[0].size(), 300U);
}

TEST(Describe, NothingIsKeptOrToldOfWhatIsNotWanted) {
  for (const bool by_size : {false, true}) {
    Content content = make_content();
    content.icc = bytes_of("bad");
    content.exif = {bytes_of("bad"), camera_exif(6)};
    content.xmp = bytes_of("bad");
    content.texts = {{"Title", "a title"}};
    content.resolution = {Resolution::Unit::kInch, 72'000, 72'000};
    ReadOptions options;
    options.keeps_metadata = by_size;
    if (by_size) options.max_metadata = 0;
    const auto found = describe(content, options);
    EXPECT_TRUE(found.metadata.empty());
    EXPECT_EQ(found.notes, Notes{});
    EXPECT_EQ(found.orientation, 6);
  }
}

TEST(Describe, ThreadsDescribeAtTheSameTime) {
  const auto work = [](bool& good) {
    for (int i = 0; i < 30; ++i) {
      Content content = make_content();
      content.icc = rgb_profile({}, 2.2);
      content.exif = {camera_exif(6)};
      content.xmp = xmp_of(6);
      const auto found = describe(content, {});
      good = found.notes.empty() && contains(found.metadata.xmp, "Orientation=\"1\"") &&
             !found.metadata.icc.empty();
      if (!good) return;
    }
  };
  bool first = false, second = false;
  std::thread other([&] { work(first); });
  work(second);
  other.join();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
}

TEST(ForWriting, GoodMetadataStaysAsItIs) {
  Image image = make_picture(kWidth, kHeight, 3);
  image.metadata = {
      rgb_profile({}, 2.2), camera_exif(1), xmp_of(1), {Resolution::Unit::kInch, 72'000, 72'000}};
  Losses losses;
  EXPECT_EQ(metadata_for_writing(image, 3, {}, losses), image.metadata);
  EXPECT_FALSE(losses.icc || losses.exif || losses.xmp || losses.resolution);
}

// As an untrusted .vaec file may have it.
TEST(ForWriting, DamagedMetadataIsLeftOut) {
  Image image = make_picture(kWidth, kHeight, 3);
  for (const auto& xmp : {bytes_of("\xff\xfe"), bytes_of("<no XMP"), bytes_of("text")}) {
    image.metadata = {bytes_of("no profile"), bytes_of("no TIFF structure"), xmp};
    Losses losses;
    EXPECT_TRUE(metadata_for_writing(image, 3, {}, losses).empty());
    EXPECT_TRUE(losses.icc && losses.exif && losses.xmp);
  }
}

TEST(ForWriting, AProfileOfOtherColoursIsLeftOut) {
  Image image = make_picture(kWidth, kHeight, 1);
  image.metadata.icc = grey_profile(2.2);
  Losses as_grey, as_rgb;
  EXPECT_EQ(metadata_for_writing(image, 1, {}, as_grey).icc, image.metadata.icc);
  EXPECT_FALSE(as_grey.icc);
  EXPECT_TRUE(metadata_for_writing(image, 3, {}, as_rgb).icc.empty());
  EXPECT_TRUE(as_rgb.icc);
}

TEST(ForWriting, ResolutionIsExifsWhereThereIsNoOther) {
  Image image = make_picture(kWidth, kHeight, 3);
  image.metadata.exif = camera_exif(1);
  Losses losses;
  EXPECT_EQ(metadata_for_writing(image, 3, {}, losses).resolution,
            (Resolution{Resolution::Unit::kInch, 300'000, 150'000}));
}

TEST(ForWriting, AViewHasItsOwnSizeAndNoThumbnail) {
  Image image = make_picture(3, 2, 3);
  image.metadata.exif = camera_exif(1);
  image.metadata.xmp = make_xmp("xmp:Rating='4' exif:PixelXDimension='6' exif:PixelYDimension='4'");
  Losses losses;
  const Metadata whole = metadata_for_writing(image, 3, {}, losses);
  EXPECT_EQ(whole.exif, image.metadata.exif);
  EXPECT_EQ(whole.xmp, image.metadata.xmp);
  WriteOptions options;
  options.is_view = true;
  const Metadata of_view = metadata_for_writing(image, 3, options, losses);
  EXPECT_TRUE(contains(of_view.exif, std::string_view("\xa0\x02\0\x04\0\0\0\x01\0\0\0\x03", 12)));
  EXPECT_TRUE(contains(of_view.exif, std::string_view("\xa0\x03\0\x04\0\0\0\x01\0\0\0\x02", 12)));
  EXPECT_FALSE(contains(of_view.exif, "thumbnail"));
  EXPECT_TRUE(contains(of_view.exif, "Kamera"));
  EXPECT_TRUE(contains(of_view.xmp, "exif:PixelXDimension=\"3\""));
  EXPECT_TRUE(contains(of_view.xmp, "exif:PixelYDimension=\"2\""));
}

}  // namespace
}  // namespace vaec::image
