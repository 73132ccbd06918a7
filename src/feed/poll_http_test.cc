#include "feed/poll_http.h"

#include <gtest/gtest.h>

namespace ticklake::feed {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const base::WallTime kNow{seconds{1'700'000'000}};

std::optional<std::chrono::nanoseconds> wait_of(std::map<std::string, std::string> headers) {
  return retry_after({.status = 429, .headers = std::move(headers), .body = {}}, kNow);
}

TEST(PollHttp, only_what_can_pass_is_tried_again) {
  for (const int status : {408, 429, 500, 502, 503, 504, 599})
    EXPECT_EQ(judge(status), Verdict::kAgain) << status;
  for (const int status : {301, 302, 400, 401, 403, 404, 410, 422})
    EXPECT_EQ(judge(status), Verdict::kRefused) << status;
  EXPECT_EQ(judge(200), Verdict::kRows);
  EXPECT_EQ(judge(304), Verdict::kUnchanged);
}

TEST(PollHttp, retry_after_is_seconds_or_a_date) {
  EXPECT_EQ(wait_of({{"retry-after", "7"}}), seconds(7));
  EXPECT_EQ(wait_of({{"retry-after", "0"}}), seconds(0));
  // 1,700,000,000 is Tue, 14 Nov 2023 22:13:20 GMT.
  EXPECT_EQ(wait_of({{"retry-after", "Tue, 14 Nov 2023 22:13:50 GMT"}}), seconds(30));
  EXPECT_EQ(wait_of({{"retry-after", "Tue, 14 Nov 2023 22:13:00 GMT"}}), seconds(0));
}

TEST(PollHttp, a_date_is_counted_by_the_servers_own_clock) {
  // The server's clock is a year ahead of ours; it still asks for ten seconds.
  EXPECT_EQ(wait_of({{"retry-after", "Thu, 14 Nov 2024 22:13:30 GMT"},
                     {"date", "Thu, 14 Nov 2024 22:13:20 GMT"}}),
            seconds(10));
}

TEST(PollHttp, a_retry_after_that_says_nothing_or_too_much_is_bounded) {
  EXPECT_EQ(wait_of({}), std::nullopt);
  EXPECT_EQ(wait_of({{"retry-after", "soon"}}), std::nullopt);
  EXPECT_EQ(wait_of({{"retry-after", ""}}), std::nullopt);
  EXPECT_EQ(wait_of({{"retry-after", "99999999999999999999999"}}), kRetryAfterMax);
  EXPECT_EQ(wait_of({{"retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"}}), kRetryAfterMax);
}

TEST(PollHttp, waits_double_up_to_the_longest_and_keep_half_of_it) {
  base::Random random(1);
  for (int i = 0; i < 100; ++i) {
    const auto first = back_off(1, seconds(60), random);
    EXPECT_GE(first, milliseconds(250));
    EXPECT_LE(first, milliseconds(500));
    const auto fourth = back_off(4, seconds(60), random);
    EXPECT_GE(fourth, seconds(2));
    EXPECT_LE(fourth, seconds(4));
    for (const uint64_t many : {20u, 1'000'000u}) {
      EXPECT_GE(back_off(many, seconds(60), random), seconds(30));
      EXPECT_LE(back_off(many, seconds(60), random), seconds(60));
    }
  }
}

TEST(PollHttp, the_next_page_is_found_among_links) {
  EXPECT_EQ(next_link("<https://h/p?a=1,2>; rel=\"next\""), "https://h/p?a=1,2");
  EXPECT_EQ(next_link("</p/1>; rel=prev, </p/3>; title=\"a, <b>; rel=next\"; rel=\"last next\""),
            "/p/3");
  EXPECT_EQ(next_link("</a>;REL=NEXT"), "/a");
  EXPECT_EQ(next_link("</a>; rel=prev; rel=next"), std::nullopt);
  EXPECT_EQ(next_link("</a>; rel=\"prev\", </b>; rel=\"nextish\""), std::nullopt);
  for (const std::string_view broken : {"", "<", "</a", "</a>", "</a>;", "</a>; rel",
                                        "</a>; rel=\"next", ",,;;<>", "</a>; rel=\"\\"})
    static_cast<void>(next_link(broken));  // no crash, and:
  EXPECT_EQ(next_link("next"), std::nullopt);
}

TEST(PollHttp, a_header_file_has_headers_and_parameters) {
  const auto secrets = parse_poll_secrets(
      "# key of mine\r\nAuthorization: Bearer abcdef\r\n\n?apikey: k e y\n", "f");
  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->headers, std::vector<std::string>{"Authorization: Bearer abcdef"});
  ASSERT_EQ(secrets->parameters.size(), 1u);
  EXPECT_EQ(secrets->parameters[0].second, "k e y");
}

TEST(PollHttp, an_error_in_a_header_file_shows_nothing_of_it) {
  for (const std::string_view line :
       {"hunter2", "Name:", ": hunter2", "Na me: hunter2", "A: hunter2\x01"}) {
    const auto refused = parse_poll_secrets("A: b\n" + std::string(line), "keys.txt");
    ASSERT_FALSE(refused) << line;
    EXPECT_NE(refused.error().what.find("line 2 of keys.txt"), std::string::npos);
    EXPECT_EQ(base::to_text(refused.error()).find("hunter2"), std::string::npos);
  }
}

TEST(PollHttp, secrets_are_blotted_out_of_what_a_server_echoes) {
  const PollSecrets secrets{.headers = {"Authorization: Bearer abcdef"},
                            .parameters = {{"apikey", "k e y"}}};
  EXPECT_EQ(secrets.without_secrets("your key abcdef, k e y or k%20e%20y is bad"),
            "your key ***, *** or *** is bad");
}

}  // namespace
}  // namespace ticklake::feed
