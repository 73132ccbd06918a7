#pragma once

#include <memory>
#include <string_view>

#include "feed/rows.h"

namespace ticklake::feed {

/// A CSV: its form, its columns and how they are written are found from `head`, the start of the
/// file (see csv_layout.h, csv_columns.h), unless `options` says them. The time column, where it is
/// not ISO already, is written anew as an ISO date or RFC 3339 time, in UTC.
/// Left out and counted as bad: a row that is not CSV, has too few or too many fields, is not
/// UTF-8, whose time cannot be read, or that has text where the first rows had numbers.
base::Result<std::unique_ptr<RowSource>> open_csv_rows(const RowOptions& options,
                                                       std::shared_ptr<base::File> file,
                                                       std::string_view head);

}  // namespace ticklake::feed
