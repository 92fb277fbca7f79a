#include "bitstream/container.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>

#include "base/crc32c.hpp"
#include "bitstream/bytes.hpp"
#include "bytes_of.hpp"
#include "vaec/error.hpp"

namespace vaec::bitstream {
namespace {

// Every run checks the same cases, unless RC_PARAMS says otherwise.
const bool kSeeded = setenv("RC_PARAMS", "seed=1", 0) == 0;

using Bytes = std::vector<std::byte>;

// 40x200 pixels: 16 latent rows in three bands of 6, 6 and 4.
const Bytes kLf = bytes_of({0xD0});
const Bytes kHyper = bytes_of({0xA0, 0xA1, 0xA2});
const Bytes kBand1 = bytes_of({0xB0});
const Bytes kBand3 = bytes_of({0xC0, 0xC1});

Container photo() {
  Container container;
  container.header = {Profile::kHyperprior, {1, 2, 3, 4, 5, 6, 7, 8}, 40, 200, 3, 8, 50};
  container.lf = kLf;
  container.hyper = kHyper;
  container.bands = {kBand1, {}, kBand3};
  container.band_rows = 6;
  container.latent_crc = 0x11223344;
  return container;
}

Container digit() {
  Container container;
  container.header = {Profile::kSmallImage, {1, 2, 3, 4, 0, 0, 0, 0}, 28, 28, 1, 8, 75};
  container.bands = {kHyper};
  return container;
}

void append(Bytes& to, const Bytes& bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

Bytes with_checksum(Bytes bytes) {
  ByteWriter writer;
  writer.u32(base::crc32c(bytes));
  append(bytes, writer.written());
  return bytes;
}

// A whole file of this header and these chunks, end chunk and checksum added.
Bytes file_of(const Header& header, const std::vector<Bytes>& chunks) {
  Container empty = header.profile == Profile::kSmallImage ? digit() : photo();
  empty.header = header;
  if (header.profile == Profile::kHyperprior) {
    empty.band_rows = kMaxLatentBandRows;
    empty.bands.assign(band_count(latent_cells(header.height), empty.band_rows), {});
  }
  empty.lf = empty.hyper = {};
  for (auto& band : empty.bands) band = {};
  empty.latent_crc.reset();
  Bytes file = write(empty);
  ByteWriter table, length;
  table.varint(empty.band_rows);
  table.varint(empty.bands.size());
  const std::size_t bands_size = table.written().size() + empty.bands.size();
  length.varint(bands_size);
  const std::size_t chunks_size =
      header.profile == Profile::kSmallImage ? 2 : 2 + 2 + 1 + length.written().size() + bands_size;
  file.resize(file.size() - 5 - chunks_size);
  for (const Bytes& chunk : chunks) append(file, chunk);
  file.push_back(std::byte{0});
  return with_checksum(file);
}

void expect_same(const Container& a, const Container& b) {
  EXPECT_EQ(a.header.profile, b.header.profile);
  EXPECT_EQ(a.header.model_id, b.header.model_id);
  EXPECT_EQ(a.header.width, b.header.width);
  EXPECT_EQ(a.header.height, b.header.height);
  EXPECT_EQ(a.header.channels, b.header.channels);
  EXPECT_EQ(a.header.bit_depth, b.header.bit_depth);
  EXPECT_EQ(a.header.quality, b.header.quality);
  EXPECT_TRUE(std::ranges::equal(a.lf, b.lf));
  EXPECT_TRUE(std::ranges::equal(a.hyper, b.hyper));
  ASSERT_EQ(a.bands.size(), b.bands.size());
  for (std::size_t i = 0; i < a.bands.size(); ++i)
    EXPECT_TRUE(std::ranges::equal(a.bands[i], b.bands[i])) << i;
  EXPECT_EQ(a.band_rows, b.band_rows);
  EXPECT_EQ(a.latent_crc, b.latent_crc);
}

void expect_error(const Bytes& file, ErrorCode code, const std::string& message) {
  try {
    (void)parse(file);
    ADD_FAILURE() << "no error, expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(error.what(), message);
  }
}

void expect_corrupt(const Bytes& file, const std::string& message) {
  expect_error(file, ErrorCode::kCorrupt, message);
}

void expect_unsupported(const Bytes& file, const std::string& message) {
  expect_error(file, ErrorCode::kUnsupported, message);
}

// Any message.
void expect_error(const Bytes& file, ErrorCode code) {
  try {
    (void)parse(file);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
  }
}

void expect_corrupt(const Bytes& file) { expect_error(file, ErrorCode::kCorrupt); }

const Bytes kLfChunk = bytes_of({0x01, 1, 0xD0});
const Bytes kHyperChunk = bytes_of({0x02, 1, 0xA0});
const Bytes kBandsChunk = bytes_of({0x03, 4, 4, 1, 1, 0xB0});  // of 4 latent rows
const Header kPhoto64 = {Profile::kHyperprior, {1, 2, 3, 4, 5, 6, 7, 8}, 64, 64, 3, 8, 50};

// The checksums were computed by another implementation.
TEST(Container, GoldenPhoto) {
  EXPECT_EQ(write(photo()),
            bytes_of({'V',  'A',  'E',  'C',  1,    0,    1,    2,    3,    4,    5,    6,
                      7,    8,    40,   0xC8, 0x01, 0x13, 50,   0x01, 1,    0xD0, 0x02, 3,
                      0xA0, 0xA1, 0xA2, 0x03, 8,    6,    3,    1,    0,    2,    0xB0, 0xC0,
                      0xC1, 0x81, 4,    0x44, 0x33, 0x22, 0x11, 0,    0xB7, 0x2C, 0xA0, 0x70}));
}

TEST(Container, GoldenDigit) {
  EXPECT_EQ(write(digit()), bytes_of({'V',  'A', 'E',  'C', 1,    1,    1,    2, 3,    4,    28,   28,
                                      0x11, 75,  0x04, 3,   0xA0, 0xA1, 0xA2, 0, 0x57, 0xF9, 0xA8, 0x55}));
}

TEST(Container, RoundTrip) {
  for (const Container& container : {photo(), digit()}) {
    const Bytes file = write(container);
    expect_same(parse(file), container);
  }
}

TEST(Container, DigitCostsAtMost22BytesBesideItsStream) {
  Container container = digit();
  const Bytes stream(19, std::byte{0x55});
  container.bands = {stream};
  EXPECT_LE(write(container).size(), stream.size() + 22);
}

TEST(Container, SmallImageKeepsFourBytesOfTheModelId) {
  Container container = digit();
  container.header.model_id = {1, 2, 3, 4, 5, 6, 7, 8};
  const Bytes file = write(container);
  EXPECT_EQ(parse(file).header.model_id, (std::array<std::uint8_t, 8>{1, 2, 3, 4, 0, 0, 0, 0}));
}

TEST(Container, ResolutionTakesOneNumberOrTwo) {
  for (const auto& [resolution, bytes] :
       {std::pair{Resolution{Resolution::Unit::kInch, 300000, 300000}, bytes_of({1, 0xE0, 0xA7, 0x12})},
        std::pair{Resolution{Resolution::Unit::kRatio, 4, 3}, bytes_of({0, 4, 3})},
        std::pair{Resolution{Resolution::Unit::kMetre, 0xFFFFFFFF, 1},
                  bytes_of({3, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1})}}) {
    Container container = digit();
    container.resolution = resolution;
    const Bytes file = write(container);
    EXPECT_EQ(parse(file).resolution, resolution);
    EXPECT_NE(std::search(file.begin(), file.end(), bytes.begin(), bytes.end()), file.end());
    EXPECT_EQ(file.size(), write(digit()).size() + 2 + bytes.size());
  }
}

TEST(Container, ResolutionOfAnotherShapeIsRefused) {
  for (const Bytes& content : {bytes_of({}), bytes_of({1}), bytes_of({4, 1}), bytes_of({1, 0}),
                               bytes_of({1, 2, 2}), bytes_of({1, 2, 0}), bytes_of({1, 2, 3, 4}),
                               bytes_of({1, 0x80}), bytes_of({1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F})}) {
    Bytes chunk = bytes_of({0x93, static_cast<int>(content.size())});
    append(chunk, content);
    const Bytes file = file_of(digit().header, {bytes_of({0x04, 0}), chunk});
    expect_corrupt(file);
    try {
      (void)parse(file);
    } catch (const TruncatedError&) {
      ADD_FAILURE() << "told as cut off";
    } catch (const Error&) {
    }
  }
}

TEST(Container, EveryTruncationIsCorrupt) {
  for (const Container& container : {photo(), digit()}) {
    const Bytes file = write(container);
    for (std::size_t size = 0; size < file.size(); ++size) {
      SCOPED_TRACE(size);
      expect_corrupt({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
    }
  }
}

TEST(Container, EverySingleBitFlipIsCorrupt) {
  for (const Container& container : {photo(), digit()}) {
    const Bytes file = write(container);
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      SCOPED_TRACE(bit);
      Bytes flipped = file;
      flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      if (bit / 8 == 4 && bit % 8 > 0) {
        expect_error(flipped, ErrorCode::kUnsupported);  // a later version may have its checksum elsewhere
      } else {
        expect_error(flipped, ErrorCode::kCorrupt);
      }
    }
  }
}

TEST(Container, TruncationNamesTheField) {
  const Bytes file = write(photo());
  const auto cut = [&](std::size_t size) {
    return Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
  };
  expect_corrupt({}, "truncated: magic number ends after 0 of 4 bytes");
  expect_corrupt(cut(10), "truncated: model id ends after 4 of 8 bytes");
  expect_corrupt(cut(16), "truncated: height ends after 1 of 2 bytes");
  expect_corrupt(cut(19), "truncated: chunk type ends after 0 of 1 bytes");
  expect_corrupt(cut(26), "truncated: chunk 0x02 (hyper-latent) ends after 2 of 3 bytes");
  expect_corrupt(cut(32), "truncated: table of band lengths ends after 1 of 3 bytes");
  expect_corrupt(cut(36), "truncated: latent band 3 of 3 ends after 1 of 2 bytes");
  expect_corrupt(cut(40), "truncated: chunk 0x81 (latent checksum) ends after 1 of 4 bytes");
  expect_corrupt(cut(46), "truncated: checksum ends after 2 of 4 bytes");
}

TEST(Container, DamageIsTold) {
  Bytes file = write(photo());
  file[25] ^= std::byte{0x10};
  expect_corrupt(file, "damaged: checksum at byte 44: found 0x70A02CB7, expected 0xC243CE5C");
  file = write(photo());
  file[18] = std::byte{0};
  expect_corrupt(
      file,
      "quality at byte 18: found 0, expected 1 to 100 (the file is damaged: its checksum does not match)");
}

TEST(Container, NotAFileOfOurs) {
  expect_corrupt(bytes_of({0x89, 'P', 'N', 'G', 1, 2, 3}), "not a .vaec file: it does not begin with VAEC");
}

TEST(Container, Versions) {
  Bytes file = write(photo());
  file[4] = std::byte{2};
  expect_unsupported(file, "format version 2 is newer than this program reads (1): a newer vaec is needed");
  file[4] = std::byte{0};
  expect_corrupt(file, "format version at byte 4: found 0, expected 1");
}

TEST(Container, FieldsOutOfTheirRange) {
  const Bytes good = file_of(kPhoto64, {kLfChunk, kHyperChunk, kBandsChunk});
  EXPECT_EQ(parse(good).bands.size(), 1u);
  const auto with = [&](std::size_t at, int value) {
    Bytes file(good.begin(), good.end() - 4);
    file[at] = static_cast<std::byte>(value);
    return with_checksum(file);
  };
  expect_unsupported(with(5, 3),
                     "flags at byte 5: found 0x03, expected 0x00, 0x01 or 0x02: a newer vaec is needed");
  expect_unsupported(with(5, 0x80),
                     "flags at byte 5: found 0x80, expected 0x00, 0x01 or 0x02: a newer vaec is needed");
  expect_corrupt(with(14, 0), "width at byte 14: found 0, expected 1 to 2147483647");
  expect_corrupt(with(15, 0), "height at byte 15: found 0, expected 1 to 2147483647");
  for (const int layout : {0x00, 0x10, 0x15, 0x20, 0x25, 0x31, 0x03, 0xF3, 0xFF}) {
    expect_corrupt(
        with(16, layout),
        "sample layout at byte 16: found " + hex_byte(static_cast<std::uint8_t>(layout)) +
            ", expected 0x11 to 0x14 or 0x21 to 0x24 (8 or 16 bits; grey, grey and alpha, RGB, RGBA)");
  }
  EXPECT_EQ(parse(with(16, 0x21)).header.bit_depth, 16);
  expect_corrupt(with(16, 0x14), "end of the chunks at byte 30: found no chunk 0x10 (alpha), expected one");
  expect_corrupt(with(17, 0), "quality at byte 17: found 0, expected 1 to 100");
  expect_corrupt(with(17, 101), "quality at byte 17: found 101, expected 1 to 100");
}

// A band is decoded as a whole: a hostile file must not make one of the whole picture.
TEST(Container, LatentBandsHaveAtMost64Rows) {
  const auto with_rows = [](int rows) {
    return file_of(kPhoto64, {kLfChunk, kHyperChunk, bytes_of({0x03, 3, rows, 1, 0})});
  };
  EXPECT_EQ(parse(with_rows(64)).band_rows, 64U);
  expect_corrupt(with_rows(65), "rows a band at byte 26: found 65, expected 1 to 64");
}

// A plan belongs to exact blocks, an empty one, too; a checksum of the latent to what has one.
TEST(Container, ChunksWithoutWhatTheyBelongTo) {
  expect_corrupt(file_of(kPhoto64, {kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x05, 0})}),
                 "end of the chunks at byte 32: found no chunk 0x07 (exact blocks), expected one");
}

TEST(Container, LargestSides) {
  Container container = photo();
  container.header.width = kMaxSide;
  container.header.height = kMaxSide;
  container.band_rows = kMaxLatentBandRows;
  container.bands.assign(band_count(latent_cells(kMaxSide), kMaxLatentBandRows), {});
  const Bytes file = write(container);
  expect_same(parse(file), container);
}

TEST(Container, Chunks) {
  const auto file = [](const std::vector<Bytes>& chunks) { return file_of(kPhoto64, chunks); };
  expect_corrupt(file({kLfChunk, kBandsChunk}),
                 "end of the chunks at byte 27: found no chunk 0x02 (hyper-latent), expected one");
  expect_corrupt(file({kLfChunk, kHyperChunk}),
                 "end of the chunks at byte 24: found no chunk 0x03 (latent bands), expected one");
  expect_corrupt(file({kLfChunk, kHyperChunk, kHyperChunk, kBandsChunk}),
                 "chunk type at byte 24: found 0x02, expected a type above 0x02");
  expect_corrupt(file({kLfChunk, kBandsChunk, kHyperChunk}),
                 "chunk type at byte 27: found 0x02, expected a type above 0x03");
  expect_corrupt(file({kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x04, 0})}),
                 "critical chunk 0x04 (small image) at byte 30: it does not belong to the file's profile");
  expect_corrupt(file({kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x10, 0})}),
                 "critical chunk 0x10 (alpha) at byte 30: the sample layout says that there is none");
  expect_unsupported(file({kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x42, 0})}),
                     "critical chunk 0x42 at byte 30: a newer vaec is needed");
  expect_corrupt(file({kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x81, 3, 1, 2, 3})}),
                 "chunk 0x81 (latent checksum) at byte 32: found 3 bytes, expected 4");
  expect_corrupt(file({kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x90, 0}), bytes_of({0x90, 0})}),
                 "chunk type at byte 32: found 0x90, expected a type above 0x90");
}

TEST(Container, UnknownOptionalChunksAreSkipped) {
  const Bytes file =
      file_of(kPhoto64, {kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x80, 1, 9}),
                         bytes_of({0x81, 4, 1, 0, 0, 0}), bytes_of({0x90, 0}), bytes_of({0xFF, 2, 8, 9})});
  EXPECT_EQ(parse(file).latent_crc, 1u);
}

TEST(Container, AlphaDepthAndMetadataComeBack) {
  for (const std::uint8_t channels : {2, 4}) {
    Container container = photo();
    container.header.channels = channels;
    container.header.bit_depth = 16;
    container.alpha = {150, {kBand3, kBand1}};  // of 200 rows
    container.icc = kBand1;
    container.exif = kBand3;
    container.xmp = kHyper;
    const Bytes file = write(container);
    const Container back = parse(file);
    expect_same(back, container);
    EXPECT_EQ(back.alpha.rows, 150U);
    ASSERT_EQ(back.alpha.streams.size(), 2U);
    EXPECT_TRUE(std::ranges::equal(back.alpha.streams[0], kBand3));
    EXPECT_TRUE(std::ranges::equal(back.icc, kBand1));
    EXPECT_TRUE(std::ranges::equal(back.exif, kBand3));
    EXPECT_TRUE(std::ranges::equal(back.xmp, kHyper));
  }
}

TEST(Container, AlphaBandsThatDisagree) {
  Header header = kPhoto64;
  header.channels = 4;
  const auto file = [&](std::initializer_list<int> content) {
    Container container;
    container.header = header;
    container.lf = kLf;
    container.hyper = kHyper;
    container.band_rows = kMaxLatentBandRows;
    container.bands = {kBand1};
    container.alpha = {64, {kBand1}};
    Bytes whole = write(container);
    whole.resize(whole.size() - 5 - 6);  // the end, the checksum, the chunk of alpha
    append(whole, bytes_of({0x10, static_cast<int>(content.size())}));
    append(whole, bytes_of(content));
    whole.push_back(std::byte{0});
    return with_checksum(whole);
  };
  EXPECT_EQ(parse(file({32, 2, 0, 1, 0x55})).alpha.streams.size(), 2U);
  expect_corrupt(file({32, 1, 0}),
                 "number of bands at byte 35: found 1, expected 2 by the height and 32 rows a band");
  expect_corrupt(file({64, 1, 9, 0}),
                 "length of alpha band 1 at byte 36: found 9, expected at most 4 in its chunk");
}

TEST(Container, LastFilter) {
  Container with = photo();
  with.filter = kHyper;
  const Container back = parse(write(with));
  expect_same(back, with);
  EXPECT_TRUE(std::ranges::equal(back.filter, kHyper));
  expect_corrupt(file_of(kPhoto64, {kLfChunk, kHyperChunk, kBandsChunk, bytes_of({0x08, 0})}),
                 "chunk 0x08 (last filter) at byte 32: found no bytes, expected a filter");
}

// The two chunks of blocks that are kept exactly: both or none, bands of whole blocks.
TEST(Container, ExactBlocks) {
  Container with = photo();
  with.plan = kHyper;
  with.exact = {64, {kBand1, {}, {}, kBand3}};
  const Bytes file = write(with);
  const Container back = parse(file);
  expect_same(back, with);
  EXPECT_TRUE(std::ranges::equal(back.plan, kHyper));
  EXPECT_EQ(back.exact.rows, 64U);
  ASSERT_EQ(back.exact.streams.size(), 4U);
  EXPECT_TRUE(std::ranges::equal(back.exact.streams[3], kBand3));

  const auto of = [](const Bytes& plan, const Bytes& exact) {
    std::vector<Bytes> chunks{kLfChunk, kHyperChunk, kBandsChunk};
    if (!plan.empty()) chunks.push_back(plan);
    if (!exact.empty()) chunks.push_back(exact);
    return file_of(kPhoto64, chunks);
  };
  const Bytes plan = bytes_of({0x05, 1, 0}), exact = bytes_of({0x07, 4, 32, 2, 0, 0});
  EXPECT_EQ(parse(of(plan, exact)).exact.streams.size(), 2U);
  expect_corrupt(of(plan, {}),
                 "end of the chunks at byte 33: found no chunk 0x07 (exact blocks), expected one");
  expect_corrupt(of({}, exact), "end of the chunks at byte 36: found no chunk 0x05 (plan), expected one");
  expect_corrupt(of(plan, bytes_of({0x07, 4, 24, 3, 0, 0})),
                 "rows a band at byte 35: found 24, expected a multiple of 16");
  expect_corrupt(of(plan, bytes_of({0x07, 5, 32, 2, 0, 9, 0})),
                 "length of band of exact blocks 2 at byte 38: found 9, expected at most 5 in its chunk");
  expect_corrupt(file_of({Profile::kSmallImage, {1, 2, 3, 4, 0, 0, 0, 0}, 28, 28, 1, 8, 75}, {exact}),
                 "critical chunk 0x07 (exact blocks) at byte 14: it does not belong to the file's profile");
}

TEST(Container, BandsThatDisagree) {
  const auto file = [](std::initializer_list<int> content) {
    Bytes chunk = bytes_of({0x03, static_cast<int>(content.size())});
    append(chunk, bytes_of(content));
    return file_of(kPhoto64, {kLfChunk, kHyperChunk, chunk});
  };
  expect_corrupt(file({0, 1, 0}), "rows a band at byte 26: found 0, expected 1 to 64");
  expect_corrupt(file({1, 3, 0, 0, 0}),
                 "number of bands at byte 27: found 3, expected 4 by the height and 1 rows a band");
  expect_corrupt(file({3, 1, 0}),
                 "number of bands at byte 27: found 1, expected 2 by the height and 3 rows a band");
  expect_corrupt(file({1, 4, 0}), "truncated: table of band lengths ends after 1 of 4 bytes");
  expect_corrupt(file({2, 2, 1, 9, 5}),
                 "length of latent band 2 at byte 29: found 9, expected at most 4 in its chunk");
  expect_corrupt(file({2, 2, 1, 1, 5}),
                 "chunk 0x03 (latent bands) at byte 26: found 5 bytes, expected 6 by its table of lengths");
  expect_corrupt(file({2, 2, 0, 0, 5}),
                 "chunk 0x03 (latent bands) at byte 26: found 5 bytes, expected 4 by its table of lengths");
}

TEST(Container, ForgedCountsAllocateNothing) {
  // 2^31 - 1 rows of pixels and one row a band: 2^27 bands, in a file of some bytes.
  Header header = kPhoto64;
  header.height = kMaxSide;
  expect_corrupt(file_of(header, {kLfChunk, kHyperChunk, bytes_of({0x03, 6, 1, 0x80, 0x80, 0x80, 0x40, 0})}),
                 "truncated: table of band lengths ends after 1 of 134217728 bytes");
  expect_corrupt(
      file_of(kPhoto64, {bytes_of({0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})}),
      "truncated: chunk 0x01 (LF image) ends after 5 of 18446744073709551615 bytes");
}

TEST(Container, NothingFollowsTheChecksum) {
  Bytes file = write(photo());
  const std::size_t size = file.size();
  file.push_back(std::byte{0});
  expect_corrupt(
      file, "end of the file at byte " + std::to_string(size) +
                ": found 1 more bytes, expected none (the file is damaged: its checksum does not match)");
}

TEST(Container, WriteRefusesWhatTheFormatCannotHold) {
  const std::vector<std::function<void(Container&)>> changes = {
      [](Container& c) { c.header.width = 0; },
      [](Container& c) { c.header.height = kMaxSide + 1; },
      [](Container& c) { c.header.channels = 2; },
      [](Container& c) { c.header.bit_depth = 12; },
      [](Container& c) { c.header.channels = 5; },
      [](Container& c) { c.alpha.streams.resize(1); },
      [](Container& c) { c.header.quality = 101; },
      [](Container& c) { c.band_rows = 0; },
      [](Container& c) {
        c.band_rows = kMaxLatentBandRows + 1;
        c.bands.resize(1);
      },
      [](Container& c) { c.bands.pop_back(); },
      [](Container& c) { c.plan = kHyper; },
      [](Container& c) {
        c.exact = {64, {kBand1, {}, {}, kBand3}};
      },
      [](Container& c) {
        c.plan = kHyper, c.exact = {40, {kBand1, {}, {}, {}, kBand3}};
      },
      [](Container& c) {
        c.plan = kHyper, c.exact = {64, {kBand1}};
      },
      [](Container& c) { c.header.profile = Profile::kSmallImage; },
      [](Container& c) { c.header.profile = static_cast<Profile>(3); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Container container = photo();
    changes[i](container);
    try {
      (void)write(container);
      ADD_FAILURE() << i;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal);
    }
  }
}

TEST(ContainerProperty, RoundTrips) {
  EXPECT_TRUE(rc::check("random containers", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    const auto stream = [&] {
      Bytes bytes(random() % (random() % 3 == 0 ? 400 : 4));
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
      return bytes;
    };
    Container container = photo();
    container.header.width = 1 + random() % (1u << random() % 31);
    container.header.height = 1 + random() % (1u << random() % 14);
    container.header.channels = random() % 2 == 0 ? 1 : 3;
    container.header.quality = static_cast<std::uint8_t>(1 + random() % 100);
    container.band_rows = 1 + random() % kMaxLatentBandRows;
    if (random() % 2 == 0) container.latent_crc.reset();
    const Bytes lf = stream(), hyper = stream();
    std::vector<Bytes> bands(band_count(latent_cells(container.header.height), container.band_rows));
    std::generate(bands.begin(), bands.end(), stream);
    container.lf = lf;
    container.hyper = hyper;
    container.bands.assign(bands.begin(), bands.end());
    const Bytes file = write(container);
    const Container parsed = parse(file);
    RC_ASSERT(write(parsed) == file);
    RC_ASSERT(parsed.header.width == container.header.width);
    RC_ASSERT(parsed.header.height == container.header.height);
    RC_ASSERT(parsed.bands.size() == bands.size());
    for (std::size_t i = 0; i < bands.size(); ++i) RC_ASSERT(std::ranges::equal(parsed.bands[i], bands[i]));
    const auto cut = static_cast<std::ptrdiff_t>(random() % file.size());
    try {
      (void)parse(std::span(file).first(static_cast<std::size_t>(cut)));
      RC_FAIL("a truncated file was accepted");
    } catch (const Error& error) {
      RC_ASSERT(error.code() == ErrorCode::kCorrupt);
    }
  }));
}

TEST(Container, BandArithmetic) {
  EXPECT_EQ(latent_cells(1), 1u);
  EXPECT_EQ(latent_cells(16), 1u);
  EXPECT_EQ(latent_cells(17), 2u);
  EXPECT_EQ(latent_cells(65), 5u);
  EXPECT_EQ(latent_cells(kMaxSide), 1u << 27);
  EXPECT_EQ(hyper_cells(1), 1u);
  EXPECT_EQ(hyper_cells(64), 1u);
  EXPECT_EQ(hyper_cells(65), 2u);
  EXPECT_EQ(hyper_cells(kMaxSide), 1u << 25);
  EXPECT_EQ(band_count(4, 1), 4u);
  EXPECT_EQ(band_count(4, 3), 2u);
  EXPECT_EQ(band_count(4, 4), 1u);
  EXPECT_EQ(band_count(1u << 27, kMaxBandRows), 1u);
}

}  // namespace
}  // namespace vaec::bitstream
