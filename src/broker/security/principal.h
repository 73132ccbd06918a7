#pragma once

#include <string>
#include <string_view>

namespace ticklake::broker {

/// Who asks, as Kafka's ACLs name them: "User:alice". ANONYMOUS wherever nobody has to say.
struct Principal {
  std::string type = "User";
  std::string name = "ANONYMOUS";

  std::string text() const { return type + ":" + name; }
  bool operator==(const Principal&) const = default;
};

/// A name that a client made up, fit for a line of the log: no line breaks, and not endless.
inline std::string printable(std::string_view name, size_t bytes_max = 64) {
  std::string text(name.substr(0, bytes_max));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace ticklake::broker
