#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/database.h"

namespace ticklake::query::athena {

/// The schema of the macros. No search path names it: the translated SQL writes `athena.` itself,
/// so that no other query sees them and DuckDB's own parser, which calls functions by name, does
/// not meet them.
inline constexpr std::string_view kMacroSchema = "athena";

/// Creates the schema and its macros, about 150, in a database; once is enough, twice is well.
/// Before Database::lock_down() or after. Takes some 30 ms.
base::Result<void> create_macros(table::Connection& connection);

/// Which arguments the macro wants once more in front, for their types: 1 for the first.
std::vector<size_t> macro_type_arguments(std::string_view name);

/// How often the macro's body names its most used parameter; none if there is no such macro. What
/// nested calls grow to follows from it.
std::optional<size_t> macro_uses(std::string_view name);

/// All CREATE statements, each ended by ";\n".
std::string macro_script();

}  // namespace ticklake::query::athena
