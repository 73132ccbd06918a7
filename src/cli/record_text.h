#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/record_reader.h"

namespace ticklake::cli {

/// `{"topic":…,"partition":…,"offset":…,"timestamp":…,"key":…,"headers":{…},"value":…}` and a line
/// end. Key and value are strings whatever is in them, so that no digit changes, or null; bytes
/// that are no UTF-8 become U+FFFD. `timestamp` is Unix time in milliseconds. What
/// `ticklake produce --json` takes.
void append_record_json(const std::string& topic, const kafka::ReadRecord& record,
                        std::string& into);

/// `format` with %t topic, %p partition, %o offset, %T timestamp (Unix ms), %k key, %s value,
/// %K and %S their sizes (-1 for none), %h headers as name=value,…; \\n, \\t, \\0, \\\\ and %% as
/// themselves: kcat's, as far as they go.
void append_record_text(std::string_view format, const std::string& topic,
                        const kafka::ReadRecord& record, std::string& into);
/// kInvalidArgument that names what append_record_text() would not know.
base::Result<void> check_record_format(std::string_view format);

}  // namespace ticklake::cli
