#pragma once

#include "base/result.h"
#include "feed/rows.h"

namespace ticklake::cli {

/// `ticklake feed inspect`: how the file would be read and why, and its first rows as they would
/// be sent. Errors are those of feed::open_rows(): what has to be said before it can be sent.
base::Result<void> inspect_feed_file(const feed::RowOptions& options, bool as_json);

/// `ticklake feed formats`: the public files that are known by their layout.
base::Result<void> list_feed_formats(bool as_json);

/// One line of what feed::RowSource::findings() says; empty if there is nothing to say.
std::string one_line(const std::vector<feed::Finding>& findings);

}  // namespace ticklake::cli
