#include "broker/group/topic_pattern.h"

#include <utility>

#include <re2/re2.h>

namespace ticklake::broker {
namespace {

constexpr size_t kPatternBytesMax = 4096;
constexpr int64_t kPatternMemoryMax = 1 << 20;

}  // namespace

TopicPattern::TopicPattern(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}
TopicPattern::TopicPattern(TopicPattern&&) noexcept = default;
TopicPattern& TopicPattern::operator=(TopicPattern&&) noexcept = default;
TopicPattern::~TopicPattern() = default;

base::Result<TopicPattern> TopicPattern::parse(const std::string& text) {
  if (text.size() > kPatternBytesMax) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "a pattern may have " + std::to_string(kPatternBytesMax) + " bytes");
  }
  re2::RE2::Options options;
  options.set_max_mem(kPatternMemoryMax);
  options.set_log_errors(false);
  auto regex = std::make_unique<re2::RE2>(text, options);
  if (!regex->ok()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "'" + text + "' is no regular expression: " + regex->error());
  }
  return TopicPattern(std::move(regex));
}

bool TopicPattern::matches(std::string_view topic) const {
  return re2::RE2::FullMatch(re2::StringPiece(topic.data(), topic.size()), *regex_);
}

}  // namespace ticklake::broker
