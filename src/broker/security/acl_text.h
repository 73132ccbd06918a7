#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kafka/acl.h"

namespace ticklake::broker {

// The file that keeps ACLs: "acls 1 COUNT", then a line each,
//
//     topic prefixed trades. User:alice * Read allow
//
// in which a byte of a name that is no printable ASCII character other than a space or '%' is
// written as %XX.

std::string acls_as_text(std::span<const kafka::Acl> acls);
/// kCorrupt, with the line at fault: an ACL that went missing could open what was closed.
base::Result<std::vector<kafka::Acl>> parse_acls(std::string_view text);

}  // namespace ticklake::broker
