// Frequency tables as a model file holds them, one after the other: "NAME.first" and "NAME.length" [count]
// int32, "NAME.frequencies" uint16. A length of 0: the table is the one before once more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "entropy/frequency_table.hpp"
#include "model/safetensors.hpp"

namespace vaec::model {

// Throws Error kModel: a tensor missing, of another type or shape, an invalid table.
[[nodiscard]] std::vector<entropy::FrequencyTable> load_tables(const SafeTensors& file,
                                                               const std::string& name, std::int64_t count);

}  // namespace vaec::model
