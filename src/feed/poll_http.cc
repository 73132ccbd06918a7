#include "feed/poll_http.h"

#include <algorithm>
#include <charconv>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/split.h"
#include "base/trim.h"

namespace ticklake::feed {
namespace {

constexpr std::chrono::milliseconds kBackOffFirst{500};
constexpr size_t kSecretBytesMin = 4;  // shorter ones would blot out words

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// RFC 9110's token.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void blot_out(std::string& text, std::string_view secret) {
  if (secret.size() < kSecretBytesMin) return;
  for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
    text.replace(at, secret.size(), "***");
}

std::optional<base::WallTime> http_date(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  constexpr time_t kLatest = 4'102'444'800;  // the year 2100; nanoseconds hold it
  return base::WallTime{std::chrono::seconds(std::min(seconds, kLatest))};
}

}  // namespace

std::string PollSecrets::without_secrets(std::string text) const {
  for (const std::string& header : headers) {
    const std::string_view value =
        base::trimmed(std::string_view(header).substr(header.find(':') + 1));
    blot_out(text, value);
    for (const std::string_view part : base::split(value, ' '))
      blot_out(text, part);  // the key of "Bearer KEY"
  }
  for (const auto& [name, value] : parameters) {
    blot_out(text, value);
    blot_out(text, base::url_encoded(value));
  }
  return text;
}

base::Result<PollSecrets> parse_poll_secrets(std::string_view text, const std::string& file) {
  PollSecrets secrets;
  size_t number = 0;
  for (std::string_view line : base::split(text, '\n')) {
    ++number;
    line = base::trimmed(line, " \t\r");
    if (line.empty() || line.starts_with('#')) continue;
    const bool is_parameter = line.starts_with('?');
    if (is_parameter) line.remove_prefix(1);
    const size_t colon = line.find(':');
    const std::string_view name = base::trimmed(line.substr(0, colon));
    const std::string_view value =
        colon == std::string_view::npos ? "" : base::trimmed(line.substr(colon + 1));
    if (value.empty() || !is_token(name) || has_control_character(value)) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("line {} of {} is no header", number, file), "",
                        "write one a line: Name: value; a parameter of the address: ?name: value");
    }
    if (is_parameter) {
      secrets.parameters.emplace_back(name, value);
    } else {
      secrets.headers.push_back(fmt::format("{}: {}", name, value));
    }
  }
  return secrets;
}

Verdict judge(int status) {
  if (status >= 200 && status < 300) return Verdict::kRows;
  if (status == 304) return Verdict::kUnchanged;
  if (status == 408 || status == 429 || status >= 500) return Verdict::kAgain;
  return Verdict::kRefused;
}

namespace {

/// The value of one link's parameter, which begins at `at`; `at` moves behind it.
std::string parameter_value(std::string_view text, size_t& at) {
  std::string value;
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      value += text[at];
    }
    if (at < text.size()) ++at;
    return value;
  }
  const size_t end = std::min(text.find_first_of(";, \t", at), text.size());
  value = text.substr(at, end - at);
  at = end;
  return value;
}

/// Whether the parameters from `at` on, up to the next link, say rel=next; `at` moves behind them.
bool says_next(std::string_view text, size_t& at) {
  bool is_next = false, has_rel = false;
  while (at < text.size() && text[at] != ',') {
    if (text[at] == ';' || text[at] == ' ' || text[at] == '\t') {
      ++at;
      continue;
    }
    const size_t end = std::min(text.find_first_of("=;,", at), text.size());
    const std::string name = lower(base::trimmed(text.substr(at, end - at)));
    at = end;
    if (at >= text.size() || text[at] != '=') continue;
    ++at;
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
      ++at;
    const std::string value = parameter_value(text, at);
    if (name != "rel" || has_rel) continue;  // of several, the first counts
    has_rel = true;
    for (const std::string_view relation : base::split(value, ' '))
      is_next |= lower(relation) == "next";
  }
  return is_next;
}

}  // namespace

std::optional<std::string> next_link(std::string_view header) {
  size_t at = 0;
  while ((at = header.find('<', at)) != std::string_view::npos) {
    const size_t end = header.find('>', at);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view address = header.substr(at + 1, end - at - 1);
    at = end + 1;
    if (says_next(header, at)) return std::string(address);
  }
  return std::nullopt;
}

std::optional<std::chrono::nanoseconds> retry_after(const base::HttpResponse& response,
                                                    base::WallTime now) {
  const auto found = response.headers.find("retry-after");
  if (found == response.headers.end()) return std::nullopt;
  const std::string text(base::trimmed(found->second));
  if (text.empty()) return std::nullopt;
  constexpr std::chrono::nanoseconds kMost = kRetryAfterMax;
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    int64_t seconds = 0;
    const auto error = std::from_chars(text.data(), text.data() + text.size(), seconds).ec;
    if (error != std::errc{}) return kMost;
    return std::min<std::chrono::nanoseconds>(
        std::chrono::seconds(std::min<int64_t>(seconds, kRetryAfterMax.count())), kMost);
  }
  const auto until = http_date(text);
  if (!until) return std::nullopt;
  const auto date = response.headers.find("date");
  const auto from = date == response.headers.end() ? std::nullopt : http_date(date->second);
  return std::clamp<std::chrono::nanoseconds>(*until - from.value_or(now),
                                              std::chrono::nanoseconds::zero(), kMost);
}

std::chrono::nanoseconds back_off(uint64_t failures, std::chrono::nanoseconds longest,
                                  base::Random& random) {
  constexpr uint64_t kDoublingsMax = 30;  // ten years; a longest wait is shorter
  const uint64_t doublings = std::min(failures > 0 ? failures - 1 : 0, kDoublingsMax);
  const std::chrono::nanoseconds wait = std::min<std::chrono::nanoseconds>(
      std::chrono::nanoseconds(kBackOffFirst) * (int64_t{1} << doublings), longest);
  const double part = 0.5 + random.uniform() / 2;
  return std::chrono::nanoseconds(static_cast<int64_t>(static_cast<double>(wait.count()) * part));
}

}  // namespace ticklake::feed
