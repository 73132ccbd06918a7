#pragma once

#include <optional>
#include <string>

#include "broker/coordinator_log.h"
#include "broker/txn/transaction.h"

namespace ticklake::broker {

// The records of `__transaction_state` in Kafka's schema (TransactionLogKey and -Value of Kafka
// 3.9, version 0), so that Kafka's tools read them.

CoordinatorRecord txn_record(const std::string& transactional_id, const TxnMetadata& metadata);
CoordinatorRecord txn_tombstone(const std::string& transactional_id);

/// The transactional id; none for a key of a version that this release does not know, which Kafka
/// skips too. kInvalidData if it is cut.
base::Result<std::optional<std::string>> parse_txn_key(base::ByteView key);
/// kInvalidData if cut, kUnsupported for a newer version.
base::Result<TxnMetadata> parse_txn_value(base::ByteView value);

}  // namespace ticklake::broker
