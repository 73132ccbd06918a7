#include "cli/aws_stage.h"

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "base/random.h"
#include "cli/aws_settings.h"

namespace ticklake::cli {
namespace {

/// Of `ticklake key revoke`, until it counts in an `up` that runs.
constexpr std::chrono::milliseconds kRefreshInterval{250};
constexpr size_t kIoThreadsMax = 4;
/// Objects are read and written there, and queries wait there.
constexpr size_t kBlockingThreads = 16;

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.io_threads = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kIoThreadsMax);
  options.blocking_threads = kBlockingThreads;
  return options;
}

}  // namespace

AwsStage::AwsStage(Options options, base::FileSystem& files, const base::Clock& clock,
                   base::Logger& logger)
    : options_(std::move(options)), files_(files), clock_(clock), logger_(logger) {}

base::Result<std::unique_ptr<AwsStage>> AwsStage::start(Options options, base::FileSystem& files,
                                                        const base::Clock& clock,
                                                        base::Logger& logger) {
  std::unique_ptr<AwsStage> stage(new AwsStage(std::move(options), files, clock, logger));
  TICKLAKE_TRY(stage->open());
  return stage;
}

base::Result<void> AwsStage::open() {
  TICKLAKE_ASSIGN(identities_, open_identities(files_, options_.data, clock_, true));
  iam_ = std::make_unique<aws_api::iam::IamService>(*identities_);
  sts_ = std::make_unique<aws_api::iam::StsService>(*identities_);
  aws_api::Services services;
  services.iam = [this](const aws_api::QueryCall& call) { return iam_->call(call); };
  services.sts = [this](const aws_api::QueryCall& call) { return sts_->call(call); };
  endpoint_ = std::make_unique<aws_api::Endpoint>(std::move(services), *identities_, clock_,
                                                  logger_, base::entropy_seed());
  server_ = std::make_unique<http::Server>(server_options(), files_, clock_, logger_);
  TICKLAKE_ASSIGN(const base::Endpoint address,
                  server_->listen(options_.listener, endpoint_->site()));
  url_ = client_url(address, options_.listener.tls.has_value());
  return write_endpoint_url(files_, options_.data, url_);
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
      logger_.error("changes of access keys are not seen: {}", base::to_line(refreshed.error()));
    }
    was_refreshed = refreshed.has_value();
  }
}

void AwsStage::run(const std::stop_token& stop) {
  std::jthread follower([this](const std::stop_token& end) { follow_identities(end); });
  server_->run(stop);
}

}  // namespace ticklake::cli
