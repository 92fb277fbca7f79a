// The worked example of docs/format.md, byte for byte.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/crc32c.hpp"
#include "bitstream/container.hpp"
#include "entropy/frequency_table.hpp"

namespace vaec::bitstream {
namespace {

// The lines of the document's one block that begins with ```hex: an offset, the bytes, then the meaning.
std::vector<std::byte> bytes_in_document() {
  std::ifstream document(VAEC_SOURCE_DIR "/docs/format.md");
  std::vector<std::byte> bytes;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line == "```hex") {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      EXPECT_EQ(std::stoul(line.substr(0, 4), nullptr, 16), bytes.size()) << line;
      // Pairs of digits with one space between them; two spaces end them.
      for (std::size_t at = 6; at + 2 < line.size() && line[at] != ' '; at += 3) {
        bytes.push_back(static_cast<std::byte>(std::stoul(line.substr(at, 2), nullptr, 16)));
      }
    }
  }
  return bytes;
}

const entropy::FrequencyTable& hyper_table() {
  static const entropy::FrequencyTable table(-1, std::vector<std::uint16_t>{16384, 32768, 16380, 4});
  return table;
}

const entropy::FrequencyTable& latent_table() {
  static const entropy::FrequencyTable table(-2,
                                             std::vector<std::uint16_t>{2000, 8000, 45000, 8000, 2000, 536});
  return table;
}

constexpr std::uint32_t kWidth = 40, kHeight = 60, kRows = 4, kColumns = 3, kBandRows = 2;
const std::vector<std::int32_t> kHyper = {1, 5};
const std::vector<std::int32_t> kLatent = {0, 0, 1, 0, 0, -2, 0, 0, 0, 0, 0, 0};  // as they are coded
constexpr std::size_t kSymbolsABand = 6;

std::int32_t mean16(std::size_t row, std::size_t column) { return row == 0 && column == 1 ? 24 : 8; }

std::uint32_t latent_crc(const std::vector<std::int32_t>& symbols) {
  std::vector<std::int32_t> latent16(symbols.size());
  auto symbol = symbols.begin();
  for (std::size_t top = 0; top < kRows; top += kBandRows) {
    for (std::size_t pass = 0; pass < 2; ++pass) {
      for (std::size_t row = top; row < top + kBandRows; ++row) {
        for (std::size_t column = (row - top + pass) % 2; column < kColumns; column += 2) {
          latent16[row * kColumns + column] = 16 * *symbol++ + mean16(row, column);
        }
      }
    }
  }
  return base::crc32c_extend(0, std::span<const std::int32_t>(latent16));
}

TEST(FormatDocument, WorkedExampleDecodes) {
  const auto file = bytes_in_document();
  const Container container = parse(file);
  EXPECT_EQ(container.header.profile, Profile::kHyperprior);
  EXPECT_EQ(container.header.model_id,
            (std::array<std::uint8_t, 8>{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80}));
  EXPECT_EQ(container.header.width, kWidth);
  EXPECT_EQ(container.header.height, kHeight);
  EXPECT_EQ(latent_cells(kWidth), kColumns);
  EXPECT_EQ(latent_cells(kHeight), kRows);
  EXPECT_EQ(container.header.channels, 3);
  EXPECT_EQ(container.header.bit_depth, 8);
  EXPECT_EQ(container.header.quality, 50);
  EXPECT_EQ(container.band_rows, kBandRows);
  ASSERT_EQ(container.bands.size(), 2u);

  entropy::RangeDecoder hyper(container.hyper);
  for (const std::int32_t value : kHyper) EXPECT_EQ(hyper_table().decode(hyper), value);
  hyper.expect_end();

  std::vector<std::int32_t> symbols;
  for (const auto& band : container.bands) {
    entropy::RangeDecoder decoder(band);
    for (std::size_t i = 0; i < kSymbolsABand; ++i) symbols.push_back(latent_table().decode(decoder));
    decoder.expect_end();
  }
  EXPECT_EQ(symbols, kLatent);
  EXPECT_EQ(container.latent_crc, latent_crc(symbols));
}

TEST(FormatDocument, WorkedExampleIsWhatWeWrite) {
  entropy::RangeEncoder encoder;
  for (const std::int32_t value : kHyper) hyper_table().encode(encoder, value);
  const auto hyper = encoder.finish();
  std::vector<std::vector<std::byte>> bands;
  for (std::size_t begin = 0; begin < kLatent.size(); begin += kSymbolsABand) {
    for (auto i = begin; i < begin + kSymbolsABand; ++i) latent_table().encode(encoder, kLatent[i]);
    bands.push_back(encoder.finish());
  }
  Container container;
  container.header = {
      Profile::kHyperprior, {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80}, kWidth, kHeight, 3, 8, 50};
  container.hyper = hyper;
  container.bands.assign(bands.begin(), bands.end());
  container.band_rows = kBandRows;
  container.latent_crc = latent_crc(kLatent);
  EXPECT_EQ(write(container), bytes_in_document());
}

}  // namespace
}  // namespace vaec::bitstream
