#pragma once

#include "broker/handlers/handlers.h"
#include "kafka/messages/offset_commit.h"

namespace ticklake::broker {

// What OffsetCommit and TxnOffsetCommit have in common.

/// Moves the partitions that may not be read, and those that this broker does not have, out of
/// `request`; the result has the shape of the whole request, and an error where one was moved out.
kafka::OffsetCommitResponse take_refused_out(Broker& broker, const Access& access,
                                             kafka::OffsetCommitRequest& request);

/// Moves all of them out, each with that error.
kafka::OffsetCommitResponse refuse_all(kafka::OffsetCommitRequest& request, kafka::ErrorCode error);

/// Puts the coordinator's answers where take_refused_out() left room for them.
void fill_in(kafka::OffsetCommitResponse& whole, const kafka::OffsetCommitResponse& part);

}  // namespace ticklake::broker
