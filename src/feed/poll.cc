#include "feed/poll.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/url.h"

namespace ticklake::feed {
namespace {

/// A poller that finds nothing new commits so often all the same, to learn whether it was fenced.
constexpr std::chrono::minutes kCommitInterval{1};
constexpr std::string_view kHeaderPrefix = "header:";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string header_of(const base::HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

/// The text of a scalar that is not null; empty for everything else.
std::string scalar_text(std::optional<std::string_view> value) {
  if (!value || *value == "null" || value->starts_with('{') || value->starts_with('[')) return {};
  return json_text(*value);
}

std::string seconds_of(std::chrono::nanoseconds wait) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(wait).count());
}

std::string digest_of(std::string_view text) {
  const RowId id = RowId::of(text);
  return base::to_base64(id.bytes);
}

base::Error refusal(int status, const base::HttpResponse& response, const std::string& url) {
  base::Error error{
      .code = base::ErrorCode::kInvalidData,
      .what = fmt::format("{} refuses with status {}", base::url_without_query(url), status),
      .cause = response.body.substr(0, 200),
      .advice = "look at the address and its parameters",
      .retriable = false};
  std::ranges::replace_if(
      error.cause, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  if (status == 401 || status == 403) {
    error.code = base::ErrorCode::kPermission;
    error.advice = "look at the key in --header-file";
  }
  if (status < 400) {
    error.what = fmt::format("{} answers with status {}", base::url_without_query(url), status);
    const std::string location = base::url_without_query(header_of(response, "location"));
    error.cause = "redirects are not followed, since they would be given the headers";
    error.advice = location.empty() ? "" : "give the address that it leads to: " + location;
  }
  return error;
}

}  // namespace

Poller::Poller(PollOptions options, PollWorld world, PollPosition position, SeenRows seen,
               PollRowReader reader)
    : options_(std::move(options)),
      world_(std::move(world)),
      position_(std::move(position)),
      seen_(std::move(seen)),
      reader_(std::move(reader)),
      random_(world_.seed),
      is_next_of_before_(!position_.next.empty()),
      committed_(world_.clock.monotonic_now()) {}

base::Result<Poller> Poller::make(PollOptions options, PollWorld world, PollPosition position,
                                  SeenRows seen) {
  if (base::url_origin(options.url).empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the address to poll is none",
                      "it has to be one of http:// or https://");
  }
  if (options.cursor_param.empty() != options.cursor_path.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "--cursor-param and --cursor-path go together");
  }
  options.rows.rows_max = std::max<size_t>(seen.count_max() / 2, 1);
  TICKLAKE_ASSIGN(PollRowReader reader, PollRowReader::make(options.rows));
  const std::string source = base::url_without_query(options.url);
  const std::string parameters = digest_of(options.url);
  if (position.source != source || position.parameters != parameters) {
    if (!position.source.empty())
      world.logger.info("the address or a parameter is another: begins with its first page");
    position = {.parameters = parameters, .source = source, .rows_sent = position.rows_sent};
  }
  Poller poller(std::move(options), std::move(world), std::move(position), std::move(seen),
                std::move(reader));
  const PollOptions& chosen = poller.options_;
  if (!chosen.next_link.empty()) {
    TICKLAKE_ASSIGN(poller.next_path_, parse_answer_path(chosen.next_link));
  }
  if (chosen.cursor_path.starts_with(kHeaderPrefix)) {
    poller.cursor_header_ = lower(chosen.cursor_path.substr(kHeaderPrefix.size()));
  } else if (!chosen.cursor_path.empty()) {
    TICKLAKE_ASSIGN(poller.cursor_path_, parse_answer_path(chosen.cursor_path));
  }
  return poller;
}

std::string Poller::first_url() const {
  const bool has_cursor = options_.cursor_kind == CursorKind::kSince && !position_.cursor.empty();
  if (!has_cursor) return options_.url;
  return base::with_query_parameter(options_.url, options_.cursor_param, position_.cursor);
}

base::HttpRequest Poller::request_for(const std::string& url, const std::stop_token& stop) const {
  base::HttpRequest request{.url = url, .headers = options_.secrets.headers};
  for (const auto& [name, value] : options_.secrets.parameters)
    request.url = base::with_query_parameter(request.url, name, value);
  request.headers.emplace_back("User-Agent: ticklake");
  request.headers.emplace_back("Accept: application/json");
  if (position_.next.empty() && !position_.etag.empty())
    request.headers.push_back("If-None-Match: " + position_.etag);
  if (position_.next.empty() && !position_.last_modified.empty())
    request.headers.push_back("If-Modified-Since: " + position_.last_modified);
  request.time_max = options_.request_time_max;
  request.stop = stop;
  request.body_bytes_max = options_.answer_bytes_max;
  request.accepts_compressed = true;
  return request;
}

Poller::Attempt Poller::ask(const std::string& url, const std::stop_token& stop) {
  const base::HttpRequest request = request_for(url, stop);
  const auto response = world_.send(request);
  if (!response) {
    base::Error error = response.error();
    error.what = base::url_without_query(url) + " does not answer";
    if (error.code == base::ErrorCode::kInvalidData)
      error.what = base::url_without_query(url) + " answers with too much";
    return {.page = base::fail(std::move(error))};
  }
  Attempt attempt{.page = Page{}, .wait = {}, .status = response->status};
  const bool asked_for_change =
      position_.next.empty() && (!position_.etag.empty() || !position_.last_modified.empty());
  switch (judge(response->status)) {
    case Verdict::kRows: attempt.page = read(*response, url); return attempt;
    case Verdict::kUnchanged:
      if (!asked_for_change) break;
      attempt.page->is_unchanged = true;
      return attempt;
    case Verdict::kAgain: break;
    case Verdict::kRefused:
      attempt.page = base::fail(refusal(response->status, *response, url));
      return attempt;
  }
  attempt.wait = retry_after(*response, world_.clock.wall_now());
  base::Error error = refusal(response->status, *response, url);
  error.what =
      fmt::format("{} answers with status {}", base::url_without_query(url), response->status);
  error.cause = error.advice = "";
  error.retriable = true;
  attempt.page = base::fail(std::move(error));
  return attempt;
}

base::Result<Poller::Page> Poller::read(const base::HttpResponse& response,
                                        const std::string& url) const {
  Page page;
  const bool is_empty = response.status == 204;
  if (!is_empty) {
    auto rows = reader_.read(response.body);
    if (!rows) {
      base::Error error = std::move(rows).error();
      // What was read before may be read again: an API that is overloaded says so with status 200.
      error.retriable |= position_.has_answered;
      return base::fail(std::move(error));
    }
    page.rows = std::move(*rows);
    if (cursor_path_) page.cursor = scalar_text(cursor_path_->find_first(response.body));
  }
  if (!cursor_header_.empty()) page.cursor = header_of(response, cursor_header_);
  TICKLAKE_ASSIGN(page.next, next_of(response, url, page.cursor));
  page.etag = header_of(response, "etag");
  page.last_modified = settled_last_modified(response);
  return page;
}

/// The address of the next page without secrets; empty on the last one.
base::Result<std::string> Poller::next_of(const base::HttpResponse& response,
                                          const std::string& url, const std::string& cursor) const {
  std::string next;
  if (options_.cursor_kind == CursorKind::kPage && !cursor.empty()) {
    next = base::with_query_parameter(options_.url, options_.cursor_param, cursor);
  } else if (next_path_) {
    next = response.status == 204 ? "" : scalar_text(next_path_->find_first(response.body));
  } else if (options_.cursor_param.empty()) {
    next = next_link(header_of(response, "link")).value_or("");
  }
  if (next.empty()) return next;
  TICKLAKE_ASSIGN(next, base::resolve_url(url, next));
  for (const auto& [name, value] : options_.secrets.parameters)
    next = base::with_query_parameter(next, name, std::nullopt);
  if (base::url_origin(next) == base::url_origin(options_.url)) return next == url ? "" : next;
  return base::fail(base::ErrorCode::kInvalidData,
                    "the next page is at another server: " + base::url_without_query(next),
                    "that one is not given the headers of --header-file",
                    "poll its address, if it is the one that you mean");
}

void Poller::tell_failure(const base::Error& error, std::chrono::nanoseconds wait) {
  ++stats_.failures;
  ++failures_in_row_;
  const std::string line = options_.secrets.without_secrets(base::to_line(error));
  if (line == told_) return;
  told_ = line;
  world_.logger.warn("{}; tried again in {}", line, seconds_of(wait));
}

void Poller::tell_success() {
  if (failures_in_row_ > 0) world_.logger.info("goes on after {} failed tries", failures_in_row_);
  failures_in_row_ = 0;
  told_.clear();
}

/// The page, tried again as long as that can help; none if a page that an earlier run was to go on
/// with is not there any more, and a new pass begins.
base::Result<std::optional<Poller::Page>> Poller::page_of(const std::string& url,
                                                          const std::stop_token& stop) {
  while (true) {
    Attempt attempt = ask(url, stop);
    if (stop.stop_requested() && !attempt.page) {
      return base::fail(base::ErrorCode::kInterrupted, "stopped");
    }
    if (attempt.page) {
      tell_success();
      return std::move(*attempt.page);
    }
    base::Error& error = attempt.page.error();
    const bool is_refused = attempt.status >= 400 && judge(attempt.status) == Verdict::kRefused;
    if (is_refused && is_next_of_before_ && error.code != base::ErrorCode::kPermission) {
      world_.logger.warn("the page to go on with is gone (status {}): begins with the first one",
                         attempt.status);
      position_.next.clear();
      position_.pages = 0;
      position_.is_complete = false;
      position_.etag.clear();
      position_.last_modified.clear();
      is_next_of_before_ = false;
      return std::nullopt;
    }
    if (!error.retriable) {
      error.what = options_.secrets.without_secrets(error.what);
      error.cause = options_.secrets.without_secrets(error.cause);
      return base::fail(std::move(error));
    }
    auto wait = back_off(failures_in_row_ + 1, options_.back_off_max, random_);
    wait = std::max(wait, attempt.wait.value_or(wait));
    tell_failure(error, wait);
    world_.wait(wait, stop);
    if (stop.stop_requested()) return base::fail(base::ErrorCode::kInterrupted, "stopped");
  }
}

PollPosition Poller::position_after(const Page& page, const std::string& url,
                                    size_t new_rows) const {
  PollPosition after = position_;
  after.has_answered = true;
  after.rows_sent += new_rows;
  const bool is_first_page = position_.next.empty();
  after.pages = is_first_page ? 1 : position_.pages + 1;
  after.next = page.next;
  const bool is_newest_first = options_.rows.is_newest_first;
  // Behind a page of known rows all are known, if no pass of before was cut.
  if (is_newest_first && position_.is_complete && new_rows == 0) after.next.clear();
  if (is_newest_first && !position_.has_passed && after.pages >= options_.pages_max)
    after.next.clear();  // the history of before the first poll
  if (is_first_page) {
    const bool tells_all = is_newest_first || page.next.empty();
    after.etag = tells_all ? page.etag : "";
    after.last_modified = tells_all ? page.last_modified : "";
  }
  if (options_.cursor_kind == CursorKind::kSince && !page.cursor.empty() &&
      page.cursor != position_.cursor) {
    after.cursor = page.cursor;
    after.etag.clear();  // they are of the address with the cursor of before
    after.last_modified.clear();
  }
  if (after.next == url) after.next.clear();
  if (after.next.empty()) {
    after.pages = 0;
    after.is_complete = after.has_passed = true;
  }
  return after;
}

base::Result<void> Poller::commit(std::span<const PolledRow* const> rows,
                                  std::span<const RowId> ids, PollPosition position,
                                  const std::stop_token& stop) {
  std::vector<StateRecord> state = seen_.records_with(ids);
  state.emplace_back(kPositionKey, position_to_json(position, seen_.head() + ids.size()));
  std::vector<kafka::OutgoingRecord> records;
  for (const PolledRow* row : rows)
    records.push_back({.topic = options_.topic, .key = row->key, .value = row->json});
  for (const auto& [key, value] : state)
    records.push_back({.topic = world_.state_topic, .partition = 0, .key = key, .value = value});
  while (true) {
    const auto committed = world_.commit(records, stop);
    if (committed) break;
    is_undecided_ = committed.error().code == base::ErrorCode::kInterrupted;
    if (!committed.error().retriable) return base::fail(committed.error());
    if (stop.stop_requested()) return base::fail(base::ErrorCode::kInterrupted, "stopped");
    const auto wait = back_off(failures_in_row_ + 1, options_.back_off_max, random_);
    tell_failure(committed.error(), wait);
    world_.wait(wait, stop);
  }
  tell_success();
  seen_.add(ids);
  position_ = std::move(position);
  stats_.rows += rows.size();
  committed_ = world_.clock.monotonic_now();
  return {};
}

base::Result<void> Poller::commit_if_due(const std::stop_token& stop) {
  if (world_.clock.monotonic_now() - committed_ < kCommitInterval) return {};
  return commit({}, {}, position_, stop);
}

base::Result<void> Poller::take(const Page& page, const std::string& url,
                                const std::stop_token& stop) {
  std::vector<const PolledRow*> rows;
  std::vector<RowId> ids;
  std::unordered_set<RowId, RowIdHash> taken;
  uint64_t duplicates = 0;
  for (const PolledRow& row : page.rows.rows) {
    const bool is_known = seen_.contains(row.id);
    const bool is_first = taken.insert(row.id).second;
    if (is_known || !is_first) ++duplicates;
    if (!is_known && is_first) rows.push_back(&row);
    if (is_first && (!is_known || seen_.is_old(row.id))) ids.push_back(row.id);
  }
  for (const std::string& name : page.rows.missing) {
    if (told_missing_.insert(name).second)
      world_.logger.warn("--map {} finds nothing in any row of the answer", name);
  }
  rows_of_pass_ = (position_.next.empty() ? 0 : rows_of_pass_) + page.rows.rows.size();
  const bool sees_all_again =
      !options_.rows.is_newest_first && (!page.next.empty() || !position_.next.empty());
  if (sees_all_again && rows_of_pass_ > options_.rows.rows_max) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("the pages have more than {} rows", options_.rows.rows_max),
                      "more could not be told from new ones when they are asked for again",
                      "give --remember twice as many as there are, or --newest-first");
  }
  PollPosition after = position_after(page, url, rows.size());
  const bool is_history_cut = !page.next.empty() && after.next.empty() && !position_.has_passed;
  if (is_history_cut && !rows.empty())
    world_.logger.info("older pages than the first {} are left out", options_.pages_max);
  PollPosition to_compare = after;
  to_compare.etag = position_.etag;
  to_compare.last_modified = position_.last_modified;
  if (ids.empty() && to_compare == position_) {
    position_ = std::move(after);
    TICKLAKE_TRY(commit_if_due(stop));
  } else {
    TICKLAKE_TRY(commit(rows, ids, std::move(after), stop));
  }
  is_next_of_before_ = false;
  stats_.duplicates += duplicates;
  return {};
}

/// One poll: the pages of a pass, up to pages_max.
base::Result<void> Poller::poll(const std::stop_token& stop) {
  for (uint64_t pages = 0; pages < options_.pages_max; ++pages) {
    const std::string url = position_.next.empty() ? first_url() : position_.next;
    TICKLAKE_ASSIGN(std::optional<Page> page, page_of(url, stop));
    if (!page) continue;
    if (page->is_unchanged) {
      ++stats_.unchanged;
      return commit_if_due(stop);
    }
    TICKLAKE_TRY(take(*page, url, stop));
    if (position_.next.empty() || stop.stop_requested()) return {};
  }
  return {};
}

base::Result<void> Poller::run(const std::stop_token& stop) {
  base::MonotonicTime due = world_.clock.monotonic_now();
  while (!stop.stop_requested()) {
    auto polled = poll(stop);
    if (!polled) {
      if (polled.error().code != base::ErrorCode::kInterrupted) return polled;
      if (!is_undecided_) return {};
      return base::fail(base::ErrorCode::kInterrupted,
                        "stopped before Kafka said whether the last rows are in",
                        polled.error().cause,
                        "start the poller again: it finds out, and sends them if they are not");
    }
    ++stats_.polls;
    if (options_.count > 0 && stats_.polls >= options_.count) return {};
    const base::MonotonicTime now = world_.clock.monotonic_now();
    due = std::max(due + options_.every, now);  // no burst after a long answer
    if (due > now) world_.wait(due - now, stop);
  }
  return {};
}

}  // namespace ticklake::feed
