// The rooms' arrows, as docs/architecture.md has them: what a room includes is in its row of the table, or in
// that of a room which it needs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

// What the headers of other libraries begin with, and what the table calls these.
const std::map<std::string, std::string>& libraries() {
  static const std::map<std::string, std::string> names = {
      {"torch/", "LibTorch"},  {"ATen/", "LibTorch"},
      {"c10/", "LibTorch"},    {"oneapi/", "oneDNN"},
      {"tbb/", "TBB"},         {"omp.h", "OpenMP"},
      {"zlib.h", "zlib"},      {"opencv2/", "OpenCV"},
      {"png.h", "libpng"},     {"jpeglib.h", "libjpeg"},
      {"jerror.h", "libjpeg"}, {"webp/", "libwebp"},
      {"tiff", "libtiff"},     {"openjpeg", "openjpeg"},
      {"gif_lib.h", "giflib"}, {"libheif/", "libheif"},
      {"jxl/", "libjxl"},      {"lcms2", "lcms2"},
      {"exiv2/", "Exiv2"},     {"nlohmann/", "nlohmann-json"},
      {"CLI/", "CLI11"},       {"spdlog/", "spdlog"}};
  return names;
}

// A row of the table for each room: `codec/torch` | what it does | codec, nn, LibTorch
std::map<std::string, Names> read_table(const std::string& page) {
  std::map<std::string, Names> table;
  std::istringstream lines(page);
  const std::regex row(R"(^\| `([a-z_/]+)` \|.*\| ([^|]*) \|$)"), word(R"([A-Za-z0-9_/-]+)");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    const std::string needs = found[2];
    Names& names = table[found[1]];
    for (std::sregex_iterator i(needs.begin(), needs.end(), word), end; i != end; ++i) names.insert(i->str());
  }
  return table;
}

// The rooms that `room` needs, and those that they need.
Names reachable(const std::string& room, const std::map<std::string, Names>& table) {
  Names all;
  std::vector<std::string> open = {room};
  while (!open.empty()) {
    const std::string from = open.back();
    open.pop_back();
    for (const auto& to : table.at(from)) {
      if (table.contains(to) && all.insert(to).second) open.push_back(to);
    }
  }
  return all;
}

// Of a file below src/ or include/: the longest folder that is a room.
std::string room_of(fs::path file, const std::map<std::string, Names>& table) {
  do {
    file = file.parent_path();
    if (table.contains(file.generic_string())) return file.generic_string();
  } while (!file.empty());
  return {};
}

// What is wrong with the includes of a file, called by its path below src/ or include/.
std::vector<std::string> forbidden(const fs::path& file, const std::string& text,
                                   const std::map<std::string, Names>& table) {
  const std::string room = room_of(file, table);
  if (room.empty()) return {file.string() + " is in no room"};
  Names rooms = reachable(room, table);
  rooms.insert(room);
  std::vector<std::string> wrong;
  const std::regex include(R"(^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">])", std::regex::multiline);
  for (std::sregex_iterator i(text.begin(), text.end(), include), end; i != end; ++i) {
    const std::string header = (*i)[2];
    if ((*i)[1] == "\"") {
      const bool is_public = header.starts_with("vaec/");
      if (!is_public && !rooms.contains(room_of(header, table)))
        wrong.push_back(file.string() + ": " + header);
      continue;
    }
    for (const auto& [beginning, library] : libraries()) {
      if (header.starts_with(beginning) && !table.at(room).contains(library)) {
        wrong.push_back(file.string() + ": " + header);
      }
    }
  }
  return wrong;
}

const std::string& page() {
  static const std::string text = text_of(VAEC_SOURCE_DIR "/docs/architecture.md");
  return text;
}

std::vector<fs::path> sources_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension == ".cpp" || extension == ".hpp") files.push_back(fs::relative(entry.path(), folder));
  }
  return files;
}

TEST(Architecture, IncludesFollowTheArrows) {
  const auto table = read_table(page());
  Names seen;
  for (const char* root : {"src", "include"}) {
    const fs::path folder = fs::path(VAEC_SOURCE_DIR) / root;
    for (const auto& file : sources_below(folder)) {
      seen.insert(room_of(file, table));
      for (const auto& wrong : forbidden(file, text_of(folder / file), table)) ADD_FAILURE() << wrong;
    }
  }
  for (const auto& [room, needs] : table) EXPECT_TRUE(seen.contains(room)) << "no such room: " << room;
}

TEST(Architecture, PublicHeadersNeedTheStandardLibraryOnly) {
  const std::regex include(R"(#\s*include\s*["<]([^">]+)[">])");
  for (const auto& file : sources_below(VAEC_SOURCE_DIR "/include")) {
    const std::string text = text_of(VAEC_SOURCE_DIR "/include" / file);
    for (std::sregex_iterator i(text.begin(), text.end(), include), end; i != end; ++i) {
      const std::string header = (*i)[1];
      EXPECT_TRUE(header.starts_with("vaec/") || header.find_first_of("/.") == std::string::npos)
          << file << ": " << header;
    }
  }
}

// "cli -> (api, ...) -> ... -> base": no room needs one before it.
TEST(Architecture, TheTableFollowsTheLine) {
  const auto table = read_table(page());
  std::smatch line;
  ASSERT_TRUE(std::regex_search(page(), line, std::regex("`(cli -> [^`]*-> base)`")));
  std::map<std::string, int> places;
  int place = 0;
  const std::string text = line[1];
  const std::regex item(R"([a-z]+|->)");
  for (std::sregex_iterator i(text.begin(), text.end(), item), end; i != end; ++i) {
    if (i->str() == "->") {
      ++place;
    } else {
      ASSERT_TRUE(table.contains(i->str())) << i->str();
      places[i->str()] = place;
    }
  }
  EXPECT_GE(places.size(), 11U);
  for (const auto& [room, needs] : table) {
    EXPECT_FALSE(reachable(room, table).contains(room)) << room << " needs itself";
    for (const auto& other : needs) {
      if (places.contains(room) && places.contains(other)) {
        EXPECT_LE(places[room], places[other]) << room << " needs " << other;
      }
    }
  }
}

TEST(Architecture, AForbiddenIncludeIsFound) {
  const std::map<std::string, Names> table = {{"vaec", {}},
                                              {"base", {}},
                                              {"model", {"base", "nlohmann-json"}},
                                              {"codec", {"model", "zlib"}},
                                              {"codec/torch", {"codec", "LibTorch"}}};
  const auto count = [&](const char* file, const char* text) { return forbidden(file, text, table).size(); };
  EXPECT_EQ(
      count("codec/a.cpp", "#include \"codec/a.hpp\"\n#include \"base/b.hpp\"\n#include \"vaec/c.hpp\"\n"),
      0U);
  EXPECT_EQ(count("codec/torch/a.cpp", "#include <torch/torch.h>\n\n#include \"codec/a.hpp\"\n"), 0U);
  EXPECT_EQ(count("base/a.cpp", "#include <vector>\n#include \"model/a.hpp\"\n"), 1U);  // up
  EXPECT_EQ(count("codec/a.cpp", "#include \"codec/torch/a.hpp\"\n"), 1U);  // a room within a room
  EXPECT_EQ(count("model/a.cpp", "  #  include \"codec/a.hpp\"\n#include \"x/y.hpp\"\n"),
            2U);  // no such room
  EXPECT_EQ(count("codec/a.cpp", "#include \"../codec/torch/a.hpp\"\n#include \"a.hpp\"\n"), 2U);
  EXPECT_EQ(count("codec/a.cpp", "#include <torch/torch.h>\n#include <nlohmann/json.hpp>\n"), 2U);
  EXPECT_EQ(count("codec/a.cpp", "// #include \"codec/torch/a.hpp\"\n"), 0U);
  EXPECT_EQ(count("vaec/a.hpp", "#include \"base/a.hpp\"\n"), 1U);
  EXPECT_EQ(count("elsewhere/a.cpp", ""), 1U);
}

}  // namespace
