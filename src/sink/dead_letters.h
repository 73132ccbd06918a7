#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kafka/client_settings.h"
#include "kafka/consumer.h"
#include "lake/object_store.h"
#include "sink/kept_letters.h"
#include "sink/problems.h"

namespace ticklake::kafka {
class Producer;
}

namespace ticklake::sink {

/// Where the dead letters of `topic` go.
std::string dead_letter_topic(const std::string& topic);

/// Records that can be no row, on their way to `<topic>.dead-letter` with their key, value and the
/// headers ticklake.error, ticklake.topic, ticklake.partition, ticklake.offset and
/// ticklake.topic_id (the generation). What that topic
/// does not take (it cannot be made, the record is too large with its headers, it has no leader) is
/// kept in the lake, see keep_letters(). Each arrives at least once: no boundary may pass a record
/// before are_settled() says so.
///
/// run() delivers, on a thread of its own, so that nobody waits for a topic but the partitions that
/// have letters for it. All else is safe from any thread.
class DeadLetters {
 public:
  /// All references must outlive this.
  DeadLetters(std::string brokers, kafka::ClientSettings settings, lake::ObjectStore& store,
              const base::Clock& clock, Problems& problems);
  DeadLetters(const DeadLetters&) = delete;
  DeadLetters& operator=(const DeadLetters&) = delete;
  ~DeadLetters();

  void add(DeadLetter letter);
  /// Delivers until a stop is requested.
  void run(const std::stop_token& stop);

  /// Whether no letter of the partition below `end` waits.
  bool are_settled(const kafka::TopicPartition& partition, int64_t end) const;
  /// Whether so much of the topic waits that reading it should.
  bool is_full(const std::string& topic) const;
  bool is_empty() const;
  /// Letters that stand in the lake.
  uint64_t kept() const;
  uint64_t kept(const std::string& topic) const;
  /// Takes in what earlier runs kept.
  base::Result<void> count_kept();

 private:
  /// Those of one topic.
  struct Waiting {
    std::vector<DeadLetter> letters;
    std::vector<DeadLetter> in_delivery;  ///< read without the mutex by run() alone
    uint64_t bytes = 0;                   ///< of both
    base::MonotonicTime not_before{};     ///< when the next try may be
  };
  /// A topic that took nothing a short time ago.
  struct Refusal {
    base::MonotonicTime until{};
    std::string why;
  };

  bool deliver_next();
  base::Result<void> deliver(const std::string& topic, std::span<const DeadLetter> letters);
  base::Result<void> send(std::span<const DeadLetter> letters, std::vector<DeadLetter>& refused);
  base::Result<void> send_one_by_one(const std::string& topic, std::span<const DeadLetter> letters);
  base::Result<void> start_producer();
  base::Result<void> ensure_topic(const std::string& topic);
  base::Result<void> keep(const std::string& topic, std::span<const DeadLetter> letters,
                          const std::string& undelivered);
  void say_what_is_kept(const std::string& topic, const std::string& undelivered);

  const std::string brokers_;
  const kafka::ClientSettings settings_;
  lake::ObjectStore& store_;
  const base::Clock& clock_;
  Problems& problems_;
  std::unique_ptr<kafka::Producer> producer_;  ///< of run(), as the next
  std::set<std::string> topics_there_;         ///< as long as there is that producer
  std::map<std::string, Refusal> refusals_;
  mutable std::mutex mutex_;  ///< guards all below
  std::condition_variable_any changed_;
  std::map<std::string, Waiting> waiting_;
  uint64_t bytes_ = 0;
  std::map<std::string, uint64_t> kept_;
};

}  // namespace ticklake::sink
