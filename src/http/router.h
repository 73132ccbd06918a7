#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/exchange.h"
#include "http/failure.h"
#include "http/request.h"
#include "http/response.h"
#include "http/task.h"

namespace ticklake::http {

/// Answers a request: a function that needs neither its body nor to wait, or a coroutine. A lambda
/// that is a coroutine keeps its captures as long as the router lives.
using Handler =
    std::variant<std::function<Response(const Request&)>, std::function<Task<Response>(Exchange&)>>;

/// Says who may. Asked when the head was read, before the body and before "100 Continue": none lets
/// the request pass, an answer is sent instead of the handler's. Must not block.
using Policy = std::function<std::optional<Response>(Request&)>;
Policy anyone();

inline constexpr uint64_t kBodyBytesDefault = 1024 * 1024;

/// One line of a router's table.
struct Route {
  std::string method;  ///< "GET", which is also asked for HEAD if there is no other; "*": any
  /// "/api/tables/{name}": each part stands for itself or, in braces, for any one part, which the
  /// handler finds decoded by Request::parameter(). "/{path...}": the last one for all the rest,
  /// also none, as it was received.
  std::string pattern;
  Policy policy;  ///< required: anyone() where there is none
  Handler handler;
  uint64_t body_bytes_max = kBodyBytesDefault;
};

/// Finds what a request is for. Where several patterns fit, parts that stand for themselves come
/// before names. One with a rest is for what no other pattern fits: a path that is known, asked for
/// with another method, is 405.
class Router {
 public:
  /// The pair of method and pattern is new, the pattern begins with '/'.
  void add(Route route);

  /// The route, with the request's parameters set; or 404, or 405.
  tl::expected<const Route*, Failure> find(Request& request) const;
  /// The methods that a path knows, for Allow; empty if it knows none.
  std::string allowed_methods(std::string_view raw_path) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> parts;
    bool takes_rest = false;
    /// Greater is more special: of two that fit, at the first part in which they differ.
    std::string rank;
  };
  std::vector<const Entry*> entries_of(std::string_view raw_path) const;
  static bool fits(const Entry& entry, std::string_view raw_path);
  static void set_parameters(const Entry& entry, Request& request);

  std::vector<Entry> entries_;  ///< the more special ones first
};

}  // namespace ticklake::http
