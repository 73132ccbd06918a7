#include "gateway/server.h"

#include "gateway/context.h"
#include "gateway/error_answer.h"
#include "gateway/live_queries.h"
#include "gateway/routes.h"
#include "http/percent.h"
#include "http/same_site.h"
#include "http/server.h"

namespace ticklake::gateway {
namespace {

/// Beside those that queries and looks may take: for the status.
constexpr size_t kOtherThreads = 2;

/// Refuses a path or query that stands for no text.
std::optional<http::Response> check_target(const http::Request& request) {
  const auto is_text = [](std::string_view part) {
    const auto decoded = http::percent_decode(part);
    return decoded && decoded->find('\0') == std::string::npos;
  };
  if (is_text(request.raw_path()) && is_text(request.raw_query())) return std::nullopt;
  return error_answer(400,
                      {base::ErrorCode::kInvalidArgument, "this is no path", "", "GET /", false});
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

/// Refuses clients on other machines once there is more than one access key: nobody logs in here.
std::optional<http::Response> check_distance(const Options& options, const http::Request& request) {
  if (!options.is_for_loopback_only || is_loopback(request.peer().client_host) ||
      !options.is_for_loopback_only()) {
    return std::nullopt;
  }
  return error_answer(
      403, {base::ErrorCode::kPermission, "the dashboard answers on its own machine only",
            "there are access keys with rights of their own, and nobody logs in here",
            "use it on that machine, or its AWS endpoint with a key", false});
}

http::Policy site_policy(const Options& options) {
  return [&options, same_site = http::same_site(options.allowed_hosts, answer_failure)](
             http::Request& request) -> std::optional<http::Response> {
    if (auto refused = check_distance(options, request)) return refused;
    if (auto refused = same_site(request)) return refused;
    return check_target(request);
  };
}

/// What all answers have.
void complete(const http::Request*, http::Response& response) {
  response.fields.add("X-Content-Type-Options", "nosniff");
  response.fields.add("Referrer-Policy", "no-referrer");
  if (!response.fields.find("Cache-Control")) response.fields.add("Cache-Control", "no-store");
}

}  // namespace

class Server::Impl {
 public:
  Impl(Options options, query::QueryEngine& engine, const TickStream& ticks, StatusCallback status,
       base::FileSystem& files, const base::Clock& clock, base::Logger& logger)
      : context_(std::move(options), engine, ticks, std::move(status), clock, logger),
        server_({.blocking_threads = context_.options.query_threads +
                                     context_.options.look_threads + kOtherThreads},
                files, clock, logger) {}

  base::Result<void> listen() {
    const Options& options = context_.options;
    http::Site site;
    site.router = make_router(context_, live_);
    site.policy = site_policy(options);
    site.answer_failure = answer_failure;
    site.complete = complete;
    site.limits = {.connections_max = options.connections_max,
                   .idle_time_max = options.idle_time_max,
                   .request_time_max = options.request_time_max,
                   .write_time_max = options.write_time_max,
                   .send_buffer_bytes = options.send_buffer_bytes};
    http::Listener listener;
    listener.address = options.listen;
    listener.tls = options.tls;
    listener.advice = "stop what listens there, or choose a port: --http-listen 127.0.0.1:8081";
    TICKLAKE_ASSIGN(address_, server_.listen(std::move(listener), std::move(site)));
    return {};
  }

  const base::Endpoint& address() const { return address_; }
  void run(std::stop_token stop) { server_.run(std::move(stop)); }

 private:
  Context context_;
  LiveQueries live_{context_};
  base::Endpoint address_;
  http::Server server_;  // last: its handlers use the others
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::start(Options options, query::QueryEngine& engine,
                                                    const TickStream& ticks, StatusCallback status,
                                                    base::FileSystem& files,
                                                    const base::Clock& clock,
                                                    base::Logger& logger) {
  auto impl = std::make_unique<Impl>(std::move(options), engine, ticks, std::move(status), files,
                                     clock, logger);
  TICKLAKE_TRY(impl->listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

base::Endpoint Server::address() const { return impl_->address(); }
void Server::run(std::stop_token stop) { impl_->run(std::move(stop)); }

}  // namespace ticklake::gateway
