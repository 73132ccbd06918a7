#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "feed/inputs.h"
#include "feed/pace.h"
#include "feed/rows.h"
#include "kafka/producer.h"

namespace ticklake::feed {

/// How a feed reaches Kafka.
struct Target {
  std::string brokers = "127.0.0.1:9092";
  kafka::ClientSettings settings = {};  ///< librdkafka's
  std::string topic = {};
  /// Of the topic, where it is made; one that is there is taken as it is.
  int32_t partitions = 1;
  std::map<std::string, std::string> topic_configs = {};
  std::chrono::milliseconds connect_timeout{4000};
  /// How long the end of a run waits for the last acknowledgements.
  std::chrono::milliseconds flush_timeout{10'000};
};

/// What every feed tells about itself, from any thread.
struct FeedStats {
  uint64_t produced = 0;      ///< handed to the producer in this run
  uint64_t acknowledged = 0;  ///< on the broker, of those
  uint64_t skipped = 0;       ///< rows that were in the topic before this run
  uint64_t bad_rows = 0;
  bool finished = false;
};

struct ReplayOptions {
  Target target;
  RowOptions rows;
  /// The files, where they are more than rows.file; see find_inputs().
  std::vector<Input> inputs = {};
  Merge merge = Merge::kName;
  Pace pace;
  bool loop = false;
  /// Go on where an earlier, interrupted run stopped.
  bool resume = true;
};

/// Sends the rows of a file, or of several as one sequence, to a topic, in order.
///
/// A replay that does not loop, into a topic of one partition that nothing else writes to, is
/// exactly-once across crashes: row i has offset i, since the producer is idempotent and gapless.
/// So the end of the topic says where to go on. That is believed only if the topic's last record
/// is, byte for byte, the row that should stand there; otherwise the topic holds something else,
/// and all rows are sent. A file that is in the topic already is not sent again.
class Replay {
 public:
  /// Opens the file and the topic. Errors: those of open_rows(); kUnavailable without a broker.
  static base::Result<std::unique_ptr<Replay>> start(ReplayOptions options, base::FileSystem& files,
                                                     const base::Clock& clock,
                                                     base::Logger& logger);

  /// Sends until the end of the file, or until `stop` (which is no error), and waits for the
  /// acknowledgements. kInvalidData if the file has no row that could be sent.
  base::Result<void> run(const std::stop_token& stop);
  /// Safe from any thread, as is counts().
  FeedStats stats() const;
  /// What is wrong with the file, as far as it was read.
  RowCounts counts() const;
  /// How the file is read.
  std::vector<Finding> findings() const { return rows_->findings(); }
  /// The value of the last row that went out or was skipped; to be read after run().
  const std::string& last_row() const { return last_row_; }

 private:
  Replay(ReplayOptions options, const base::Clock& clock, base::Logger& logger)
      : options_(std::move(options)), clock_(clock), logger_(logger) {}
  base::Result<void> find_resume_point();
  base::Result<bool> pass(Pacer& pacer, const std::stop_token& stop);
  base::Result<void> send(const Row& row, const std::stop_token& stop);
  void publish_counts();

  ReplayOptions options_;
  const base::Clock& clock_;
  base::Logger& logger_;
  std::unique_ptr<RowSource> rows_;
  std::unique_ptr<kafka::Producer> producer_;
  uint64_t rows_to_skip_ = 0;
  std::string last_row_;
  mutable std::mutex counts_mutex_;
  RowCounts counts_;
  std::atomic<bool> finished_ = false;
};

/// The producer's settings for a feed: latency first, unless it runs as fast as it can.
kafka::ProducerOptions producer_options(const Target& target, const Pace& pace);

/// Makes sure of the broker and the topic (with the broker's time as the record's time).
/// Gives the number of partitions.
base::Result<int32_t> prepare_topic(const Target& target);

}  // namespace ticklake::feed
