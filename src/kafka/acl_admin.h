#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/acl.h"
#include "kafka/connection.h"

namespace ticklake::kafka {

// What kafka-acls.sh does, on a connection of our own: librdkafka 2.0 knows neither transactional
// ids nor users as resources. kUnsupported where the broker authorizes nothing, kPermission where
// one may not do it; an error's cause is what the broker said.

/// By resource.
base::Result<std::vector<Acl>> describe_acls(Connection& connection, const AclFilter& filter);
/// Those that are there already are no error.
base::Result<void> create_acls(Connection& connection, std::span<const Acl> acls);
/// What any of the filters matches; gives what was deleted.
base::Result<std::vector<Acl>> delete_acls(Connection& connection,
                                           std::span<const AclFilter> filters);

}  // namespace ticklake::kafka
