#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws_api/athena/service.h"
#include "aws_api/endpoint.h"
#include "aws_api/glue/service.h"
#include "aws_api/iam/iam_service.h"
#include "aws_api/iam/sts_service.h"
#include "aws_api/s3/service.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/crawlers.h"
#include "gateway/parts.h"
#include "http/server.h"
#include "lake/bucket_store.h"
#include "query/executions/executions.h"
#include "query/query_engine.h"

namespace ticklake::cli {

/// Where the buckets of AWS clients are.
base::Path buckets_path(const base::Path& data);

/// S3, Glue, Athena, STS and IAM of `ticklake up`, and who may use them.
class AwsStage {
 public:
  struct Options {
    base::Path data;
    http::Listener listener;
  };
  /// What it shares with the other stages; all of it outlives it.
  struct Seams {
    query::QueryEngine& engine;
    catalog::Catalog& metadata;
    base::FileSystem& files;
    const base::Clock& clock;
    base::Logger& logger;
  };

  /// Binds the port, and makes the first key if there is none.
  static base::Result<std::unique_ptr<AwsStage>> start(Options options, Seams seams);

  /// As clients on this machine write it.
  const std::string& url() const { return url_; }
  /// Where it listens.
  const base::Endpoint& address() const { return address_; }
  /// All but the catalog, for the page.
  gateway::Parts parts() { return {buckets_.get(), nullptr, crawlers_.get(), executions_.get()}; }
  /// Somebody else than root's first key may come in.
  bool has_other_keys() const;

  /// Serves until a stop is requested, and follows what `ticklake key` changes meanwhile.
  void run(const std::stop_token& stop);

 private:
  AwsStage(Options options, Seams seams) : options_(std::move(options)), seams_(seams) {}
  base::Result<void> open();
  base::Result<void> open_services();
  aws_api::Services services();
  void follow_identities(const std::stop_token& stop);

  const Options options_;
  const Seams seams_;
  base::Endpoint address_;
  std::string url_;
  // Each rests on those above it.
  std::unique_ptr<aws::IdentityStore> identities_;
  std::optional<aws::AccessControl> access_;
  std::unique_ptr<lake::BucketStore> buckets_;
  std::optional<catalog::BucketSource> bucket_source_;
  std::unique_ptr<catalog::Crawlers> crawlers_;
  std::unique_ptr<query::executions::Executions> executions_;
  std::optional<aws_api::s3::Service> s3_;
  std::optional<aws_api::glue::Service> glue_;
  std::optional<aws_api::athena::Service> athena_;
  std::optional<aws_api::iam::IamService> iam_;
  std::optional<aws_api::iam::StsService> sts_;
  std::optional<aws_api::Endpoint> endpoint_;
  std::optional<http::Server> server_;
};

}  // namespace ticklake::cli
