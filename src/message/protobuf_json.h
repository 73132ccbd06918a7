#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace ticklake::message {

/// Appends to `json` the message that `bytes` are, of the type of `prototype`, as ProtobufSchema
/// says; at most some `json_bytes_max`. Gives the reason if they are no such message.
std::optional<std::string> append_protobuf(const google::protobuf::Message& prototype,
                                           std::string_view bytes, size_t json_bytes_max,
                                           std::string& json);

}  // namespace ticklake::message
