#include "train/route.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <memory>

#include "base/file_descriptor.hpp"
#include "base/system_error.hpp"
#include "vaec/error.hpp"

namespace vaec::train {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// Throws Error kUsage.
Addresses addresses_of(const std::string& host, std::uint16_t port, int type) {
  addrinfo hints{};
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
    throw Error(ErrorCode::kUsage, "MASTER_ADDR " + host + ": " + gai_strerror(error));
  }
  return {found, freeaddrinfo};
}

std::string numeric(const sockaddr* address, socklen_t size) {
  char text[NI_MAXHOST] = "";
  getnameinfo(address, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

}  // namespace

Route route_to(const std::string& host) {
  constexpr std::uint16_t kAnyPort = 9;
  const auto all = addresses_of(host, kAnyPort, SOCK_DGRAM);  // connecting these sends nothing
  int error = 0;
  for (const addrinfo* to = all.get(); to != nullptr; to = to->ai_next) {
    const base::FileDescriptor socket(::socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, 0));
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    if (socket.get() < 0 || connect(socket.get(), to->ai_addr, to->ai_addrlen) != 0 ||
        getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) {
      error = errno;
      continue;
    }
    return {numeric(reinterpret_cast<sockaddr*>(&own), size), numeric(to->ai_addr, to->ai_addrlen)};
  }
  throw Error(ErrorCode::kUsage, "MASTER_ADDR " + host + ": " + base::error_text(error));
}

bool accepts_connections(const std::string& host, std::uint16_t port) {
  const auto all = addresses_of(host, port, SOCK_STREAM);
  for (const addrinfo* to = all.get(); to != nullptr; to = to->ai_next) {
    const base::FileDescriptor socket(::socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, 0));
    constexpr timeval kPatience{2, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (connect(socket.get(), to->ai_addr, to->ai_addrlen) == 0) return true;
  }
  return false;
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

}  // namespace vaec::train
