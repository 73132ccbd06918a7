#include "cli/aws_stage.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "aws_api/glue/crawler_access.h"
#include "base/random.h"
#include "base/secret_random.h"
#include "cli/aws_settings.h"
#include "cli/catalog_stage.h"

namespace ticklake::cli {
namespace {

/// Of `ticklake key revoke`, until it counts in an `up` that runs.
constexpr std::chrono::milliseconds kRefreshInterval{250};
constexpr size_t kIoThreadsMax = 4;
/// Objects are read and written there, and the first looks at queries wait there.
constexpr size_t kBlockingThreads = 32;

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.io_threads = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kIoThreadsMax);
  options.blocking_threads = kBlockingThreads;
  return options;
}

}  // namespace

base::Path buckets_path(const base::Path& data) { return data / "buckets"; }

base::Result<std::unique_ptr<AwsStage>> AwsStage::start(Options options, Seams seams) {
  std::unique_ptr<AwsStage> stage(new AwsStage(std::move(options), seams));
  TICKLAKE_TRY(stage->open());
  return stage;
}

base::Result<void> AwsStage::open_services() {
  const base::Path& data = options_.data;
  const auto& [engine, metadata, files, clock, logger] = seams_;
  TICKLAKE_ASSIGN(identities_, open_identities(files, data, clock, true));
  access_.emplace(*identities_);
  TICKLAKE_ASSIGN(buckets_, lake::BucketStore::open({buckets_path(data), data / "lake"}, files,
                                                    clock, base::system_secret_random(), logger));
  s3_.emplace(*buckets_, *identities_, clock, logger);
  bucket_source_.emplace(*buckets_);
  catalog::CrawlersSeams crawling{.catalog = metadata,
                                  .source = *bucket_source_,
                                  .files = files,
                                  .clock = clock,
                                  .log = logger,
                                  .seed = base::entropy_seed()};
  crawling.may_read = [this](const catalog::Crawler& crawler, std::string_view bucket,
                             std::string_view prefix) {
    return aws_api::glue::may_read(*identities_, *access_, crawler, bucket, prefix);
  };
  TICKLAKE_ASSIGN(crawlers_, catalog::Crawlers::open(crawlers_path(data), std::move(crawling)));
  glue_.emplace(aws_api::glue::Seams{metadata, *crawlers_, *access_, *identities_, clock});
  query::executions::Backend backend{engine, metadata, *buckets_, *access_,
                                     files,  clock,    logger,    base::system_secret_random()};
  TICKLAKE_ASSIGN(executions_,
                  query::executions::Executions::open(std::move(backend), data / "athena.db"));
  athena_.emplace(*executions_);
  iam_.emplace(*identities_);
  sts_.emplace(*identities_);
  return {};
}

aws_api::Services AwsStage::services() {
  using aws_api::Call;
  using aws_api::QueryCall;
  aws_api::Services services;
  services.s3 = [this](http::Exchange& exchange, const aws::AuthenticatedRequest& caller) {
    return s3_->handle(exchange, caller);
  };
  services.glue = [this](const Call& call) { return glue_->call(call); };
  services.athena = [this](const Call& call) { return athena_->call(call); };
  services.iam = [this](const QueryCall& call) { return iam_->call(call); };
  services.sts = [this](const QueryCall& call) { return sts_->call(call); };
  return services;
}

base::Result<void> AwsStage::open() {
  TICKLAKE_TRY(open_services());
  endpoint_.emplace(services(), *identities_, seams_.clock, seams_.logger, base::entropy_seed());
  server_.emplace(server_options(), seams_.files, seams_.clock, seams_.logger);
  TICKLAKE_ASSIGN(address_, server_->listen(options_.listener, endpoint_->site()));
  url_ = client_url(address_, options_.listener.tls.has_value());
  return write_endpoint_url(seams_.files, options_.data, url_);
}

bool AwsStage::has_other_keys() const { return count_keys(*identities_->state()) > 1; }

void AwsStage::follow_identities(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  bool was_refreshed = true;
  while (!stop.stop_requested()) {
    woken.wait_for(lock, stop, kRefreshInterval, [] { return false; });
    const auto refreshed = identities_->refresh();
    if (!refreshed && was_refreshed) {
      seams_.logger.error("changes of access keys are not seen: {}",
                          base::to_line(refreshed.error()));
    }
    was_refreshed = refreshed.has_value();
  }
}

void AwsStage::run(const std::stop_token& stop) {
  std::jthread follower([this](const std::stop_token& end) { follow_identities(end); });
  server_->run(stop);
}

}  // namespace ticklake::cli
