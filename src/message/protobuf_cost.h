#pragma once

#include <string_view>

namespace google::protobuf {
class Descriptor;
}

namespace ticklake::message {

/// Whether the parsed form of a message of `type` would take more than some 256 MiB. An empty
/// message within another takes two bytes on the wire, and in memory as much as its type has
/// fields.
bool is_too_costly(const google::protobuf::Descriptor& type, std::string_view bytes);

}  // namespace ticklake::message
