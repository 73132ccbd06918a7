#pragma once

#include <memory>
#include <string_view>

#include "feed/rows.h"

namespace ticklake::feed {

/// A CSV with a line of column names, which are kept as they are (an empty one becomes column<N>).
/// The delimiter is found from `head`, the start of the file; see detect_delimiter().
/// Each value is typed by itself, see append_json_value(); the time column, where it is not ISO
/// already, is written anew as an ISO date or RFC 3339 time, in UTC.
/// Left out and counted as bad: a row that is not CSV, has too few or too many fields, is not
/// UTF-8, or whose time cannot be read.
base::Result<std::unique_ptr<RowSource>> open_csv_rows(const RowOptions& options,
                                                       std::shared_ptr<base::File> file,
                                                       std::string_view head);

}  // namespace ticklake::feed
