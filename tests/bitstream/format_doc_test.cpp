// The worked example of docs/format.md: its bytes, its tables, its traces and what it says of them.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <regex>
#include <span>
#include <string>
#include <vector>

#include "base/crc32c.hpp"
#include "bitstream/container.hpp"
#include "entropy/dependent_quantizer.hpp"
#include "entropy/frequency_table.hpp"

namespace vaec::bitstream {
namespace {

std::vector<std::string> lines_of_document() {
  std::ifstream document(VAEC_SOURCE_DIR "/docs/format.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(document, line);) lines.push_back(line);
  return lines;
}

// The same as running text: each line's end is a space.
std::string document() {
  std::string text;
  for (const auto& line : lines_of_document()) text += line + " ";
  return text;
}

bool says(const std::string& words) { return document().find(words) != std::string::npos; }

// The lines of the document's one block that begins with ```hex: an offset, the bytes, then the meaning.
std::vector<std::byte> bytes_in_document() {
  std::vector<std::byte> bytes;
  bool inside = false;
  for (const auto& line : lines_of_document()) {
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

// All whole numbers of a text.
std::vector<std::int64_t> numbers_in(const std::string& text) {
  static const std::regex number("0x[0-9A-F]+|-?[0-9]+");
  std::vector<std::int64_t> numbers;
  for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at)
    numbers.push_back(std::stoll(at->str(), nullptr, at->str().starts_with("0x") ? 16 : 10));
  return numbers;
}

// The cells of a table's row, between its bars; none of a line that is no such row.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t at = 0; at < line.size() && line[at] == '|' && at + 1 < line.size();) {
    std::size_t end = at + 1;
    while (end < line.size() && (line[end] != '|' || line[end - 1] == '\\')) ++end;
    cells.push_back(line.substr(at + 1, end - at - 1));
    at = end;
  }
  return cells;
}

// The two tables as the document gives them: that of the hyper-latent, that of the latent.
const entropy::FrequencyTable& table_in_document(std::size_t which) {
  static const auto tables = [] {
    const std::regex given("`first = (-?[0-9]+)`,? (and )?frequencies ([0-9, and]+) for the escape");
    const std::string text = document();
    std::vector<entropy::FrequencyTable> found;
    for (std::sregex_iterator at(text.begin(), text.end(), given), end; at != end; ++at) {
      const auto numbers = numbers_in((*at)[3]);
      found.emplace_back(std::stoi((*at)[1]), std::vector<std::uint16_t>(numbers.begin(), numbers.end()));
    }
    return found;
  }();
  return tables.at(which);
}
const entropy::FrequencyTable& hyper_table() { return table_in_document(0); }
const entropy::FrequencyTable& latent_table() { return table_in_document(1); }

// Section 6.1, as it stands there.
class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> stream) : stream_(stream) {
    for (int i = 0; i < 4; ++i) code = code << 8 | next_byte();
  }
  [[nodiscard]] std::uint32_t peek() const {
    const auto r = range >> 16, rest = range & 0xFFFF;
    return code < rest ? 0 : (code - rest) / r;
  }
  void consume(std::uint32_t start, std::uint32_t size) {
    const auto r = range >> 16, rest = range & 0xFFFF;
    if (start == 0) {
      range = r * size + rest;
    } else {
      code -= r * start + rest;
      range = r * size;
    }
    while (range < 1U << 24) {
      code = (code << 8) + next_byte();
      range <<= 8;
    }
  }
  std::uint32_t range = 0xFFFFFFFF, code = 0;
  int missing = 0;

 private:
  std::uint32_t next_byte() {
    if (at_ < stream_.size()) return std::to_integer<std::uint32_t>(stream_[at_++]);
    ++missing;
    return 0;
  }
  std::span<const std::byte> stream_;
  std::size_t at_ = 0;
};

constexpr std::uint32_t kWidth = 40, kHeight = 60, kRows = 4, kColumns = 3, kBandRows = 2;
const std::vector<std::int32_t> kHyperSymbols = {1, 5};
// As they are coded: channels 0 and 1 of each position.
const std::vector<std::int32_t> kLatent = {0, 0, 0, 0, 1, -1, 0, 0, 0, 0, -2, 0,
                                           0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0,  0};
constexpr std::size_t kSymbolsABand = 12, kChannels = 3;
constexpr int kScale = 20;

std::int32_t mean16(std::size_t row, std::size_t column) { return row == 0 && column == 1 ? 24 : 8; }

// By row, column and channel, from the symbols in the order of coding; the last channel is the LF image.
std::vector<std::int32_t> latent16_of(const std::vector<std::int32_t>& symbols) {
  std::vector<std::int32_t> latent16(kRows * kColumns * kChannels);
  auto symbol = symbols.begin();
  for (std::size_t top = 0; top < kRows; top += kBandRows) {
    for (std::size_t pass = 0; pass < 2; ++pass) {
      for (std::size_t row = top; row < top + kBandRows; ++row) {
        for (std::size_t column = (row - top + pass) % 2; column < kColumns; column += 2) {
          entropy::QuantizerChain chain;
          for (std::size_t c = 0; c < 2; ++c) {
            const auto quantizer = chain.next(kScale);
            latent16[(row * kColumns + column) * kChannels + c] =
                entropy::value_of(*symbol, quantizer) + (c == 0 ? mean16(row, column) : 0);
            chain.put(*symbol++, quantizer);
          }
        }
      }
    }
  }
  return latent16;
}

std::uint32_t latent_crc(const std::vector<std::int32_t>& symbols) {
  const auto latent16 = latent16_of(symbols);
  return base::crc32c_extend(0, std::span<const std::int32_t>(latent16));
}

std::string hexadecimal(std::uint32_t value) {
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), "0x%08X", value);
  return text.data();
}

// The states of section 8.4.
TEST(FormatDocument, TheTrellisIsOurs) {
  int parities = 0;
  for (const auto& line : lines_of_document()) {
    for (const int parity : {0, 1}) {
      if (!line.starts_with(parity == 0 ? "| next, after an even symbol |"
                                        : "| next, after an odd symbol |")) {
        continue;
      }
      ++parities;
      const auto cells = cells_of(line);
      ASSERT_EQ(cells.size(), 1U + entropy::kTrellisStates);
      for (std::size_t state = 0; state < entropy::kTrellisStates; ++state) {
        EXPECT_EQ(std::stoi(cells[1 + state]), entropy::kNextState[state][parity]) << line;
      }
    }
  }
  EXPECT_EQ(parities, 2);
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

  // Of values that are all the most frequent.
  EXPECT_TRUE(container.lf.empty());
  entropy::RangeDecoder hyper(container.hyper);
  for (const std::int32_t value : kHyperSymbols) EXPECT_EQ(hyper_table().decode(hyper), value);
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
  for (const std::int32_t value : kHyperSymbols) hyper_table().encode(encoder, value);
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

// Each step of the table: the decoder's state before it, and what it takes.
TEST(FormatDocument, TheTraceIsWhatSection6Does) {
  const auto file = bytes_in_document();
  const Container container = parse(file);
  EXPECT_TRUE(says("`code = 0xFFFB1100`"));
  Decoder decoder(container.hyper);
  std::size_t steps = 0;
  bool inside = false;
  for (const auto& line : lines_of_document()) {
    if (line.starts_with("| range | code |")) inside = true;
    const auto cells = cells_of(line);
    if (cells.size() < 5) inside = false;
    if (!inside || cells[0].find("0x") == std::string::npos) continue;
    ++steps;
    EXPECT_EQ(numbers_in(cells[0]).at(0), decoder.range) << line;
    EXPECT_EQ(numbers_in(cells[1]).at(0), decoder.code) << line;
    EXPECT_EQ(numbers_in(cells[2]).at(0), decoder.peek()) << line;
    const auto taken = numbers_in(cells[4]);
    const auto start = static_cast<std::uint32_t>(taken.at(0)),
               size = static_cast<std::uint32_t>(taken.at(1));
    EXPECT_TRUE(start <= decoder.peek() && decoder.peek() < start + size) << line;
    decoder.consume(start, size);
  }
  EXPECT_EQ(steps, 7U);
  EXPECT_EQ(decoder.missing, 3);
  EXPECT_TRUE(says("At the end `missing` is 3, the last byte is 0x11, `code` is " +
                   hexadecimal(decoder.code) + " and `range` " + hexadecimal(decoder.range)));
}

TEST(FormatDocument, SaysWhatTheBytesMean) {
  const auto file = bytes_in_document();
  const auto crc = hexadecimal(latent_crc(kLatent)),
             checksum = hexadecimal(base::crc32c(std::span(file).first(file.size() - 4)));
  for (const std::string& words :
       {std::string("width 40 "), std::string("height 60 "), std::string("quality 50 "),
        std::string("z = 1, 5 "),
        std::string("band 1: symbols 0 0, 0 0, 1 -1; 0 0, 0 0, -2 0; band 2 (no bytes): 0 everywhere"),
        "CRC-32C " + crc + " ", "checksum: CRC-32C " + checksum + " of bytes 0000 to 00"}) {
    EXPECT_TRUE(says(words)) << words;
  }
  // The first band's two rows, and the bytes that the checksum is of.
  const auto latent16 = latent16_of(kLatent);
  std::int64_t channels_found = 0;
  for (const auto& line : lines_of_document()) {
    if (!line.starts_with("| `latent16` of channel ")) continue;
    const auto channel = static_cast<std::size_t>(numbers_in(cells_of(line).at(0)).back());
    EXPECT_EQ(channel, channels_found++);
    for (const std::size_t row : {0, 1}) {
      const auto told = numbers_in(cells_of(line).at(row + 1));
      ASSERT_EQ(told.size(), kColumns);
      for (std::size_t column = 0; column < kColumns; ++column) {
        EXPECT_EQ(told[column], latent16[(row * kColumns + column) * kChannels + channel]) << line;
      }
    }
  }
  EXPECT_EQ(channels_found, 2);
  std::string words;
  for (std::size_t i = 0; i < 2 * kColumns * kChannels; ++i) {
    std::array<char, 16> text{};
    const auto v = static_cast<std::uint32_t>(latent16[i]);
    std::snprintf(text.data(), text.size(), "%02X %02X %02X %02X", v & 255, v >> 8 & 255, v >> 16 & 255,
                  v >> 24);
    const char* const before = i == 0 ? "`" : i % kChannels == 0 ? "`, `" : " ";
    words += std::string(before) + text.data();
  }
  words += "`";
  EXPECT_TRUE(says(words)) << words;
}

}  // namespace
}  // namespace vaec::bitstream
