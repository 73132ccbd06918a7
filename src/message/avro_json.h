#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "message/avro_schema.h"

namespace ticklake::message {

/// So much JSON may come of one message: it may name long fields again and again, but a few bytes
/// must not become gigabytes.
constexpr size_t json_bytes_max(size_t message_bytes) { return (1 << 20) + 64 * message_bytes; }

/// Appends to `json` the value that `bytes`, in Avro's binary encoding, are by `schema`: records
/// and maps as objects, a union's value without the name of its branch, bytes in base64, logical
/// types as in json_text.h. Gives the reason if they are no such value, or more than it; what was
/// appended until then is to be thrown away.
std::optional<std::string> append_avro(const AvroSchema& schema, std::string_view bytes,
                                       std::string& json);

}  // namespace ticklake::message
