#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ticklake::query {

/// DuckDB's error text as an Error for a person: `what` is its first line, `cause` its other lines
/// and the place in `sql`, the statement as the user wrote it ("line 1, column 8:" and the line
/// with a caret under it). `text` may speak of `ran`, the statement as it was rewritten; the place
/// is then found by the name that stands there, and left out if that is not certain.
base::Error query_error(std::string_view text, std::string_view sql, std::string_view ran);

}  // namespace ticklake::query
