#include "image/metadata/xmp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "image/make_picture.hpp"
#include "image/make_xmp.hpp"
#include "image/metadata/xmp_packet.hpp"

namespace vaec::image {
namespace {

Xmp parsed(const std::string& properties, const std::string& below = "") {
  auto xmp = Xmp::parse(make_xmp(properties, below));
  EXPECT_TRUE(xmp) << properties << below;
  return xmp ? std::move(*xmp) : Xmp();
}

std::string words_of(const std::vector<std::byte>& packet) { return std::string(text_of(packet)); }
std::string text_of(const Xmp& xmp) { return words_of(xmp.packet().value()); }

bool contains(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

TEST(Xmp, UnchangedKeepsItsBytesButForPadding) {
  const auto packet = make_xmp("xmp:Rating='4' tiff:Orientation='1'");
  EXPECT_EQ(Xmp::parse(packet)->packet(), packet);
  std::string padded = words_of(packet);
  padded.insert(padded.find("<?xpacket end"), std::string(2000, ' ') + "\n");
  padded += std::string(3, '\0') + "\n";
  EXPECT_EQ(Xmp::parse(bytes_of(padded))->packet(), packet);
  const std::string bare(R"(<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>)");
  EXPECT_EQ(Xmp::parse(bytes_of(bare))->packet(), bytes_of(bare));
}

TEST(Xmp, DamagedIsNone) {
  const std::string good = words_of(make_xmp("xmp:Rating='4'"));
  const auto with = [&](std::string_view what, std::string_view by) {
    std::string bad = good;
    bad.replace(bad.find(what), what.size(), by);
    return bad;
  };
  ASSERT_TRUE(Xmp::parse(bytes_of(good)));
  for (const std::string& bad :
       {std::string(), std::string("<no XMP"), std::string("no XMP"), good.substr(0, good.size() / 2),
        with("</rdf:RDF>", ""), with("'4'", "'4"), with("'4'", "'\xff'"), with("'4'", "'\xed\xa0\x80'"),
        with("'4'", std::string_view("'\0'", 3)), with("'4'", "'&undefined;'"),
        with("xmp:Rating", "undeclared:Rating"),
        with("<x:xmpmeta", "<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'>]><x:xmpmeta")}) {
    EXPECT_FALSE(Xmp::parse(bytes_of(bad))) << bad;
  }
  for (std::size_t size = 0; size < good.size(); ++size) (void)Xmp::parse(bytes_of(good.substr(0, size)));
}

TEST(Xmp, OrientationIsOneOfEight) {
  for (const auto& [said, expected] : std::initializer_list<std::pair<std::string, std::optional<int>>>{
           {"6", 6},
           {"1", 1},
           {"8", 8},
           {"0", std::nullopt},
           {"9", std::nullopt},
           {"", std::nullopt},
           {"six", std::nullopt},
           {"99999999999999999999", std::nullopt}}) {
    EXPECT_EQ(parsed("tiff:Orientation='" + said + "'").orientation(), expected) << said;
    EXPECT_EQ(parsed("", "<tiff:Orientation>" + said + "</tiff:Orientation>").orientation(), expected)
        << said;
  }
  EXPECT_EQ(parsed("xmp:Rating='4'").orientation(), std::nullopt);
}

TEST(Xmp, UprightPixelsAreToldSo) {
  const std::string said =
      "xmp:Rating='4' tiff:Orientation='6' tiff:ImageWidth='640' tiff:ImageLength='480' "
      "exif:PixelXDimension='640' exif:PixelYDimension='480' tiff:XResolution='300/1' "
      "tiff:YResolution='150/1'";
  Xmp xmp = parsed(said);
  xmp.make_upright(true, {480, 640});
  const std::string text = text_of(xmp);
  for (const char* now :
       {"xmp:Rating=\"4\"", "tiff:Orientation=\"1\"", "tiff:ImageWidth=\"480\"", "tiff:ImageLength=\"640\"",
        "exif:PixelXDimension=\"480\"", "exif:PixelYDimension=\"640\"", "tiff:XResolution=\"150/1\"",
        "tiff:YResolution=\"300/1\""})
    EXPECT_TRUE(contains(text, now)) << now << "\n" << text;
  EXPECT_LT(text.size(), make_xmp(said).size() + 100);  // no padding
  xmp = parsed(said);
  xmp.make_upright(true, {100, 200});  // another picture's
  EXPECT_TRUE(contains(text_of(xmp), "tiff:ImageWidth=\"640\""));
  xmp = parsed(said);
  xmp.set_size({64, 48});
  EXPECT_TRUE(contains(text_of(xmp), "exif:PixelXDimension=\"64\""));
  EXPECT_TRUE(contains(text_of(xmp), "tiff:Orientation=\"6\""));
  const auto silent = make_xmp("xmp:Rating='4'");
  xmp = *Xmp::parse(silent);
  xmp.make_upright(true, {1, 2});
  xmp.set_size({1, 2});
  EXPECT_EQ(xmp.packet(), silent);
}

TEST(Xmp, ThumbnailsGoWhereTheyWouldStandWrongly) {
  Xmp xmp =
      parsed("xmp:Rating='4' tiff:Orientation='3'",
             "<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><xmpGImg:format>JPEG</xmpGImg:format>"
             "<xmpGImg:image>/9j/small</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>");
  EXPECT_TRUE(contains(text_of(xmp), "/9j/small"));
  xmp.make_upright(false, {1, 1});
  EXPECT_FALSE(contains(text_of(xmp), "/9j/small"));
  EXPECT_TRUE(contains(text_of(xmp), "xmp:Rating=\"4\""));
}

TEST(Xmp, ExtensionsAreAdded) {
  Xmp xmp = parsed("xmp:Rating='4' xmpNote:HasExtendedXMP='0123456789ABCDEF0123456789ABCDEF'");
  EXPECT_EQ(xmp.take_extension_name(), "0123456789ABCDEF0123456789ABCDEF");
  EXPECT_EQ(xmp.take_extension_name(), std::nullopt);
  EXPECT_FALSE(contains(text_of(xmp), "HasExtendedXMP"));
  xmp.add(parsed(
      "xmp:Rating='1' xmp:Label='more'",
      "<dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>"
      "<xmpMM:History><rdf:Seq><rdf:li stEvt:action='made' stEvt:when='2026'/></rdf:Seq></xmpMM:History>"));
  const std::string text = text_of(xmp);
  for (const char* now :
       {"xmp:Rating=\"4\"", "xmp:Label=\"more\"", "<rdf:li>two</rdf:li>", "stEvt:action=\"made\""})
    EXPECT_TRUE(contains(text, now)) << now << "\n" << text;
  EXPECT_FALSE(contains(text, "xmp:Rating=\"1\""));
  EXPECT_EQ(parsed("xmp:Rating='4'").take_extension_name(), std::nullopt);
}

TEST(Xmp, WhatPointsAtSecondPicturesGoes) {
  const std::string directory =
      "<Container:Directory><rdf:Seq><rdf:li rdf:parseType='Resource'><Container:Item Item:Mime='image/jpeg' "
      "Item:Semantic='Primary'/></rdf:li><rdf:li rdf:parseType='Resource'><Container:Item "
      "Item:Mime='video/mp4' "
      "Item:Semantic='MotionPhoto' Item:Length='1024'/></rdf:li></rdf:Seq></Container:Directory>";
  for (const auto& [properties, below, name] : std::initializer_list<std::array<std::string, 3>>{
           {"GCamera:MicroVideo='1' GCamera:MicroVideoOffset='1024'", "", "GCamera:MicroVideo"},
           {"GCamera:MotionPhoto='1' GCamera:MotionPhotoVersion='1'", directory, "GCamera:MotionPhoto"},
           {"hdrgm:Version='1.0'", "", "hdrgm:Version"},
           {"HDRGainMap:HDRGainMapVersion='65536'", "", "HDRGainMap:HDRGainMapVersion"},
           {"", directory, "Container:Directory"},
           {"OpCamera:MotionPhotoOwner='oplus'", "", "OpCamera:MotionPhotoOwner"}}) {
    Xmp xmp = parsed("xmp:Rating='4' GCamera:BurstID='a' " + properties, below);
    const auto names = xmp.remove_second_pictures();
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name << ": " << ::testing::PrintToString(names);
    const std::string text = text_of(xmp);
    for (const char* gone : {"MicroVideo", "MotionPhoto", "Directory", "Mime", "Version", "1024"})
      EXPECT_FALSE(contains(text, gone)) << gone << "\n" << text;
    EXPECT_TRUE(contains(text, "xmp:Rating=\"4\""));
    EXPECT_TRUE(contains(text, "BurstID=\"a\""));
  }
  const auto plain = make_xmp("xmp:Rating='4' GCamera:BurstID='a'");
  Xmp xmp = *Xmp::parse(plain);
  EXPECT_TRUE(xmp.remove_second_pictures().empty());
  EXPECT_EQ(xmp.packet(), plain);
}

TEST(Xmp, TellsTexts) {
  Xmp xmp;
  EXPECT_EQ(xmp.tell("Title", "A & <b> \"c\""), Xmp::Told::kNow);
  EXPECT_EQ(xmp.tell("Author", "lang=\"de\" Müller, Meyer"), Xmp::Told::kNow);
  EXPECT_EQ(xmp.tell("Description", "lang=\"de\" two\nlines"), Xmp::Told::kNow);
  EXPECT_EQ(xmp.tell("Copyright", "©"), Xmp::Told::kNow);
  EXPECT_EQ(xmp.tell("Comment", "no place"), Xmp::Told::kOther);
  EXPECT_EQ(xmp.tell("Software", "vaec"), Xmp::Told::kOther);
  const auto packet = xmp.packet().value();
  EXPECT_LT(packet.size(), 900U);
  Xmp again = *Xmp::parse(packet);
  EXPECT_EQ(again.tell("Title", "A & <b> \"c\""), Xmp::Told::kAlready);
  EXPECT_EQ(again.tell("Author", "lang=\"de\" Müller, Meyer"), Xmp::Told::kAlready);
  EXPECT_EQ(again.tell("Description", "lang=\"de\" two\nlines"), Xmp::Told::kAlready);
  EXPECT_EQ(again.tell("Copyright", "©"), Xmp::Told::kAlready);
  EXPECT_EQ(again.tell("Title", "another"), Xmp::Told::kOther);
  EXPECT_EQ(again.packet(), packet);
  Xmp comment;
  EXPECT_EQ(comment.tell("Comment", "a comment"), Xmp::Told::kNow);
  EXPECT_TRUE(contains(text_of(comment), ">a comment</rdf:li>"));
}

// Each is as large as what is let in. For the first and the third Exiv2 alone would take a minute and more.
TEST(Xmp, HostilePacketsTakeNoTime) {
  constexpr std::size_t kSize = 1 << 20;
  const auto many = [&](const auto& one, const std::string& end) {
    std::string text;
    for (std::size_t i = 0; text.size() < kSize - 1000; ++i) text += one(std::to_string(i));
    return text + end;
  };
  std::string closing;
  for (int i = 0; i < 40'000; ++i) closing += "</xmp:a></rdf:Description>";
  std::string opening;
  for (int i = 0; i < 40'000; ++i) opening += "<rdf:Description><xmp:a>";
  const std::pair<std::string, std::string> packets[] = {
      {many([](const auto& i) { return "xmp:a" + i + "='' "; }, ""), ""},
      {many([](const auto& i) { return "xmlns:a" + i + "='a:" + i + "' a" + i + ":b='' "; }, ""), ""},
      {"", many([](const auto& i) { return "<xmp:a" + i + "/>"; }, "")},
      {"", many([](const auto& i) { return "<rdf:li" + i + "/>"; }, "")},
      {"", "<xmp:a>" + opening + closing + "</xmp:a>"},
      {"", "<xmpMM:History><rdf:Seq>" +
               many([](const auto& i) { return "<rdf:li stEvt:action='" + i + "'/>"; }, "") +
               "</rdf:Seq></xmpMM:History>"},
      {"", "<dc:subject><rdf:Bag>" + many([](const auto&) { return std::string("<rdf:li>a</rdf:li>"); }, "") +
               "</rdf:Bag></dc:subject>"},
      {"", "<dc:title><rdf:Alt>" +
               many([](const auto& i) { return "<rdf:li xml:lang='x-" + i + "'>a</rdf:li>"; }, "") +
               "</rdf:Alt></dc:title>"}};
  for (const auto& [properties, below] : packets) {
    const auto begin = std::chrono::steady_clock::now();
    if (auto xmp = Xmp::parse(make_xmp(properties, below))) {
      (void)xmp->remove_second_pictures();
      xmp->make_upright(true, {1, 2});
      (void)xmp->tell("Comment", "a");
      (void)xmp->packet();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(seconds.count(), 20) << (properties + below).substr(0, 80);
  }
}

// One of 16 MiB may be asked how the picture lies: ten microseconds each, and more.
TEST(Xmp, ElementsAreCounted) {
  const auto packet = [](std::size_t elements) {
    std::string items;
    for (std::size_t i = 0; i < elements; ++i) items += "<rdf:li/>";
    return make_xmp("", "<dc:subject><rdf:Bag>" + items + "</rdf:Bag></dc:subject>");
  };
  EXPECT_TRUE(is_parsable_packet(words_of(packet(100'000))));
  EXPECT_FALSE(is_parsable_packet(words_of(packet(250'000))));
}

TEST(Xmp, ThreadsTakeTurns) {
  const auto work = [](int number, std::string& result) {
    for (int i = 0; i < 50; ++i) {
      auto xmp = Xmp::parse(make_xmp("xmlns:n" + std::to_string(number) + "='n:" + std::to_string(i) + "' n" +
                                     std::to_string(number) + ":a='1' tiff:Orientation='6'"));
      if (!xmp || xmp->orientation() != 6) return;
      xmp->make_upright(false, {1, 1});
      result = text_of(*xmp);
    }
  };
  std::string first, second;
  std::thread other([&] { work(1, first); });
  work(2, second);
  other.join();
  EXPECT_TRUE(contains(first, "tiff:Orientation=\"1\"")) << first;
  EXPECT_TRUE(contains(second, "tiff:Orientation=\"1\"")) << second;
}

}  // namespace
}  // namespace vaec::image
