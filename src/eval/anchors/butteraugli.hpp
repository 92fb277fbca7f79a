// Butteraugli, through the program of Debian's package of that name.
#pragma once

#include "eval/temporary_folder.hpp"
#include "vaec/image.hpp"

namespace vaec::eval {

class Butteraugli {
 public:
  // Throws Error: kUsage that names the package if the program is not installed, kWrite.
  Butteraugli();

  // How far `distorted` looks from `original`, 0: equal; about 1 is just seen. Pictures of 8 bits without alpha. Throws Error kWrite: the
  // program fails, or says no number.
  [[nodiscard]] double distance(const Image& original, const Image& distorted) const;

 private:
  TemporaryFolder folder_;
};

}  // namespace vaec::eval
