#include "entropy/frequency_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <queue>
#include <string>
#include <utility>

#include "vaec/error.hpp"

namespace vaec::entropy {

namespace {

// Buckets of the lookup that decodes: about one a value,
// within bounds that keep some thousand tables in cache.
constexpr int kMinBucketBits = 4;
constexpr int kMaxBucketBits = 12;

// The Exp-Golomb code (order 0) of a distance >= 1: one zero bit for each bit below the leading one, then the
// number itself from its leading one on. The bits are equally probable;
// a group of up to 16 is one symbol of the coder.
constexpr int kMaxDistanceBits = 25;  // a distance is at most 2 * kMaxMagnitude, 2^25

void encode_distance(RangeEncoder& coder, std::uint32_t distance) {
  const int below = std::bit_width(distance) - 1;
  for (int i = 0; i < below; ++i) coder.encode_bits(0, 1);
  coder.encode_bits(1, 1);
  if (below > 16) coder.encode_bits(distance >> 16, below - 16);
  coder.encode_bits(distance, std::min(below, 16));
}

std::uint32_t decode_distance(RangeDecoder& coder) {
  int below = 0;
  while (coder.decode_bits(1) == 0) {
    if (++below > kMaxDistanceBits) {
      throw Error(ErrorCode::kCorrupt, "escape code: found more than " + std::to_string(kMaxDistanceBits) +
                                           " leading zero bits, which no value needs");
    }
  }
  std::uint32_t distance = 1;
  if (below > 16) distance = distance << (below - 16) | coder.decode_bits(below - 16);
  const int rest = std::min(below, 16);
  return distance << rest | coder.decode_bits(rest);
}

[[noreturn]] void throw_bad_table(const std::string& reason) {
  throw Error(ErrorCode::kModel, "frequency table: " + reason);
}

}  // namespace

FrequencyTable::FrequencyTable(std::int32_t first, std::span<const std::uint16_t> frequencies)
    : first_(first), frequencies_(frequencies.begin(), frequencies.end()) {
  const std::size_t count = frequencies.size();
  if (count < 2 || count > kFrequencyTotal) {
    throw_bad_table("found " + std::to_string(count) + " frequencies, expected 2 to 65536");
  }
  const std::int64_t last_value = std::int64_t{first} + static_cast<std::int64_t>(count) - 2;
  if (first < -kMaxMagnitude || last_value > kMaxMagnitude) {
    throw_bad_table("found values " + std::to_string(first) + " to " + std::to_string(last_value) +
                    ", expected them within -2^24 to 2^24");
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (frequencies[i] == 0) throw_bad_table("frequency " + std::to_string(i) + " is zero");
    sum += frequencies[i];
  }
  if (sum != kFrequencyTotal) {
    throw_bad_table("found frequencies of sum " + std::to_string(sum) + ", expected 65536");
  }

  const auto mode_at = std::max_element(frequencies.begin(), frequencies.end() - 1);
  const auto mode_index = static_cast<std::size_t>(mode_at - frequencies.begin());
  mode_ = first + static_cast<std::int32_t>(mode_index);
  mode_size_ = *mode_at;

  starts_.reserve(count + 1);
  starts_.push_back(0);
  std::uint32_t start = mode_size_;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == mode_index) continue;
    starts_.push_back(static_cast<std::uint16_t>(start));
    start += frequencies[i];
  }
  starts_.push_back(static_cast<std::uint16_t>(start));

  const int bucket_bits =
      std::clamp(static_cast<int>(std::bit_width(count - 1)), kMinBucketBits, kMaxBucketBits);
  shift_ = kFrequencyBits - bucket_bits;
  buckets_.resize(std::size_t{1} << bucket_bits);
  std::size_t place = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    const std::uint32_t unit = static_cast<std::uint32_t>(bucket) << shift_;
    while (place + 1 < count && starts_[place + 1] <= unit) ++place;
    buckets_[bucket] = static_cast<std::uint16_t>(place);
  }
}

std::int32_t FrequencyTable::last() const {
  return first_ + static_cast<std::int32_t>(frequencies_.size()) - 2;
}

std::size_t FrequencyTable::place_of(std::int32_t value) const {
  if (value == mode_) return 0;
  return static_cast<std::size_t>(value - first_) + (value < mode_ ? 1 : 0);
}

std::uint32_t FrequencyTable::size_at(std::size_t place) const {
  return static_cast<std::uint16_t>(starts_[place + 1] - starts_[place]);
}

void FrequencyTable::encode(RangeEncoder& coder, std::int32_t value) const {
  if (value >= first_ && value <= last()) {
    const std::size_t place = place_of(value);
    coder.encode(starts_[place], size_at(place));
    return;
  }
  if (value < -kMaxMagnitude || value > kMaxMagnitude) {
    throw Error(ErrorCode::kInternal, "symbol " + std::to_string(value) + " is outside -2^24 to 2^24");
  }
  const std::size_t escape = frequencies_.size() - 1;
  coder.encode(starts_[escape], size_at(escape));
  const bool below = value < first_;
  coder.encode_bits(below ? 1 : 0, 1);
  encode_distance(coder, static_cast<std::uint32_t>(below ? first_ - value : value - last()));
}

std::int32_t FrequencyTable::decode_other(RangeDecoder& coder) const {
  const std::uint32_t unit = coder.peek();
  const std::size_t escape = frequencies_.size() - 1;
  std::size_t place = buckets_[unit >> shift_];
  while (place < escape && starts_[place + 1] <= unit) ++place;
  coder.consume(starts_[place], size_at(place));
  if (place < escape) {
    const std::int32_t value = first_ + static_cast<std::int32_t>(place);
    return value <= mode_ ? value - 1 : value;
  }
  const bool below = coder.decode_bits(1) == 1;
  const auto distance = static_cast<std::int32_t>(decode_distance(coder));
  const std::int32_t value = below ? first_ - distance : last() + distance;
  if (value < -kMaxMagnitude || value > kMaxMagnitude) {
    throw Error(ErrorCode::kCorrupt,
                "escape code: found value " + std::to_string(value) + ", expected -2^24 to 2^24");
  }
  return value;
}

double FrequencyTable::bits(std::int32_t value) const {
  const auto cost = [](std::uint32_t frequency) { return kFrequencyBits - std::log2(frequency); };
  if (value >= first_ && value <= last()) return cost(frequencies_[static_cast<std::size_t>(value - first_)]);
  const std::int64_t distance = value < first_ ? std::int64_t{first_} - value : std::int64_t{value} - last();
  const int below = std::bit_width(static_cast<std::uint64_t>(distance)) - 1;
  return cost(frequencies_.back()) + 1 + below + 1 + below;
}

std::vector<std::uint16_t> quantize_probabilities(std::span<const double> probabilities) {
  const std::size_t count = probabilities.size();
  if (count < 2 || count > kFrequencyTotal) {
    throw_bad_table("found " + std::to_string(count) + " probabilities, expected 2 to 65536");
  }
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(probabilities[i]) || probabilities[i] < 0) {
      throw_bad_table("probability " + std::to_string(i) + " is " + std::to_string(probabilities[i]));
    }
    sum += probabilities[i];
  }
  if (!(sum > 0) || !std::isfinite(sum)) throw_bad_table("probabilities of sum " + std::to_string(sum));

  // Every symbol but one may have to give its unit away, so none can hold more than this.
  const auto most = static_cast<double>(kFrequencyTotal - (count - 1));
  std::vector<std::uint32_t> frequencies(count);
  std::int64_t excess = -std::int64_t{kFrequencyTotal};
  for (std::size_t i = 0; i < count; ++i) {
    const double exact = probabilities[i] / sum * kFrequencyTotal;
    frequencies[i] = static_cast<std::uint32_t>(std::clamp(std::floor(exact + 0.5), 1.0, most));
    excess += frequencies[i];
  }

  // One unit at a time from (or to) the symbol whose expected cost changes by the least (the most): the
  // derivative of p * log2(frequency), taken half a unit on. Equals go by index.
  const double half = excess > 0 ? -0.5 : 0.5;
  const double sign = excess > 0 ? -1.0 : 1.0;
  using Candidate = std::pair<double, std::size_t>;
  const auto worse = [](const Candidate& a, const Candidate& b) {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  };
  std::priority_queue<Candidate, std::vector<Candidate>, decltype(worse)> queue(worse);
  const auto add = [&](std::size_t i) {
    if (excess > 0 && frequencies[i] == 1) return;
    queue.emplace(sign * (probabilities[i] / sum) / (frequencies[i] + half), i);
  };
  if (excess != 0) {
    for (std::size_t i = 0; i < count; ++i) add(i);
  }
  while (excess != 0) {
    const std::size_t i = queue.top().second;
    queue.pop();
    if (excess > 0) {
      --frequencies[i];
      --excess;
    } else {
      ++frequencies[i];
      ++excess;
    }
    add(i);
  }
  return {frequencies.begin(), frequencies.end()};
}

}  // namespace vaec::entropy
