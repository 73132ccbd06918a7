#include "feed/replay.h"

#include <fmt/format.h>

#include "kafka/admin.h"

namespace ticklake::feed {
namespace {

constexpr std::chrono::microseconds kLingerPaced{0};
constexpr std::chrono::microseconds kLingerMax{5000};
/// A wait longer than this first takes in the acknowledgements that are there.
constexpr std::chrono::milliseconds kPollBeforeWait{1};
/// While waiting long, acknowledgements are taken in so often.
constexpr std::chrono::milliseconds kPollInterval{100};
constexpr uint64_t kRowsPerPublish = 256;

}  // namespace

kafka::ProducerOptions producer_options(const Target& target, const Pace& pace) {
  kafka::ProducerOptions options;
  options.brokers = target.brokers;
  options.settings = target.settings;
  options.client_id = "ticklake-feed";
  options.linger = pace.kind == Pace::Kind::kMax ? kLingerMax : kLingerPaced;
  return options;
}

base::Result<int32_t> prepare_topic(const Target& target) {
  TICKLAKE_ASSIGN(const auto admin,
                  kafka::Admin::start(target.brokers, target.connect_timeout, target.settings));
  TICKLAKE_TRY(admin->wait_until_reachable());
  std::map<std::string, std::string> configs = target.topic_configs;
  configs.emplace("message.timestamp.type", "LogAppendTime");
  return admin->ensure_topic(
      {.name = target.topic, .partitions = target.partitions, .configs = std::move(configs)});
}

base::Result<std::unique_ptr<Replay>> Replay::start(ReplayOptions options, base::FileSystem& files,
                                                    const base::Clock& clock,
                                                    base::Logger& logger) {
  std::unique_ptr<Replay> replay(new Replay(std::move(options), clock, logger));
  const ReplayOptions& chosen = replay->options_;
  if (chosen.inputs.empty()) {
    TICKLAKE_ASSIGN(replay->rows_, open_rows(chosen.rows, files));
  } else {
    TICKLAKE_ASSIGN(replay->rows_, open_inputs(chosen.rows, chosen.inputs, chosen.merge, files));
  }
  if (chosen.pace.kind == Pace::Kind::kSpeed && replay->rows_->time_column().empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      chosen.rows.file.string() + " has no column that tells the time of a row",
                      "--speed goes by the rows' own times",
                      "name the column with --time-column, or give --rate 1000/s or --speed max");
  }
  TICKLAKE_ASSIGN(const int32_t partitions, prepare_topic(chosen.target));
  if (chosen.resume && !chosen.loop && partitions == 1) TICKLAKE_TRY(replay->find_resume_point());
  TICKLAKE_ASSIGN(replay->producer_,
                  kafka::Producer::start(producer_options(chosen.target, chosen.pace)));
  return replay;
}

base::Result<void> Replay::find_resume_point() {
  const Target& target = options_.target;
  TICKLAKE_ASSIGN(const auto admin,
                  kafka::Admin::start(target.brokers, target.connect_timeout, target.settings));
  TICKLAKE_ASSIGN(const auto tail, admin->read_tail(target.topic, 0, 1));
  if (tail.empty() || !tail[0].value) return {};
  const uint64_t rows_there = static_cast<uint64_t>(tail[0].offset) + 1;
  Row row;
  uint64_t number = 0;
  bool found = true;
  while (found && number < rows_there) {
    TICKLAKE_ASSIGN(found, rows_->next(row));
    if (found) ++number;
  }
  if (found && row.json == *tail[0].value) {
    rows_to_skip_ = rows_there;
    logger_.info("topic {} has the first {} rows of {} already", target.topic, rows_there,
                 options_.rows.file.string());
  } else {
    logger_.info("topic {} holds other records: all rows of {} are sent", target.topic,
                 options_.rows.file.string());
  }
  return rows_->rewind();
}

base::Result<void> Replay::send(const Row& row, const std::stop_token& stop) {
  return producer_->produce({.topic = options_.target.topic, .key = row.key, .value = row.json},
                            stop);
}

void Replay::publish_counts() {
  const std::lock_guard lock(counts_mutex_);
  counts_ = rows_->counts();
}

/// Once over the file; false if it was stopped before the end.
base::Result<bool> Replay::pass(Pacer& pacer, const std::stop_token& stop) {
  Row row;
  for (uint64_t number = 0;; ++number) {
    TICKLAKE_ASSIGN(const bool found, rows_->next(row));
    if (!found || number % kRowsPerPublish == 0) publish_counts();
    if (!found) return true;
    if (number < rows_to_skip_) {
      last_row_ = row.json;
      continue;
    }
    const base::MonotonicTime due = pacer.next_due(row.time, clock_.monotonic_now());
    while (due - clock_.monotonic_now() > kPollBeforeWait) {
      producer_->poll();
      publish_counts();
      if (!wait_until(clock_, std::min(due, clock_.monotonic_now() + kPollInterval), stop)) break;
    }
    if (!wait_until(clock_, due, stop)) return false;
    TICKLAKE_TRY(send(row, stop));
    last_row_ = row.json;
  }
}

base::Result<void> Replay::run(const std::stop_token& stop) {
  const auto finish = [&](const base::Result<bool>& passed) -> base::Result<void> {
    if (!passed && passed.error().code != base::ErrorCode::kInterrupted)
      return base::fail(passed.error());
    TICKLAKE_TRY(producer_->flush(options_.target.flush_timeout));
    finished_ = passed.value_or(false);
    return {};
  };
  while (true) {
    Pacer pacer(options_.pace, clock_.monotonic_now());
    const base::Result<bool> passed = pass(pacer, stop);
    if (!passed || !*passed) return finish(passed);
    const RowCounts counts = rows_->counts();
    if (counts.rows == 0) {
      const auto& bad = counts.bad.first();
      return base::fail(base::ErrorCode::kInvalidData,
                        fmt::format("{} has no row that can be sent", options_.rows.file.string()),
                        bad.empty() ? "it has only a header"
                                    : fmt::format("{} bad rows; line {}: {}", counts.bad.count(),
                                                  bad[0].line, bad[0].reason),
                        "give a CSV with a line of column names, JSON lines or Parquet");
    }
    if (!options_.loop) return finish(true);
    rows_to_skip_ = 0;
    TICKLAKE_TRY(rows_->rewind());
  }
}

FeedStats Replay::stats() const {
  const kafka::ProducerStats sent = producer_->stats();
  const std::lock_guard lock(counts_mutex_);
  return {.produced = sent.queued,
          .acknowledged = sent.acknowledged,
          .skipped = rows_to_skip_,
          .bad_rows = counts_.bad.count(),
          .finished = finished_};
}

RowCounts Replay::counts() const {
  const std::lock_guard lock(counts_mutex_);
  return counts_;
}

}  // namespace ticklake::feed
