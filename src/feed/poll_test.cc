#include "feed/poll.h"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

#include "base/url.h"

namespace ticklake::feed {
namespace {

using std::chrono::seconds;

/// An API and a Kafka without a network: answers are scripted, commits are kept.
class PollTest : public testing::Test {
 protected:
  void will_answer(int status, std::string body, std::map<std::string, std::string> headers = {}) {
    answers_.emplace_back(base::HttpResponse{status, std::move(headers), std::move(body)});
  }
  void will_fail() {
    answers_.emplace_back(
        base::fail({base::ErrorCode::kUnavailable, "GET", "connection reset", "", true}));
  }
  PollWorld world() {
    return {.send = [this](const base::HttpRequest& request) -> base::Result<base::HttpResponse> {
              requests_.push_back(request);
              if (answers_.empty()) {
                ADD_FAILURE() << "one request too many: " << request.url;
                return base::fail(base::ErrorCode::kIo, "no answer");
              }
              auto answer = std::move(answers_.front());
              answers_.pop_front();
              return answer;
            },
            .commit = [this](std::span<const kafka::OutgoingRecord> records,
                             const std::stop_token&) { return commit(records); },
            .wait =
                [this](std::chrono::nanoseconds duration, const std::stop_token&) {
                  waits_.push_back(duration);
                  clock_.advance(duration);
                },
            .clock = clock_,
            .logger = *logger_,
            .seed = 1,
            .state_topic = "state"};
  }
  base::Result<void> commit(std::span<const kafka::OutgoingRecord> records) {
    if (!commit_errors_.empty()) {
      base::Error error = commit_errors_.front();
      commit_errors_.pop_front();
      return base::fail(std::move(error));
    }
    ++commits_;
    for (const kafka::OutgoingRecord& record : records) {
      if (record.topic == "state") state_[std::string(*record.key)] = *record.value;
      if (record.topic == "rows") rows_.emplace_back(*record.value);
    }
    return {};
  }
  /// A run from what is stored, as after a crash.
  base::Result<PollStats> run(PollOptions options) {
    PollPosition position;
    SeenRows seen(1000);
    if (const auto stored = state_.find(std::string(kPositionKey)); stored != state_.end()) {
      auto read = position_from_json(stored->second).value();
      position = read.first;
      EXPECT_TRUE(seen.load(state_, read.second));
    }
    options.topic = "rows";
    if (options.url.empty()) options.url = "http://api/rows";
    if (options.count == 0) options.count = 1;
    auto poller = Poller::make(std::move(options), world(), position, std::move(seen));
    if (!poller) return base::fail(poller.error());
    TICKLAKE_TRY(poller->run({}));
    return poller->stats();
  }
  bool has_header(size_t request, const std::string& header) const {
    return std::ranges::find(requests_.at(request).headers, header) !=
           requests_.at(request).headers.end();
  }

  base::ManualClock clock_;
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::deque<base::Result<base::HttpResponse>> answers_;
  std::deque<base::Error> commit_errors_;
  std::vector<base::HttpRequest> requests_;
  std::vector<std::chrono::nanoseconds> waits_;
  std::map<std::string, std::string> state_;
  std::vector<std::string> rows_;
  int commits_ = 0;
};

using Rows = std::vector<std::string>;

TEST_F(PollTest, each_row_is_sent_once_over_polls_and_restarts) {
  will_answer(200, R"([{"i":1},{"i":2}])");
  will_answer(200, R"([{"i":2},{"i":1},{"i":3},{"i":3}])");
  const auto stats = run({.count = 2});
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->duplicates, 3u);
  will_answer(200, R"([{"i":3},{"i":4}])");
  ASSERT_TRUE(run({}));
  EXPECT_EQ(rows_, (Rows{R"({"i":1})", R"({"i":2})", R"({"i":3})", R"({"i":4})"}));
}

TEST_F(PollTest, an_answer_without_news_commits_nothing_for_a_minute) {
  for (int i = 0; i < 8; ++i)
    will_answer(200, R"([{"i":1}])");
  ASSERT_TRUE(run({.every = seconds(10), .count = 8}));
  EXPECT_EQ(commits_, 2);  // the row, and after 60 s a sign of life that a fence would show at
}

TEST_F(PollTest, an_aborted_transaction_is_sent_again_and_counts_once) {
  commit_errors_.push_back({base::ErrorCode::kIo, "commit", "aborted", "", true});
  will_answer(200, R"([{"i":1}])");
  const auto stats = run({});
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->failures, 1u);
  EXPECT_EQ(rows_, Rows{R"({"i":1})"});
}

TEST_F(PollTest, a_fenced_poller_ends_at_once) {
  commit_errors_.push_back({base::ErrorCode::kFenced, "taken over", "", "", false});
  will_answer(200, R"([{"i":1}])");
  const auto outcome = run({.count = 5});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::ErrorCode::kFenced);
  EXPECT_EQ(requests_.size(), 1u);
  EXPECT_TRUE(waits_.empty());
}

TEST_F(PollTest, a_stop_that_leaves_the_last_rows_undecided_is_told) {
  commit_errors_.push_back({base::ErrorCode::kInterrupted, "commit", "timed out", "", false});
  will_answer(200, R"([{"i":1}])");
  const auto outcome = run({});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::ErrorCode::kInterrupted);
  EXPECT_NE(outcome.error().what.find("whether the last rows are in"), std::string::npos);
}

TEST_F(PollTest, a_retry_after_beats_the_back_off_and_the_back_off_a_short_one) {
  will_answer(429, "", {{"retry-after", "90"}});
  will_answer(503, "", {{"retry-after", "0"}});
  will_fail();
  will_answer(200, "[]");
  ASSERT_TRUE(run({.back_off_max = seconds(2)}));
  ASSERT_EQ(waits_.size(), 3u);
  EXPECT_EQ(waits_[0], seconds(90));
  EXPECT_GE(waits_[1], std::chrono::milliseconds(500));
  EXPECT_LE(waits_[1], seconds(1));
  EXPECT_GE(waits_[2], seconds(1));
  EXPECT_LE(waits_[2], seconds(2));
}

TEST_F(PollTest, polls_keep_their_pace_and_do_not_catch_up) {
  for (int i = 0; i < 3; ++i)
    will_answer(200, "[]");
  will_fail();
  will_answer(200, "[]");
  will_answer(200, "[]");
  ASSERT_TRUE(run({.every = std::chrono::milliseconds(100), .count = 5}));
  EXPECT_EQ(waits_[0], std::chrono::milliseconds(100));
  EXPECT_EQ(waits_.size(), 4u);  // three of the pace, one of the failure; then at once
}

TEST_F(PollTest, validators_are_sent_back_for_the_address_they_are_of) {
  will_answer(200, R"({"rows":[{"i":1}],"last":1})", {{"etag", "\"a\""}});
  will_answer(200, R"({"rows":[],"last":1})",
              {{"etag", "\"b\""},
               {"last-modified", "Tue, 14 Nov 2023 22:13:20 GMT"},
               {"date", "Tue, 14 Nov 2023 22:14:20 GMT"}});
  will_answer(304, "");
  const auto stats = run({.cursor_param = "since", .cursor_path = "$.last", .count = 3});
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->unchanged, 1u);
  EXPECT_FALSE(has_header(1, "If-None-Match: \"a\""));  // the cursor has moved since
  EXPECT_TRUE(has_header(2, "If-None-Match: \"b\""));
  EXPECT_TRUE(has_header(2, "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT"));
  EXPECT_EQ(requests_[2].url, "http://api/rows?since=1");
}

TEST_F(PollTest, a_pass_that_was_cut_goes_on_where_it_was) {
  will_answer(200, R"([{"i":1}])", {{"link", "</rows?page=2>; rel=next"}});
  ASSERT_TRUE(run({.pages_max = 1}));
  will_answer(200, R"([{"i":2}])");
  will_answer(200, R"([{"i":1}])");
  ASSERT_TRUE(run({.pages_max = 1, .count = 2}));
  EXPECT_EQ(requests_[1].url, "http://api/rows?page=2");
  EXPECT_EQ(requests_[2].url, "http://api/rows");
  EXPECT_EQ(rows_.size(), 2u);
}

TEST_F(PollTest, a_page_that_is_gone_after_a_restart_leads_to_a_whole_new_pass) {
  const std::map<std::string, std::string> link{{"link", "</rows?page=2>; rel=next"}};
  PollOptions options;
  options.rows.is_newest_first = true;
  options.pages_max = 2;
  will_answer(200, R"([{"i":9}])", link);
  will_answer(500, "");
  // The run is cut while the second page fails: here, by a refusal.
  will_answer(400, "");
  ASSERT_FALSE(run(options));
  will_answer(410, "");
  // All of the first page is known, but what is behind it is not.
  will_answer(200, R"([{"i":9}])", link);
  ASSERT_TRUE(run(options));
  will_answer(200, R"([{"i":8}])");
  ASSERT_TRUE(run(options));
  EXPECT_EQ(rows_, (Rows{R"({"i":9})", R"({"i":8})"}));
}

TEST_F(PollTest, more_pages_than_can_be_remembered_are_an_error) {
  std::string page1, page2;
  for (int i = 0; i < 300; ++i) {
    page1 += (i ? "," : "[") + std::string("{\"i\":") + std::to_string(i) + "}";
    page2 += (i ? "," : "[") + std::string("{\"j\":") + std::to_string(i) + "}";
  }
  will_answer(200, page1 + "]", {{"link", "<?page=2>; rel=next"}});
  will_answer(200, page2 + "]");
  const auto outcome = run({});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().advice.find("--remember"), std::string::npos);
}

TEST_F(PollTest, an_api_that_never_answered_well_is_an_error_and_later_a_failed_try) {
  will_answer(200, R"({"Information":"25 requests a day"})");
  const auto refused = run({});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().cause.find("25 requests a day"), std::string::npos);
  will_answer(200, "[]");
  will_answer(200, R"({"Information":"25 requests a day"})");
  will_answer(200, "[]");
  EXPECT_TRUE(run({.count = 2}));
}

TEST_F(PollTest, secrets_are_sent_but_neither_shown_nor_stored) {
  PollOptions options;
  options.secrets = {.headers = {"X-Key: hunter2"}, .parameters = {{"apikey", "hunter3"}}};
  options.next_link = "$.next";
  will_answer(200, R"({"rows":[{"i":1}],"next":"/rows?apikey=hunter3&page=2"})");
  will_answer(404, "no such key: hunter2, hunter3");
  const auto refused = run(options);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(has_header(0, "X-Key: hunter2"));
  EXPECT_EQ(requests_[0].url, "http://api/rows?apikey=hunter3");
  EXPECT_EQ(requests_[1].url, "http://api/rows?page=2&apikey=hunter3");
  EXPECT_EQ(base::to_text(refused.error()).find("hunter"), std::string::npos);
  for (const auto& [key, value] : state_)
    EXPECT_EQ(value.find("hunter"), std::string::npos) << value;
}

TEST_F(PollTest, another_address_begins_anew_but_knows_its_rows) {
  will_answer(200, R"({"rows":[{"i":1}],"last":5})");
  ASSERT_TRUE(run({.cursor_param = "since", .cursor_path = "$.last"}));
  will_answer(200, R"({"rows":[{"i":1},{"i":2}],"last":5})");
  ASSERT_TRUE(run({.url = "http://other/rows", .cursor_param = "since", .cursor_path = "$.last"}));
  EXPECT_EQ(requests_[1].url, "http://other/rows");
  EXPECT_EQ(rows_.size(), 2u);
  will_answer(200, R"({"rows":[{"i":2},{"i":3}],"last":6})");
  ASSERT_TRUE(
      run({.url = "http://other/rows?of=B", .cursor_param = "since", .cursor_path = "$.last"}));
  EXPECT_EQ(requests_[2].url, "http://other/rows?of=B");
  EXPECT_EQ(rows_.size(), 3u);
}

TEST_F(PollTest, what_is_no_address_or_half_a_cursor_is_refused) {
  EXPECT_FALSE(run({.url = "ftp://h/x"}));
  EXPECT_FALSE(run({.cursor_param = "since"}));
  EXPECT_FALSE(run({.next_link = "next"}));
}

}  // namespace
}  // namespace ticklake::feed
