#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "lake/schema.h"

namespace ticklake::lake {

// What the records in a lake's control folder have in common: JSON that only we write, and that is
// read as if anybody had. Only their parsers include this.

using RecordJson = nlohmann::json;

/// kCorrupt, with the advice that goes with all of them.
tl::unexpected<base::Error> corrupt_record(std::string cause);

/// A JSON object that is nested no deeper than records are.
base::Result<RecordJson> parse_record(std::string_view text, uint64_t bytes_max);
std::string print_record(const RecordJson& json);

// Members of an object: kCorrupt if there is none of that kind.
base::Result<int64_t> offset_member(const RecordJson& object, const char* name);
base::Result<std::string> text_member(const RecordJson& object, const char* name);
base::Result<const RecordJson*> array_member(const RecordJson& object, const char* name,
                                             size_t size_max);
base::Result<const RecordJson*> object_member(const RecordJson& object, const char* name);

RecordJson schema_to_json(const Schema& schema);
base::Result<Schema> parse_schema(const RecordJson& object);

}  // namespace ticklake::lake
