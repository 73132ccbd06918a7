#include "feed/sample.h"

#include <fmt/format.h>

namespace ticklake::feed {
namespace {
constexpr std::chrono::milliseconds kPollInterval{100};
}

base::Result<void> Sample::read_rows(base::FileSystem& files) {
  TICKLAKE_ASSIGN(const auto rows, open_rows(options_.rows, files));
  Row row;
  size_t bytes = 0;
  while (true) {
    TICKLAKE_ASSIGN(const bool found, rows->next(row));
    if (!found) break;
    bytes += row.json.size();
    if (bytes > kBytesMax) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        options_.rows.file.string() + " is too large to be sampled",
                        fmt::format("its rows take more than {} MiB", kBytesMax >> 20),
                        "sample a part of it, or use feed replay --loop");
    }
    held_.push_back({std::string(row.json), std::nullopt});
    if (row.key) held_.back().key = std::string(*row.key);
  }
  counts_ = rows->counts();
  if (!held_.empty()) return {};
  return base::fail(base::ErrorCode::kInvalidData,
                    options_.rows.file.string() + " has no row that can be sent",
                    fmt::format("{} bad rows", counts_.bad.count()),
                    "give a CSV with a line of column names, JSON lines or Parquet");
}

base::Result<std::unique_ptr<Sample>> Sample::start(SampleOptions options, base::FileSystem& files,
                                                    const base::Clock& clock) {
  std::unique_ptr<Sample> sample(new Sample(std::move(options), clock));
  TICKLAKE_TRY(sample->read_rows(files));
  TICKLAKE_TRY(prepare_topic(sample->options_.target));
  TICKLAKE_ASSIGN(sample->producer_, kafka::Producer::start(producer_options(
                                         sample->options_.target, sample->options_.pace)));
  return sample;
}

base::Result<void> Sample::run(const std::stop_token& stop) {
  Pacer pacer(options_.pace, clock_.monotonic_now());
  while (true) {
    const base::MonotonicTime due = pacer.next_due(std::nullopt, clock_.monotonic_now());
    while (due - clock_.monotonic_now() > kPollInterval) {
      producer_->poll();
      if (!wait_until(clock_, clock_.monotonic_now() + kPollInterval, stop)) break;
    }
    if (!wait_until(clock_, due, stop)) return producer_->flush(options_.target.flush_timeout);
    const Held& row = held_[random_.below(held_.size())];
    auto sent = producer_->produce(
        {.topic = options_.target.topic, .key = row.key, .value = row.json}, stop);
    if (!sent && sent.error().code != base::ErrorCode::kInterrupted) return sent;
  }
}

FeedStats Sample::stats() const {
  const kafka::ProducerStats sent = producer_->stats();
  return {.produced = sent.queued,
          .acknowledged = sent.acknowledged,
          .skipped = 0,
          .bad_rows = counts_.bad.count(),
          .finished = false};
}

}  // namespace ticklake::feed
