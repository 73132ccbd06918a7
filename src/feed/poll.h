#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "feed/poll_http.h"
#include "feed/poll_rows.h"
#include "feed/poll_state.h"
#include "kafka/producer.h"

namespace ticklake::feed {

/// What the cursor of an answer is for.
enum class CursorKind : uint8_t {
  kSince,  ///< the next poll asks from there on, also after a restart; the newest one is kept
  kPage,   ///< leads to the next page of the same pass, up to an answer without one
};

struct PollOptions {
  std::string url = {};
  std::string topic = {};  ///< where the rows go
  std::chrono::nanoseconds every{std::chrono::seconds{1}};
  std::chrono::nanoseconds back_off_max{std::chrono::seconds{60}};
  PollSecrets secrets = {};
  PollRowOptions rows = {};
  std::string next_link = {};     ///< where an answer has its next page's address; a Link header is
                                  ///< read without it
  std::string cursor_param = {};  ///< of the query
  std::string cursor_path = {};   ///< where an answer has its value: a path, or "header:NAME"
  CursorKind cursor_kind = CursorKind::kSince;
  uint64_t pages_max = 10;  ///< asked for in one poll; the next goes on there
  uint64_t count = 0;       ///< polls; 0: until it is stopped
  uint64_t answer_bytes_max = uint64_t{64} << 20;
  std::chrono::milliseconds request_time_max{30'000};
};

/// What a poller needs of the world.
struct PollWorld {
  /// In the program: base::send_http.
  std::function<base::Result<base::HttpResponse>(const base::HttpRequest&)> send;
  /// All records or none; see kafka::TransactionalProducer::commit() for its errors.
  std::function<base::Result<void>(std::span<const kafka::OutgoingRecord>, const std::stop_token&)>
      commit;
  /// Returns early once the stop is requested.
  std::function<void(std::chrono::nanoseconds, const std::stop_token&)> wait;
  const base::Clock& clock;
  base::Logger& logger;  ///< one line a change of state
  uint64_t seed = 0;     ///< of the waits
  std::string state_topic = {};
};

struct PollStats {
  uint64_t polls = 0;       ///< that were answered, all pages of one counted once
  uint64_t unchanged = 0;   ///< of those, with "not modified"
  uint64_t failures = 0;    ///< requests and commits that had to be tried again
  uint64_t rows = 0;        ///< sent in this run
  uint64_t duplicates = 0;  ///< rows that were known
};

/// Asks an HTTP API again and again, and sends each of its rows once.
///
/// The rows of an answer and the position behind it are committed in one transaction, so that after
/// a crash at any moment the position is that of the rows that are in the topic: what follows it is
/// asked for again, what it covers is known. One thread.
class Poller {
 public:
  /// kInvalidArgument for an address or a path that is none.
  static base::Result<Poller> make(PollOptions options, PollWorld world, PollPosition position,
                                   SeenRows seen);

  /// Polls until `count`, or until `stop`, which is no error. Errors are for good: kFenced after
  /// another poller took over, kPermission or kInvalidData if the API refuses, kInterrupted if
  /// it was stopped while nobody knew whether the last rows are in the topic.
  base::Result<void> run(const std::stop_token& stop);
  const PollStats& stats() const { return stats_; }
  const PollPosition& position() const { return position_; }

 private:
  struct Page {
    bool is_unchanged = false;
    PolledRows rows;
    std::string next, cursor, etag, last_modified;
  };
  struct Attempt {
    base::Result<Page> page;
    std::optional<std::chrono::nanoseconds> wait = {};  ///< what the API asks for
    int status = 0;
  };
  Poller(PollOptions options, PollWorld world, PollPosition position, SeenRows seen,
         PollRowReader reader);
  base::Result<void> poll(const std::stop_token& stop);
  base::Result<std::optional<Page>> page_of(const std::string& url, const std::stop_token& stop);
  Attempt ask(const std::string& url, const std::stop_token& stop);
  base::Result<Page> read(const base::HttpResponse& response, const std::string& url) const;
  base::Result<std::string> next_of(const base::HttpResponse& response, const std::string& url,
                                    const std::string& cursor) const;
  base::HttpRequest request_for(const std::string& url, const std::stop_token& stop) const;
  base::Result<void> take(const Page& page, const std::string& url, const std::stop_token& stop);
  PollPosition position_after(const Page& page, const std::string& url, size_t new_rows) const;
  base::Result<void> commit(std::span<const PolledRow* const> rows, std::span<const RowId> ids,
                            PollPosition position, const std::stop_token& stop);
  base::Result<void> commit_if_due(const std::stop_token& stop);
  void tell_failure(const base::Error& error, std::chrono::nanoseconds wait);
  void tell_success();
  std::string first_url() const;

  PollOptions options_;
  PollWorld world_;
  PollPosition position_;
  SeenRows seen_;
  PollRowReader reader_;
  std::optional<JsonPath> next_path_, cursor_path_;
  std::string cursor_header_;  ///< in lower case
  base::Random random_;
  PollStats stats_;
  uint64_t failures_in_row_ = 0;
  std::string told_;  ///< the failure that was told last
  std::set<std::string> told_missing_;
  bool is_undecided_ = false;       ///< nobody knows whether the last commit counts
  bool is_next_of_before_ = false;  ///< position_.next was found by an earlier run
  uint64_t rows_of_pass_ = 0;
  base::MonotonicTime committed_;
};

}  // namespace ticklake::feed
