#pragma once

#include <string>

struct X509_name_st;  // OpenSSL's

namespace ticklake::base {

/// A certificate's subject as Java's X500Principal.getName() prints it, which is what Kafka makes
/// principals of: RFC 2253, most specific first; of attributes that RFC 2253 does not name the
/// number and, in hex, the DER of the value.
std::string to_rfc2253(const X509_name_st* name);

}  // namespace ticklake::base
