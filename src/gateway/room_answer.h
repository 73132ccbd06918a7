#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "aws/service_error.h"
#include "base/clock.h"
#include "gateway/context.h"
#include "http/exchange.h"
#include "http/response.h"

namespace ticklake::gateway {

/// Of every listing that the page's rooms show: {"items": […], "next": …}, where `next` is null at
/// the end, or what ?from= takes for the next page.
inline constexpr size_t kPageItemsMax = 100;
nlohmann::json page_json(nlohmann::json items, const std::string& next);
/// ?from=; empty: from the beginning.
std::string page_token(const http::Request& request);

/// In milliseconds, RFC 3339.
std::string time_json(base::WallTime time);

/// What cannot be shown because that part does not run here; kNotFound.
base::Error not_served(std::string_view what);
base::Error told(const aws::ServiceError& error, std::string_view what);

/// A part that the page shows, or not_served() where it does not run here.
template <typename Part>
base::Result<Part*> served(Part* part, std::string_view what) {
  if (part == nullptr) return base::fail(not_served(what));
  return part;
}

/// Answers with what `work` makes, which may wait for the disk. Few run at a time, so that however
/// many rooms are open, a thread is left for queries and the status.
using Work = std::function<http::Response()>;
http::Task<http::Response> answer_work(Context& context, http::Exchange& exchange, Work work);

/// The same with what `look` finds, as JSON.
using Look = std::function<base::Result<nlohmann::json>()>;
http::Task<http::Response> answer_look(Context& context, http::Exchange& exchange, Look look);

}  // namespace ticklake::gateway
