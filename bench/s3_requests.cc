#include "bench/s3_requests.h"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aws/percent_encoding.h"
#include "base/clock.h"

namespace ticklake::bench {
namespace {

constexpr std::string_view kRegion = "us-east-1";

std::string text_between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t from = text.find(begin);
  if (from == std::string_view::npos) return {};
  const size_t first = from + begin.size();
  return std::string(text.substr(first, text.find(end, first) - first));
}

std::string unescaped(std::string text) {
  constexpr std::array<std::pair<std::string_view, char>, 6> kEntities{{{"&lt;", '<'},
                                                                        {"&gt;", '>'},
                                                                        {"&quot;", '"'},
                                                                        {"&#34;", '"'},
                                                                        {"&#39;", '\''},
                                                                        {"&amp;", '&'}}};
  for (const auto& [name, sign] : kEntities) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
      text.replace(at, name.size(), 1, sign);
  }
  return text;
}

}  // namespace

S3Requests::S3Requests(std::string address, std::string bucket, aws::Credentials credentials)
    : address_(std::move(address)),
      bucket_(std::move(bucket)),
      credentials_(std::move(credentials)) {}

std::string S3Requests::sign(std::string_view method, const std::string& target,
                             std::string_view sha256, std::optional<uint64_t> length,
                             const std::string& range) const {
  std::vector<aws::HeaderField> fields{{"host", address_}};
  const std::string length_text = length ? std::to_string(*length) : "";
  if (length) fields.push_back({"content-length", length_text});
  if (!range.empty()) fields.push_back({"range", range});
  const auto added = aws::sign_v4({method, target, fields}, credentials_, kRegion, aws::kS3Service,
                                  sha256, base::SystemClock().wall_now());
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  for (const aws::HeaderField& field : fields)
    head += fmt::format("{}: {}\r\n", field.name, field.value);
  for (const auto& [name, value] : added)
    head += fmt::format("{}: {}\r\n", name, value);
  return head += "\r\n";
}

std::string S3Requests::put(std::string_view key, std::string_view body_sha256,
                            uint64_t bytes) const {
  return sign("PUT", fmt::format("/{}/{}", bucket_, key), body_sha256, bytes);
}

std::string S3Requests::get(std::string_view key) const {
  return sign("GET", fmt::format("/{}/{}", bucket_, key), aws::kEmptySha256, std::nullopt);
}

std::string S3Requests::get(std::string_view key, uint64_t first, uint64_t bytes) const {
  return sign("GET", fmt::format("/{}/{}", bucket_, key), aws::kEmptySha256, std::nullopt,
              fmt::format("bytes={}-{}", first, first + bytes - 1));
}

std::string S3Requests::list(std::string_view prefix, std::string_view start_after,
                             std::string_view token) const {
  std::string query;
  if (!token.empty()) query += "continuation-token=" + aws::percent_encoded(token) + "&";
  query += "list-type=2&max-keys=1000&prefix=" + aws::percent_encoded(prefix);
  if (!start_after.empty() && token.empty())
    query += "&start-after=" + aws::percent_encoded(start_after);
  return sign("GET", fmt::format("/{}?{}", bucket_, query), aws::kEmptySha256, std::nullopt);
}

std::string numbered_key(std::string_view prefix, size_t number) {
  return fmt::format("{}{:08}", prefix, number);
}

ListedPage read_page(std::string_view xml) {
  ListedPage page;
  constexpr std::string_view kKey = "<Key>";
  for (size_t at = xml.find(kKey); at != std::string_view::npos; at = xml.find(kKey, at + 1))
    ++page.keys;
  page.next_token =
      unescaped(text_between(xml, "<NextContinuationToken>", "</NextContinuationToken>"));
  return page;
}

}  // namespace ticklake::bench
