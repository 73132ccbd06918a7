#include "aws_api/arrival.h"

#include <array>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/base64.h"

namespace ticklake::aws_api {
namespace {

constexpr std::string_view kVirtualHostEnd = ".localhost";

/// SplitMix64's step: of a counter, numbers that do not look like one.
uint64_t mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

bool starts_without_case(std::string_view text, std::string_view start) {
  return http::equal_without_case(text.substr(0, start.size()), start);
}

Service service_of_target(std::string_view target) {
  if (target.starts_with("AWSGlue.")) return Service::kGlue;
  if (target.starts_with("AmazonAthena.")) return Service::kAthena;
  return Service::kUnknown;
}

/// As the clients of each family send requests, signed or not.
aws::Protocol protocol_of_form(const http::Request& request) {
  const std::string_view type = request.field("Content-Type");
  if (request.has_field("X-Amz-Target") || starts_without_case(type, "application/x-amz-json")) {
    return aws::Protocol::kJson;
  }
  const bool is_form = starts_without_case(type, "application/x-www-form-urlencoded");
  if (is_form && request.method() == "POST" && request.raw_path() == "/") {
    return aws::Protocol::kQuery;
  }
  return aws::Protocol::kS3;
}

}  // namespace

Service find_service(std::string_view scope_service) {
  if (scope_service == aws::kS3Service) return Service::kS3;
  if (scope_service == "glue") return Service::kGlue;
  if (scope_service == "athena") return Service::kAthena;
  if (scope_service == "iam") return Service::kIam;
  if (scope_service == "sts") return Service::kSts;
  return Service::kUnknown;
}

const Arrival& arrival_of(const http::Request& request) {
  const auto* const arrival = request.attached<Arrival>();
  TICKLAKE_ASSERT(arrival != nullptr);
  return *arrival;
}

Arrival identify(const http::Request& request, std::string_view scope_service) {
  Arrival arrival;
  arrival.service = find_service(scope_service);
  arrival.protocol = protocol_of_form(request);
  switch (arrival.service) {
    case Service::kS3: arrival.protocol = aws::Protocol::kS3; break;
    case Service::kGlue:
    case Service::kAthena: arrival.protocol = aws::Protocol::kJson; break;
    case Service::kIam:
    case Service::kSts: arrival.protocol = aws::Protocol::kQuery; break;
    case Service::kUnknown:
      // Who says no service is still told in its own words what is wrong.
      if (scope_service.empty()) arrival.service = service_of_target(request.field("X-Amz-Target"));
      break;
  }
  return arrival;
}

uint64_t RequestIds::next() { return mixed(seed_ + ++count_); }

void RequestIds::name(Arrival& arrival) {
  const uint64_t one = next();
  if (arrival.protocol == aws::Protocol::kS3) {
    arrival.request_id = fmt::format("{:016X}", one);
    std::array<uint64_t, 6> words{};
    for (size_t i = 0; i < words.size(); ++i)
      words[i] = mixed(one + i);
    arrival.host_id = base::to_base64(std::as_bytes(std::span(words)));
    return;
  }
  const uint64_t other = mixed(one);
  arrival.request_id =
      fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", one >> 32, (one >> 16) & 0xffff,
                  one & 0xfff, 0x8000 | (other >> 50), other & 0xffffffffffff);
}

SignedHead::SignedHead(const http::Request& request)
    : method_(request.method()), target_(request.raw_path()) {
  // A target with an authority ("http://…") is signed without it.
  if (request.target().find('?') != std::string_view::npos)
    target_.append("?").append(request.raw_query());
  fields_.reserve(request.fields().size());
  for (const http::Field& field : request.fields())
    fields_.push_back({field.name, field.value});
}

std::string bucket_of_host(const http::Request& request) {
  const std::string_view host = request.field("Host");
  const std::string_view name = host.substr(0, host.find(':'));
  if (name.size() <= kVirtualHostEnd.size()) return {};
  const size_t end = name.size() - kVirtualHostEnd.size();
  if (!http::equal_without_case(name.substr(end), kVirtualHostEnd)) return {};
  return std::string(name.substr(0, end));
}

aws::RequestContext request_context(const http::Request& request,
                                    const aws::AuthenticatedRequest& caller, base::WallTime now) {
  aws::RequestContext context;
  context.now = now;
  context.is_tls = request.peer().is_encrypted;
  context.source_ip = request.peer().client_host;
  if (request.has_field("User-Agent")) context.user_agent = request.field("User-Agent");
  if (request.has_field("Referer")) context.referer = request.field("Referer");
  if (!caller.region.empty()) context.region = caller.region;
  return context;
}

}  // namespace ticklake::aws_api
