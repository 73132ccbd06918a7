#pragma once

#include <string_view>

namespace ticklake::http {

/// Whether the list of an If-Match or If-None-Match names `tag`, or is "*", which any object
/// matches. Tags stand in double quotes; clients that leave these away are understood.

/// As If-Match compares (RFC 9110, 8.8.3.2): a weak tag matches nothing.
bool matches_strongly(std::string_view list, std::string_view tag);
/// As If-None-Match compares: whether a tag is weak does not count.
bool matches_weakly(std::string_view list, std::string_view tag);

}  // namespace ticklake::http
