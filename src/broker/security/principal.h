#pragma once

#include <string>

namespace ticklake::broker {

/// Who asks, as Kafka's ACLs name them: "User:alice". ANONYMOUS wherever nobody has to say.
struct Principal {
  std::string type = "User";
  std::string name = "ANONYMOUS";

  std::string text() const { return type + ":" + name; }
  bool operator==(const Principal&) const = default;
};

}  // namespace ticklake::broker
