#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lake/schema.h"

namespace ticklake::table {

class JsonReader;

using market::wider_type;

/// What becomes of a value that a column cannot take without becoming a column of another kind.
enum class Misfits : uint8_t {
  kDeadLetter,  ///< its record is a dead letter
  kText,        ///< the column becomes text
  kStop,        ///< nothing more is read until somebody has decided
};

/// Under which terms a schema may grow.
struct Growth {
  /// Columns that stand in files: they do not become text for one value. Null for none.
  const lake::Schema* in_files = nullptr;
  Misfits misfits = Misfits::kDeadLetter;
};

/// Why a record can be no row.
struct NoRow {
  std::string reason;
  bool is_misfit = false;  ///< it is well-formed, and a value is not of its column's kind
};

/// Widens `schema` so that the JSON object `text` fits it, and counts its version up if that
/// changed anything. If the record can be no row, says why and leaves the schema as it was.
std::optional<NoRow> widen_schema(JsonReader& reader, std::string_view text, lake::Schema& schema,
                                  const Growth& growth = {});

/// The column that _event_time is taken from: the declared one, else the first of event_time,
/// timestamp, time, ts, datetime, date (letters of either case) that is a TIMESTAMP (or
/// TIMESTAMP_NS) or DATE. None: the record's own time.
std::optional<size_t> event_time_column(const lake::Schema& schema);

/// The declared column, else the VARCHAR column named symbol, by which rows are sorted in files;
/// none if there is none.
std::optional<size_t> symbol_column(const lake::Schema& schema);

/// Whether `to` is `from` with columns behind it, as far as storage goes, and rows that were
/// written under `from` are, with NULL in the new columns, exactly what writing them under `to`
/// would give.
bool only_adds_columns(const lake::Schema& from, const lake::Schema& to);

/// One sentence for the header of a dead letter.
std::string rejection_text(int simdjson_error, std::string_view key = {});

}  // namespace ticklake::table
