#include "image/metadata/exif.hpp"

#include <gtest/gtest.h>

#include <exiv2/exiv2.hpp>
#include <map>
#include <string>

#include "image/make_exif.hpp"
#include "image/make_picture.hpp"

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

// What Exiv2 finds: another reader.
std::map<std::string, std::string> found_in(const std::vector<std::byte>& bytes) {
  Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
  Exiv2::ExifData data;
  Exiv2::ExifParser::decode(data, reinterpret_cast<const Exiv2::byte*>(bytes.data()),
                            static_cast<std::uint32_t>(bytes.size()));
  std::map<std::string, std::string> found;
  for (const auto& datum : data) found[datum.key()] = datum.toString();
  return found;
}

std::size_t place_of(const std::vector<std::byte>& bytes, std::string_view what) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find(what);
}

// As of a camera, with a maker note that only its maker can read, and a thumbnail.
std::vector<std::byte> camera_exif(bool big, std::uint32_t orientation) {
  const ExifMaker make(big);
  return make.make({make.text(0x10f, "Kamera"), make.number(0x112, 3, orientation),
                    make.fraction(0x11a, 300, 1), make.fraction(0x11b, 150, 1), make.number(0x128, 3, 2)},
                   {make.maker_note("where it stands is all that counts"), make.number(0xa002, 4, 640),
                    make.number(0xa003, 3, 480)},
                   {make.number(0x112, 3, orientation)}, bytes_of("\xff\xd8 a thumbnail \xff\xd9"));
}

TEST(Exif, IsReadInBothOrdersOfBytes) {
  for (const bool big : {false, true}) {
    const auto bytes = camera_exif(big, 6);
    auto prefixed = bytes_of("Exif\0\0"sv);
    append(prefixed, bytes);
    for (const auto& given : {bytes, prefixed}) {
      const auto exif = Exif::parse(given);
      ASSERT_TRUE(exif);
      EXPECT_EQ(exif->orientation(), 6);
      EXPECT_EQ(exif->resolution(), (Resolution{Resolution::Unit::kInch, 300'000, 150'000}));
      EXPECT_EQ(exif->bytes(), bytes);  // as it was
      EXPECT_EQ(exif->damaged_entries(), 0U);
    }
  }
}

TEST(Exif, WhatIsNoTiffStructureIsNone) {
  const ExifMaker make(false);
  auto outside = make.make({make.number(0x112, 3, 6)});
  outside[4] = std::byte{200};
  auto too_many = make.make({make.number(0x112, 3, 6)});
  too_many[9] = std::byte{1};
  for (const auto& bytes :
       {std::vector<std::byte>{}, bytes_of("Exif\0\0"sv), bytes_of("no TIFF structure"), bytes_of("II*\0"sv),
        bytes_of("II*\0\xff\xff\xff\x7f\xff\xe2"sv), outside, too_many})
    EXPECT_FALSE(Exif::parse(bytes)) << bytes.size();
}

TEST(Exif, UprightPixelsAreToldSo) {
  for (const bool big : {false, true}) {
    auto exif = Exif::parse(camera_exif(big, 6));
    const std::size_t note = place_of(exif->bytes(), "where it stands");
    exif->make_upright(true, {480, 640});
    auto found = found_in(exif->bytes());
    EXPECT_EQ(found["Exif.Image.Make"], "Kamera");
    EXPECT_EQ(found["Exif.Image.Orientation"], "1");
    EXPECT_EQ(found["Exif.Photo.PixelXDimension"], "480");
    EXPECT_EQ(found["Exif.Photo.PixelYDimension"], "640");
    EXPECT_EQ(found["Exif.Image.XResolution"], "150/1");
    EXPECT_EQ(found["Exif.Image.YResolution"], "300/1");
    EXPECT_FALSE(found.contains("Exif.Thumbnail.Orientation"));
    EXPECT_EQ(place_of(exif->bytes(), "thumbnail"), std::string::npos);
    EXPECT_LT(exif->bytes().size(), camera_exif(big, 6).size() - 40);
    EXPECT_EQ(place_of(exif->bytes(), "where it stands"), note);
    EXPECT_EQ(Exif::parse(exif->bytes())->damaged_entries(), 0U);
  }
}

TEST(Exif, SizesOfAnotherPictureStayAsTheyAre) {
  auto exif = Exif::parse(camera_exif(false, 6));
  exif->make_upright(true, {48, 64});
  EXPECT_EQ(found_in(exif->bytes())["Exif.Photo.PixelXDimension"], "640");
  exif = Exif::parse(camera_exif(false, 3));
  exif->make_upright(false, {640, 480});
  EXPECT_EQ(found_in(exif->bytes())["Exif.Photo.PixelXDimension"], "640");
  EXPECT_EQ(found_in(exif->bytes())["Exif.Image.XResolution"], "300/1");
  exif->set_size({64, 48});  // of a view
  EXPECT_EQ(found_in(exif->bytes())["Exif.Photo.PixelXDimension"], "64");
  EXPECT_EQ(found_in(exif->bytes())["Exif.Photo.PixelYDimension"], "48");
}

TEST(Exif, AThumbnailThatIsSomethingElseTooIsNotErased) {
  const ExifMaker make(false);
  auto bytes = make.make({make.number(0x112, 3, 6), make.text(0x10f, "Kamera")}, {},
                         {make.number(0x103, 3, 6)}, bytes_of("pixels"));
  const auto name = static_cast<std::uint32_t>(place_of(bytes, "Kamera"));
  // Its offset is the third number of the second directory: the name's.
  std::vector<std::byte> offset;
  make.put(offset, name, 4);
  const std::size_t second = 8 + 6 + 2 * 12 + 7;
  std::ranges::copy(offset, bytes.begin() + static_cast<std::ptrdiff_t>(second + 2 + 12 + 8));
  auto exif = Exif::parse(bytes);
  ASSERT_TRUE(exif);
  exif->make_upright(false, {1, 1});
  EXPECT_EQ(found_in(exif->bytes())["Exif.Image.Make"], "Kamera");
}

// Each of them alone among good ones.
TEST(Exif, DamagedEntriesAreTakenOut) {
  using Entry = ExifMaker::Entry;
  for (const bool big : {false, true}) {
    const ExifMaker make(big);
    const auto beyond = [&](std::uint32_t type, std::uint32_t count, std::uint32_t offset) {
      Entry entry{0x131, type, count, {}};
      make.put(entry.value, offset, 4);
      return entry;
    };
    const std::map<std::string, Entry> damaged = {
        {"type 0", {1, 0, 1, make.number(1, 4, 300).value}},
        {"unknown type", {0x131, 99, 1, make.number(1, 4, 300).value}},
        {"values beyond the end", beyond(2, 100, 0xfff0)},
        {"an offset beyond everything", beyond(2, 5, 0xffffffff)},
        {"a count that overflows", beyond(12, 0x20000001, 8)},
        {"EXIF's directory beyond the end", make.number(0x8769, 4, 0xffff)},
        {"EXIF's directory is the image's", make.number(0x8769, 4, 8)},
        {"GPS's directory within the image's", make.number(0x8825, 4, 20)},
        {"a directory that is a text", make.text(0x8769, "exif")}};
    for (const auto& [what, entry] : damaged) {
      const Entry before = make.text(0x10f, "Kamera"), after = make.number(0x112, 3, 6),
                  last = make.fraction(0x11a, 72, 1);
      for (std::size_t place = 0; place < 4; ++place) {
        std::vector<Entry> entries = {before, after, last};
        entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(place), entry);
        const auto bytes = make.make(entries, {}, {make.number(0x103, 3, 6)}, bytes_of("pixels"));
        const auto exif = Exif::parse(bytes);
        ASSERT_TRUE(exif) << what;
        EXPECT_EQ(exif->damaged_entries(), 1U) << what;
        EXPECT_EQ(exif->orientation(), 6) << what;
        EXPECT_EQ(exif->bytes().size(), bytes.size()) << what;
        auto found = found_in(exif->bytes());
        EXPECT_EQ(found["Exif.Image.Make"], "Kamera") << what;
        EXPECT_EQ(found["Exif.Image.XResolution"], "72/1") << what;
        EXPECT_EQ(found["Exif.Thumbnail.Compression"], "6") << what;  // the link behind the entries
        for (const auto& [key, value] : found)
          EXPECT_TRUE(key.starts_with("Exif.Thumbnail") || key == "Exif.Image.Make" ||
                      key == "Exif.Image.Orientation" || key == "Exif.Image.XResolution")
              << what << " " << key;
        const auto again = Exif::parse(exif->bytes());
        EXPECT_EQ(again->damaged_entries(), 0U) << what;
        EXPECT_EQ(again->bytes(), exif->bytes()) << what;
      }
    }
  }
}

TEST(Exif, ThumbnailsInCirclesAreCutOff) {
  const ExifMaker make(true);
  auto bytes = make.make({make.number(0x112, 3, 6)}, {}, {make.number(0x103, 3, 6)}, bytes_of("pixels"));
  const std::size_t link_of_second = bytes.size() - 6 - 4;
  for (const std::uint8_t to : {8, 9, 26, 255}) {
    bytes[link_of_second + 3] = std::byte{to};
    const auto exif = Exif::parse(bytes);
    ASSERT_TRUE(exif);
    EXPECT_EQ(exif->damaged_entries(), 1U);
    EXPECT_EQ(exif->bytes()[link_of_second + 3], std::byte{0});
  }
}

TEST(Exif, OrientationIsOneOfEight) {
  const ExifMaker make(false);
  for (const std::uint32_t value : {0U, 1U, 5U, 8U, 9U, 0xffffU}) {
    const auto exif = Exif::parse(make.make({make.number(0x112, 3, value)}));
    EXPECT_EQ(exif->orientation(), value >= 1 && value <= 8 ? std::optional<int>(value) : std::nullopt);
  }
  EXPECT_EQ(Exif::parse(make.make({make.number(0x112, 4, 6)}))->orientation(), 6);  // as some write it
  EXPECT_EQ(Exif::parse(make.make({make.text(0x112, "6")}))->orientation(), std::nullopt);
  EXPECT_EQ(Exif::parse(make.make({make.text(0x10f, "Kamera")}))->orientation(), std::nullopt);
}

TEST(Exif, ResolutionNeedsBothAndSensibleOnes) {
  const ExifMaker make(false);
  const auto of = [&](const std::vector<ExifMaker::Entry>& entries) {
    return Exif::parse(make.make(entries))->resolution();
  };
  EXPECT_TRUE(of({make.fraction(0x11a, 72, 1)}).empty());
  EXPECT_TRUE(of({make.fraction(0x11a, 72, 0), make.fraction(0x11b, 72, 0)}).empty());
  EXPECT_TRUE(of({make.fraction(0x11a, 0, 1), make.fraction(0x11b, 0, 1)}).empty());
  EXPECT_EQ(of({make.fraction(0x11a, 72, 1), make.fraction(0x11b, 72, 1)}),
            (Resolution{Resolution::Unit::kInch, 72'000, 72'000}));  // inches are meant where nothing is said
  EXPECT_EQ(of({make.fraction(0x11a, 283, 10), make.fraction(0x11b, 283, 10), make.number(0x128, 3, 3)}),
            (Resolution{Resolution::Unit::kCentimetre, 28'300, 28'300}));
  EXPECT_EQ(of({make.fraction(0x11a, 2, 1), make.fraction(0x11b, 1, 1), make.number(0x128, 3, 1)}),
            (Resolution{Resolution::Unit::kRatio, 2'000, 1'000}));
}

TEST(Exif, EveryDamagedByteAndEveryEndIsEndured) {
  const auto work_on = [](const std::vector<std::byte>& bytes) {
    auto exif = Exif::parse(bytes);
    if (!exif) return;
    (void)exif->resolution();
    exif->set_size({1, 2});
    exif->make_upright(true, {480, 640});
    EXPECT_LE(exif->bytes().size(), bytes.size());
    (void)Exif::parse(exif->bytes());
  };
  for (const bool big : {false, true}) {
    const auto bytes = camera_exif(big, 6);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      work_on({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(i)});
      for (const int flip : {0x01, 0x80, 0xff}) {
        auto damaged = bytes;
        damaged[i] ^= static_cast<std::byte>(flip);
        work_on(damaged);
      }
    }
  }
}

}  // namespace
}  // namespace vaec::image
