#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lake/schema.h"

namespace ticklake::table {

class JsonReader;

/// The type that holds values of both: kOpen gives way to anything, BIGINT to DOUBLE, and any
/// other two different types become VARCHAR.
lake::ColumnType wider_type(lake::ColumnType a, lake::ColumnType b);

/// Widens `schema` so that the JSON object `text` fits it, and counts its version up if that
/// changed anything. If the record can be no row, says why and leaves the schema as it was.
std::optional<std::string> widen_schema(JsonReader& reader, std::string_view text,
                                        lake::Schema& schema);

/// The column that _event_time is taken from: the first of event_time, timestamp, time, ts,
/// datetime, date (letters of either case) that is a TIMESTAMP or DATE. None: the record's own
/// time.
std::optional<size_t> event_time_column(const lake::Schema& schema);

/// The VARCHAR column named symbol, by which rows are sorted in files; none if there is none.
std::optional<size_t> symbol_column(const lake::Schema& schema);

/// Whether `to` is `from` with columns behind it, and rows that were written under `from` are, with
/// NULL in the new columns, exactly what writing them under `to` would give.
bool only_adds_columns(const lake::Schema& from, const lake::Schema& to);

/// One sentence for the header of a dead letter.
std::string rejection_text(int simdjson_error, std::string_view key = {});

}  // namespace ticklake::table
