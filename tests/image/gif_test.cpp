// GIF, with files by giflib itself where it is there.
#include <gtest/gtest.h>

#include "image/hostile.hpp"
#include "image/make_picture.hpp"
#include "image/parts.hpp"
#include "image/read.hpp"

#ifdef VAEC_WITH_GIF
#include <gif_lib.h>

#include <array>
#endif

namespace vaec::image {
namespace {

using namespace std::string_view_literals;

class Gif : public testing::Test {
 protected:
  void SetUp() override {
    if (format_of(FileFormat::kGif) == nullptr) GTEST_SKIP() << "this build has no giflib";
  }
};

#ifdef VAEC_WITH_GIF

struct Extension {
  int function = 0;
  std::vector<std::string> blocks;
};

struct Drawing {
  int width = 10, height = 20, left = 0, top = 0, canvas_width = 10, canvas_height = 20, frames = 1;
  bool is_interlaced = false, is_grey = false, has_local_palette = false;
  int transparent = NO_TRANSPARENT_COLOR;
  std::vector<Extension> before = {}, behind = {};
};

constexpr int kColours = 16;

std::array<GifColorType, kColours> palette(bool is_grey) {
  std::array<GifColorType, kColours> colours;
  for (int i = 0; i < kColours; ++i) {
    const auto value = static_cast<GifByteType>(i * 17);
    colours[static_cast<std::size_t>(i)] = {value, is_grey ? value : static_cast<GifByteType>(255 - value),
                                            is_grey ? value : static_cast<GifByteType>(i)};
  }
  return colours;
}

GifPixelType index_at(int x, int y) { return static_cast<GifPixelType>((x + 3 * y) % kColours); }

void put_extension(GifFileType* gif, const Extension& extension) {
  EXPECT_EQ(EGifPutExtensionLeader(gif, extension.function), GIF_OK);
  for (const auto& block : extension.blocks)
    EXPECT_EQ(EGifPutExtensionBlock(gif, static_cast<int>(block.size()), block.data()), GIF_OK);
  EXPECT_EQ(EGifPutExtensionTrailer(gif), GIF_OK);
}

std::vector<std::byte> draw(const Drawing& drawing) {
  std::vector<std::byte> file;
  int error = 0;
  GifFileType* gif = EGifOpen(
      &file,
      [](GifFileType* to, const GifByteType* data, int size) {
        auto& bytes = *static_cast<std::vector<std::byte>*>(to->UserData);
        for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(data[i]));
        return size;
      },
      &error);
  EGifSetGifVersion(gif, true);
  const auto colours = palette(drawing.is_grey), others = palette(!drawing.is_grey);
  ColorMapObject* map = GifMakeMapObject(kColours, colours.data());
  ColorMapObject* other = GifMakeMapObject(kColours, others.data());
  EXPECT_EQ(EGifPutScreenDesc(gif, drawing.canvas_width, drawing.canvas_height, 8, 0,
                              drawing.has_local_palette ? other : map),
            GIF_OK);
  for (const auto& extension : drawing.before) put_extension(gif, extension);
  for (int frame = 0; frame < drawing.frames; ++frame) {
    if (drawing.transparent != NO_TRANSPARENT_COLOR) {
      const GraphicsControlBlock control{DISPOSAL_UNSPECIFIED, false, 0, drawing.transparent};
      std::array<GifByteType, 4> bytes{};
      EGifGCBToExtension(&control, bytes.data());
      EXPECT_EQ(EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, bytes.data()), GIF_OK);
    }
    EXPECT_EQ(EGifPutImageDesc(gif, drawing.left, drawing.top, drawing.width, drawing.height,
                               drawing.is_interlaced, drawing.has_local_palette ? map : nullptr),
              GIF_OK);
    std::vector<int> rows;
    for (const auto& [first, step] : drawing.is_interlaced
                                         ? std::vector<std::pair<int, int>>{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
                                         : std::vector<std::pair<int, int>>{{0, 1}}) {
      for (int y = first; y < drawing.height; y += step) rows.push_back(y);
    }
    for (const int y : rows) {
      std::vector<GifPixelType> line;
      for (int x = 0; x < drawing.width; ++x) line.push_back(index_at(x, y));
      EXPECT_EQ(EGifPutLine(gif, line.data(), drawing.width), GIF_OK);
    }
  }
  for (const auto& extension : drawing.behind) put_extension(gif, extension);
  GifFreeMapObject(map);
  GifFreeMapObject(other);
  EXPECT_EQ(EGifCloseFile(gif, &error), GIF_OK);
  return file;
}

// What draw() means.
Image expected(const Drawing& drawing) {
  const auto width = static_cast<std::uint32_t>(drawing.canvas_width),
             height = static_cast<std::uint32_t>(drawing.canvas_height), channels = drawing.is_grey ? 1U : 3U;
  Image image{width, height, channels, std::vector<std::uint8_t>(std::size_t{width} * height * channels)};
  const bool covers = drawing.width == drawing.canvas_width && drawing.height == drawing.canvas_height;
  if (!covers || drawing.transparent != NO_TRANSPARENT_COLOR) image.alpha.resize(std::size_t{width} * height);
  const auto colours = palette(drawing.is_grey);
  for (int y = 0; y < drawing.height; ++y) {
    for (int x = 0; x < drawing.width; ++x) {
      const auto i = static_cast<std::size_t>((y + drawing.top) * drawing.canvas_width + x + drawing.left);
      const auto index = index_at(x, y);
      const auto& colour = colours[index];
      const std::array rgb = {colour.Red, colour.Green, colour.Blue};
      for (std::size_t c = 0; c < channels; ++c) image.samples[i * channels + c] = rgb[c];
      if (image.has_alpha() && index != drawing.transparent) image.alpha[i] = 255;
    }
  }
  return image;
}

TEST_F(Gif, AFrameComesBack) {
  for (const bool is_interlaced : {false, true}) {
    for (const bool is_grey : {false, true}) {
      for (const bool has_local_palette : {false, true}) {
        Drawing drawing;
        drawing.is_interlaced = is_interlaced;
        drawing.is_grey = is_grey;
        drawing.has_local_palette = has_local_palette;
        for (const int transparent : {NO_TRANSPARENT_COLOR, 5}) {
          drawing.transparent = transparent;
          const Reading reading = read_image(draw(drawing), "x");
          EXPECT_EQ(reading.image, expected(drawing));
          EXPECT_TRUE(reading.notes.empty());
        }
      }
    }
  }
}

TEST_F(Gif, AFrameStandsOnItsCanvas) {
  Drawing drawing;
  drawing.left = 3;
  drawing.top = 4;
  drawing.canvas_width = 16;
  drawing.canvas_height = 30;
  EXPECT_EQ(read_image(draw(drawing), "x").image, expected(drawing));
  // A canvas that is too small, or says nothing, grows.
  drawing.canvas_width = drawing.canvas_height = 0;
  const auto file = draw(drawing);
  drawing.canvas_width = 13;
  drawing.canvas_height = 24;
  EXPECT_EQ(read_image(file, "x").image, expected(drawing));
}

TEST_F(Gif, ATransparentColourThatIsNowhereIsNone) {
  Drawing drawing;
  drawing.width = drawing.canvas_width = 2;
  drawing.height = drawing.canvas_height = 2;
  drawing.transparent = 15;
  EXPECT_FALSE(read_image(draw(drawing), "x").image.has_alpha());
}

TEST_F(Gif, AnimationsAreRefused) {
  Drawing drawing;
  drawing.frames = 2;
  const auto file = draw(drawing);
  const auto expected_error =
      "3 x: holds more than one frame or page, which this version cannot code: extract them first";
  EXPECT_EQ(error_of([&] { (void)read_header(file, "x"); }), expected_error);
  EXPECT_EQ(error_of([&] { (void)read_image(file, "x"); }), expected_error);
}

std::string trailer() {
  std::string text = "\1";
  for (int i = 255; i >= 0; --i) text += static_cast<char>(i);
  return text;
}

TEST_F(Gif, GivesWhatItsExtensionsHold) {
  Drawing drawing;
  const std::string packet = "<x:xmpmeta>" + std::string(300, ' ') + "</x:xmpmeta>";
  drawing.before = {{COMMENT_EXT_FUNC_CODE, {"one ", "comm\xe9nt"}},
                    {APPLICATION_EXT_FUNC_CODE, {"NETSCAPE2.0", "\1\0\0"}},
                    {APPLICATION_EXT_FUNC_CODE, {"ICCRGBG1012", "a pro", "file"}},
                    {APPLICATION_EXT_FUNC_CODE, {"XMP DataXMP", "PACKET"}}};
  drawing.behind = {{COMMENT_EXT_FUNC_CODE, {"another"}}};
  auto file = draw(drawing);
  const auto found = std::search(file.begin(), file.end(), std::begin("\6PACKET"), std::begin("\6PACKET") + 7,
                                 [](std::byte a, char b) { return a == static_cast<std::byte>(b); });
  ASSERT_NE(found, file.end());
  const auto raw = bytes_of(packet + trailer());  // a zero follows, which ends the blocks
  const auto after = file.erase(found, found + 7);
  file.insert(after, raw.begin(), raw.end());
  const Content content = format_of(FileFormat::kGif)->read(file, {});
  EXPECT_EQ(content.xmp, bytes_of(packet));
  EXPECT_EQ(content.icc, bytes_of("a profile"));
  ASSERT_EQ(content.texts.size(), 2U);
  EXPECT_EQ(content.texts[0].text, "one commént");
  EXPECT_EQ(content.texts[1].text, "another");
  EXPECT_EQ(content.image, expected(drawing));
  EXPECT_TRUE(content.resolution.empty());
  constexpr std::size_t kAspect = 12;
  file[kAspect] = std::byte{113};  // (113 + 15) / 64: twice as wide as high
  EXPECT_EQ(format_of(FileFormat::kGif)->read(file, {}).resolution,
            (Resolution{Resolution::Unit::kRatio, 64000, 128000}));
}

TEST_F(Gif, ATruncatedFileIsReadAsFarAsItGoesOnRequest) {
  Drawing drawing;  // of several blocks, of which each is decoded as a whole
  drawing.width = drawing.canvas_width = 100;
  drawing.height = drawing.canvas_height = 200;
  const auto file = draw(drawing);
  const auto part = std::span(file).first(file.size() - 40);
  EXPECT_EQ(error_of([&] { (void)read_image(part, "x"); }), "3 x: truncated: ends within the GIF's data");
  ReadOptions options;
  options.allows_damage = true;
  const Reading reading = read_image(part, "x", {}, options);
  ASSERT_EQ(reading.notes.size(), 1U);
  EXPECT_TRUE(reading.notes[0].starts_with("damaged: ")) << reading.notes[0];
  const Image whole = expected(drawing);
  EXPECT_TRUE(
      std::equal(whole.samples.begin(), whole.samples.begin() + 50 * 300, reading.image.samples.begin()));
  const Reading ended = read_image(std::span(file).first(file.size() - 1), "x");
  EXPECT_EQ(ended.image, whole);
  EXPECT_EQ(ended.notes, std::vector<std::string>{"the GIF has no trailer"});
  auto longer = file;
  append(longer, bytes_of("12345678"));
  EXPECT_EQ(read_image(longer, "x").notes, std::vector<std::string>{"8 bytes behind the picture: left out"});
}

TEST_F(Gif, TruncatedOrDamagedIsAPictureOrAnError) {
  Drawing drawing;
  drawing.width = 7;
  drawing.transparent = 2;
  drawing.is_interlaced = true;
  drawing.before = {{COMMENT_EXT_FUNC_CODE, {"one"}}, {APPLICATION_EXT_FUNC_CODE, {"XMP DataXMP", "<x/>"}}};
  const auto file = draw(drawing);
  for (std::size_t size = 0; size + 1 < file.size(); ++size) {
    const auto part = std::span(file).first(size);
    EXPECT_EQ(error_of([&] { (void)read_image(part, "x"); }).rfind("3 x: ", 0), 0U) << size;
    expect_a_picture_or_an_error(part, std::to_string(size));
  }
  expect_every_damaged_byte_is_borne(file);
}

#endif

TEST_F(Gif, RandomBytesAreAnError) {
  EXPECT_EQ(error_of([] { (void)read_image(bytes_of("GIF89a......"), "x"); }).rfind("3 x: ", 0), 0U);
}

}  // namespace
}  // namespace vaec::image
