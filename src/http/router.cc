#include "http/router.h"

#include <algorithm>
#include <functional>

#include "base/assert.h"
#include "http/percent.h"

namespace ticklake::http {
namespace {

constexpr std::string_view kAnyMethod = "*";

bool is_name(std::string_view part) { return part.starts_with('{') && part.ends_with('}'); }
bool is_rest(std::string_view part) { return is_name(part) && part.ends_with("...}"); }

/// Takes the first part off a path that begins with '/'.
std::string_view take_part(std::string_view& path) {
  path.remove_prefix(1);
  const size_t end = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(end);
  return part;
}

/// Most paths have no escapes, and are compared as they are.
bool stands_for(std::string_view raw, std::string_view part) {
  if (raw.find('%') == std::string_view::npos) return raw == part;
  return percent_decode(raw) == part;
}

bool is_method_of(const Route& route, std::string_view method) {
  return route.method == method || route.method == kAnyMethod ||
         (method == "HEAD" && route.method == "GET");
}

/// One that names the method comes before GET for HEAD, and that before any.
int closeness(const Route& route, std::string_view method) {
  if (route.method == method) return 2;
  return route.method == kAnyMethod ? 0 : 1;
}

}  // namespace

Policy anyone() {
  return [](Request&) -> std::optional<Response> { return std::nullopt; };
}

void Router::add(Route route) {
  TICKLAKE_ASSERT(route.policy);
  TICKLAKE_ASSERT(route.pattern.starts_with('/'));
  Entry entry;
  for (std::string_view rest = route.pattern; !rest.empty();) {
    const std::string_view part = take_part(rest);
    entry.parts.emplace_back(part);
    entry.rank += is_rest(part) ? '0' : is_name(part) ? '1' : '2';
    if (!is_rest(part)) continue;
    TICKLAKE_ASSERT(rest.empty());
    entry.takes_rest = true;
  }
  TICKLAKE_ASSERT(std::ranges::none_of(entries_, [&](const Entry& other) {
    return other.parts == entry.parts && other.route.method == route.method;
  }));
  entry.route = std::move(route);
  const auto place = std::ranges::upper_bound(entries_, entry.rank, std::greater{}, &Entry::rank);
  entries_.insert(place, std::move(entry));
}

bool Router::fits(const Entry& entry, std::string_view raw_path) {
  for (const std::string& part : entry.parts) {
    if (!raw_path.starts_with('/')) return false;
    if (is_rest(part)) return true;
    const std::string_view got = take_part(raw_path);
    if (is_name(part)) {
      const bool has_escapes = got.find('%') != std::string_view::npos;
      if (got.empty() || (has_escapes && !percent_decode(got))) return false;
    } else if (!stands_for(got, part)) {
      return false;
    }
  }
  return raw_path.empty();
}

std::vector<const Router::Entry*> Router::entries_of(std::string_view raw_path) const {
  std::vector<const Entry*> found;
  for (const Entry& entry : entries_) {
    if (!found.empty() && entry.takes_rest && entry.rank != found.back()->rank) continue;
    if (fits(entry, raw_path)) found.push_back(&entry);
  }
  return found;
}

tl::expected<const Route*, Failure> Router::find(Request& request) const {
  const std::vector<const Entry*> fitting = entries_of(request.raw_path());
  const Entry* best = nullptr;
  for (const Entry* const entry : fitting) {
    if (best && entry->rank != best->rank) break;  // what follows is less special
    if (!is_method_of(entry->route, request.method())) continue;
    if (!best ||
        closeness(entry->route, request.method()) > closeness(best->route, request.method()))
      best = entry;
  }
  if (best) {
    set_parameters(*best, request);
    return &best->route;
  }
  const std::string path(request.raw_path());
  if (fitting.empty()) {
    return tl::unexpected(
        Failure{404, {base::ErrorCode::kNotFound, "nothing is at " + path, {}, {}, false}});
  }
  return tl::unexpected(Failure{405,
                                {base::ErrorCode::kUnsupported,
                                 std::string(request.method()) + " is not possible here",
                                 {},
                                 allowed_methods(path) + " " + path,
                                 false}});
}

std::string Router::allowed_methods(std::string_view raw_path) const {
  std::vector<std::string_view> methods;
  for (const Entry* entry : entries_of(raw_path)) {
    if (entry->route.method == kAnyMethod) continue;
    methods.push_back(entry->route.method);
    if (entry->route.method == "GET") methods.push_back("HEAD");
  }
  std::ranges::sort(methods);
  std::string list;
  std::string_view last;
  for (const std::string_view method : methods) {
    if (method == last) continue;
    if (!list.empty()) list += ", ";
    list += method;
    last = method;
  }
  return list;
}

void Router::set_parameters(const Entry& entry, Request& request) {
  std::string_view rest = request.raw_path();
  for (const std::string_view part : entry.parts) {
    if (is_rest(part)) {
      request.parameters_.emplace_back(part.substr(1, part.size() - 5), rest.substr(1));
      return;
    }
    const std::string_view got = take_part(rest);
    if (!is_name(part)) continue;
    const auto value = percent_decode(got);
    TICKLAKE_ASSERT(value);  // fits() has tried
    request.parameters_.emplace_back(part.substr(1, part.size() - 2), *value);
  }
}

}  // namespace ticklake::http
