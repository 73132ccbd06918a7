#pragma once

#include <vector>

#include "base/result.h"
#include "kafka/consumer.h"
#include "message/decoder.h"
#include "table/row_builder.h"

namespace ticklake::sink {

/// So much of decoded values is kept before it becomes rows.
inline constexpr size_t kDecodedBytesMax = 32 << 20;

/// A record as it is in the broker; a tombstone is passed over.
table::SourceRecord source_of(const kafka::ConsumedRecord& record);

/// Adds to `rows` what `record` comes to: itself, if its value is a JSON object as it is; a row, or
/// several, whose values `decoder` keeps; or itself as one that is passed over or refused. The
/// error is that of Decoder::decode(); nothing was added then.
base::Result<void> add_decoded(message::Decoder& decoder, const table::SourceRecord& record,
                               std::vector<table::SourceRecord>& rows);

}  // namespace ticklake::sink
