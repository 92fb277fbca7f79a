// How this machine reaches another one.
#pragma once

#include <cstdint>
#include <string>

namespace vaec::train {

// Numeric addresses, as 192.0.2.1 or 2001:db8::1.
struct Route {
  std::string from, to;  // of this machine, as the other one sees it; of the other one
};

// Nothing is sent. Throws Error kUsage: no such machine, or no way to it.
[[nodiscard]] Route route_to(const std::string& host);

// Whether somebody listens there; asks for two seconds at most.
[[nodiscard]] bool accepts_connections(const std::string& host, std::uint16_t port);

// Whether only this machine itself is reached there.
[[nodiscard]] bool is_loopback(const std::string& address);

}  // namespace vaec::train
