#include "base/input_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "failure.hpp"
#include "temporary_folder.hpp"

namespace vaec::base {
namespace {

namespace fs = std::filesystem;

TEST(InputFiles, AreKnownByWhateverLeadsToThem) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "mine";
  fs::create_symlink("a", folder / "link");
  InputFiles inputs;
  inputs.add(folder / "link");
  inputs.add(folder / "missing");
  for (const char* name : {"a", "link", "./a", "missing"}) {
    const std::string message = failure(ErrorCode::kUsage, [&] { inputs.refuse_as_output(folder / name); });
    EXPECT_NE(message.find(": is an input and would be an output as well"), std::string::npos) << message;
  }
  EXPECT_NO_THROW(inputs.refuse_as_output(folder / "b"));
}

}  // namespace
}  // namespace vaec::base
