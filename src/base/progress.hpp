// The progress that training shows.
#pragma once

#include <string>

namespace vaec::base {

// One line on standard error that the next one replaces; nothing where standard error is not a terminal.
void show_progress(const std::string& line);

}  // namespace vaec::base
