#pragma once

#include "broker/coordinator_log.h"

namespace ticklake::broker {

/// The group coordinator's log, `__consumer_offsets`, and its records (see group_records.h).
using OffsetsRecord = CoordinatorRecord;
using OffsetsLog = CoordinatorLog;

}  // namespace ticklake::broker
