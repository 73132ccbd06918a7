#include "aws_api/s3/service.h"

#include <algorithm>
#include <array>
#include <variant>

#include "aws/xml_reader.h"
#include "aws_api/arrival.h"
#include "aws_api/error_answer.h"
#include "aws_api/s3/body_intake.h"
#include "aws_api/s3/operations.h"

namespace ticklake::aws_api::s3 {
namespace {

using http::Response;

enum class Scope : uint8_t { kService, kBucket, kObject };

using Plain = aws::Answer<Response> (*)(const Operation&);
using WithBody = aws::Answer<Response> (*)(const Operation&, const std::string&);
using Streaming = http::Task<aws::Answer<Response>> (*)(const Operation&);

struct Route {
  std::string_view method;
  Scope scope;
  /// The query parameter that makes it this operation; empty: none.
  std::string_view parameter;
  /// Likewise a field of the head.
  std::string_view field;
  std::string_view action;  ///< that the caller must be allowed on the bucket or object
  std::variant<Plain, WithBody, Streaming> run;
  /// Takes so little that the change to another thread would be most of it: reads an index and
  /// opens a file, as web servers do on their loops.
  bool is_quick = false;
};

/// The first one that fits is it.
const auto kRoutes = std::to_array<Route>({
    {"GET", Scope::kService, "", "", "s3:ListAllMyBuckets", list_buckets},

    {"GET", Scope::kBucket, "location", "", "s3:GetBucketLocation", get_bucket_location},
    {"GET", Scope::kBucket, "versioning", "", "s3:GetBucketVersioning", get_bucket_versioning},
    {"GET", Scope::kBucket, "uploads", "", "s3:ListBucketMultipartUploads", list_multipart_uploads},
    {"GET", Scope::kBucket, "list-type", "", "s3:ListBucket", list_objects_v2},
    {"GET", Scope::kBucket, "", "", "s3:ListBucket", list_objects},
    {"HEAD", Scope::kBucket, "", "", "s3:ListBucket", head_bucket},
    {"PUT", Scope::kBucket, "", "", "s3:CreateBucket", create_bucket},
    {"DELETE", Scope::kBucket, "", "", "s3:DeleteBucket", delete_bucket},
    // Asked for each key.
    {"POST", Scope::kBucket, "delete", "", "", delete_objects},

    {"GET", Scope::kObject, "uploadId", "", "s3:ListMultipartUploadParts", list_parts},
    {"GET", Scope::kObject, "attributes", "", "s3:GetObjectAttributes", get_object_attributes},
    {"GET", Scope::kObject, "", "", "s3:GetObject", get_object, true},
    {"HEAD", Scope::kObject, "", "", "s3:GetObject", head_object, true},
    {"PUT", Scope::kObject, "uploadId", "x-amz-copy-source", "s3:PutObject", upload_part_copy},
    {"PUT", Scope::kObject, "uploadId", "", "s3:PutObject", upload_part},
    {"PUT", Scope::kObject, "", "x-amz-copy-source", "s3:PutObject", copy_object},
    {"PUT", Scope::kObject, "", "", "s3:PutObject", put_object},
    {"DELETE", Scope::kObject, "uploadId", "", "s3:AbortMultipartUpload", abort_multipart_upload},
    {"DELETE", Scope::kObject, "", "", "s3:DeleteObject", delete_object},
    {"POST", Scope::kObject, "uploads", "", "s3:PutObject", create_multipart_upload},
    {"POST", Scope::kObject, "uploadId", "", "s3:PutObject", complete_multipart_upload},
});

/// S3's subresources that are not served.
constexpr auto kUnserved = std::to_array<std::string_view>({"abac",
                                                            "accelerate",
                                                            "acl",
                                                            "analytics",
                                                            "append",
                                                            "cors",
                                                            "encryption",
                                                            "intelligent-tiering",
                                                            "inventory",
                                                            "legal-hold",
                                                            "lifecycle",
                                                            "logging",
                                                            "metadataConfiguration",
                                                            "metadataInventoryTable",
                                                            "metadataJournalTable",
                                                            "metadataTable",
                                                            "metrics",
                                                            "notification",
                                                            "object-lock",
                                                            "ownershipControls",
                                                            "policy",
                                                            "policyStatus",
                                                            "publicAccessBlock",
                                                            "renameObject",
                                                            "replication",
                                                            "requestPayment",
                                                            "restore",
                                                            "retention",
                                                            "select",
                                                            "session",
                                                            "tagging",
                                                            "torrent",
                                                            "versions",
                                                            "website"});

Scope scope_of(const Target& target) {
  if (target.bucket.empty()) return Scope::kService;
  return target.key.empty() ? Scope::kBucket : Scope::kObject;
}

aws::Answer<const Route*> find_route(const Operation& operation) {
  const Target& target = operation.target;
  for (const aws::QueryParameter& parameter : target.query) {
    if (std::ranges::find(kUnserved, parameter.name) != kUnserved.end())
      return not_implemented("The subresource " + parameter.name);
  }
  const std::string_view method = operation.request().method();
  const Scope scope = scope_of(target);
  for (const Route& route : kRoutes) {
    const bool fits = route.method == method && route.scope == scope &&
                      (route.parameter.empty() || target.has(route.parameter)) &&
                      (route.field.empty() || operation.field(route.field));
    if (fits) return &route;
  }
  if (method == "POST" && scope == Scope::kBucket) return not_implemented("PostObject, a form,");
  return aws::refuse_as("MethodNotAllowed",
                        "The specified method is not allowed against this resource.", 405);
}

aws::Answer<void> check_owner(const Operation& operation) {
  for (const std::string_view name :
       {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    const auto owner = operation.field(name);
    if (owner && *owner != aws::kAccountId)
      return aws::refuse(aws::ErrorKind::kAccessDenied, "Access Denied");
  }
  return {};
}

std::string resource_of(const Target& target) {
  if (target.bucket.empty()) return "*";
  return target.key.empty() ? bucket_arn(target.bucket) : object_arn(target.bucket, target.key);
}

}  // namespace

http::Task<aws::Answer<Response>> Service::answer(http::Exchange& exchange,
                                                  const aws::AuthenticatedRequest& caller) {
  const http::Request& request = exchange.request();
  const std::string bucket_of_host_name = bucket_of_host(request);
  TICKLAKE_CO_ASSIGN(Target target, parse_target(request, bucket_of_host_name));
  aws::RequestContext context = request_context(request, caller, clock_.wall_now());
  if (target.key.empty()) {
    context.s3_prefix = target.find("prefix");
    context.s3_delimiter = target.find("delimiter");
    context.s3_max_keys = target.find("max-keys");
  }
  Operation operation{exchange, caller, std::move(target), std::move(context), store_,
                      access_,  clock_};
  TICKLAKE_CO_ASSIGN(const Route* const route, find_route(operation));
  if (!route->action.empty())
    TICKLAKE_CO_TRY(operation.allow(route->action, resource_of(operation.target)));
  TICKLAKE_CO_TRY(check_owner(operation));
  if (const auto* const streaming = std::get_if<Streaming>(&route->run))
    co_return co_await (*streaming)(operation);
  std::string body;
  if (const auto* const with_body = std::get_if<WithBody>(&route->run)) {
    TICKLAKE_CO_ASSIGN(body, co_await receive_text(operation, aws::kXmlBytesMax));
    const auto work = [&] { return (*with_body)(operation, body); };
    co_return co_await exchange.run_blocking(work);
  }
  const auto work = [&] { return std::get<Plain>(route->run)(operation); };
  if (route->is_quick) {
    operation.patience = lake::BucketStore::Patience::kNone;
    auto answered = work();
    if (answered || answered.error().code != kSlowDown) co_return answered;
    operation.patience = lake::BucketStore::Patience::kWaits;
  }
  co_return co_await exchange.run_blocking(work);
}

http::Task<Response> Service::handle(http::Exchange& exchange,
                                     const aws::AuthenticatedRequest& caller) {
  auto answered = co_await answer(exchange, caller);
  if (answered) co_return std::move(*answered);
  const aws::ServiceError& error = answered.error();
  const http::Request& request = exchange.request();
  if (error.kind == aws::ErrorKind::kInternal) {
    logger_.error("{} {} failed: {}: {}", request.method(), request.raw_path(), error.message,
                  error.cause);
  }
  Response response = answer_error(error, request);
  if (error.code == "InvalidRange") {
    // The size is the last of what is told besides.
    response.fields.add("Content-Range", "bytes */" + error.members.back().second);
  }
  co_return response;
}

}  // namespace ticklake::aws_api::s3
