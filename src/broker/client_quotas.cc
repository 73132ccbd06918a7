#include "broker/client_quotas.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/base64.h"

namespace ticklake::broker {
namespace {

constexpr std::string_view kFirstLine = "ticklake client-quotas 1";
constexpr uint64_t kFileBytesMax = uint64_t{16} << 20;
/// Whose rates are known at a time; more are forgotten once they were silent for a while.
constexpr size_t kUsagesMax = 10'000;
constexpr double kNanosecondsPerPercent = 1e7;  // of a second
/// A client whose requests take too long is told to be silent no longer than that at a time.
constexpr std::chrono::milliseconds kRequestThrottleMax{1000};

/// In the order of QuotaKind.
constexpr std::array<std::string_view, 3> kNames{"producer_byte_rate", "consumer_byte_rate",
                                                 "request_percentage"};

std::string_view take_word(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::string text_of(const QuotaEntity::Part& part) {
  if (!part.is_given) return "-";
  return part.name ? "=" + base::to_base64(base::as_bytes(*part.name)) : "default";
}

std::optional<QuotaEntity::Part> parse_part(std::string_view text) {
  if (text == "-") return QuotaEntity::Part{};
  if (text == "default") return QuotaEntity::Part{true, std::nullopt};
  if (!text.starts_with("=")) return std::nullopt;
  const auto name = base::from_base64(text.substr(1));
  if (!name) return std::nullopt;
  return QuotaEntity::Part{true, std::string(base::as_text(*name))};
}

/// One line without its end.
std::optional<ClientQuotas::Change> parse_line(std::string_view line) {
  if (take_word(line) != "quota") return std::nullopt;
  const auto user = parse_part(take_word(line));
  const auto client_id = parse_part(take_word(line));
  const auto kind = find_quota_kind(take_word(line));
  double value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  const bool is_number = error == std::errc{} && end == line.data() + line.size() && value > 0;
  if (!user || !client_id || !kind || !is_number) return std::nullopt;
  return ClientQuotas::Change{{*user, *client_id}, *kind, value};
}

void change(std::map<QuotaEntity, ClientQuotas::Values>& quotas,
            const ClientQuotas::Change& change) {
  if (change.value) {
    quotas[change.entity][change.kind] = *change.value;
    return;
  }
  const auto found = quotas.find(change.entity);
  if (found == quotas.end()) return;
  found->second.erase(change.kind);
  if (found->second.empty()) quotas.erase(found);
}

}  // namespace

std::optional<QuotaKind> find_quota_kind(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<QuotaKind>(found - kNames.begin());
}

std::string_view name_of(QuotaKind kind) { return kNames[static_cast<size_t>(kind)]; }

base::Result<void> ClientQuotas::open(base::FileSystem& files, const base::Path& folder) {
  files_ = &files;
  path_ = folder / kFileName;
  TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files, path_, kFileBytesMax));
  return text ? parse(*text) : base::Result<void>();
}

base::Result<void> ClientQuotas::parse(std::string_view text) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto quota = number == 1 ? std::nullopt : parse_line(line);
    if (quota) change(quotas_, *quota);
    if (quota || (number == 1 && line == kFirstLine)) continue;
    return base::fail(base::ErrorCode::kCorrupt, path_.string() + " cannot be read",
                      "line " + std::to_string(number) + " is not as it was written",
                      "restore the file, or remove it and set the quotas again");
  }
  return {};
}

std::string ClientQuotas::text() const {
  std::string text(kFirstLine);
  text += '\n';
  for (const auto& [entity, values] : quotas_) {
    for (const auto& [kind, value] : values) {
      std::array<char, 64> number{};
      const auto end = std::to_chars(number.data(), number.data() + number.size(), value).ptr;
      text += "quota " + text_of(entity.user) + " " + text_of(entity.client_id) + " ";
      text.append(name_of(kind)).append(" ").append(number.data(), end).append("\n");
    }
  }
  return text;
}

base::Result<void> ClientQuotas::apply(const std::vector<Change>& changes) {
  const std::map<QuotaEntity, Values> before = quotas_;
  for (const Change& one : changes)
    change(quotas_, one);
  usage_.clear();  // what was counted for an entity may count for another one now
  if (!files_) return {};
  auto written = base::replace_text(*files_, path_, text());
  if (!written) quotas_ = before;
  return written;
}

std::optional<std::pair<double, QuotaEntity>> ClientQuotas::find(
    QuotaKind kind, const std::string& user, const std::string& client_id) const {
  using Part = QuotaEntity::Part;
  const Part is_user{true, user}, is_client{true, client_id}, any{true, std::nullopt}, none{};
  const QuotaEntity both{is_user, is_client}, user_only{is_user, none},
      client_only{none, is_client};
  // KIP-55: from the most particular to the most general; whose amounts are added up beside it.
  const std::array<std::pair<QuotaEntity, const QuotaEntity&>, 8> order{{
      {both, both},
      {{is_user, any}, both},
      {user_only, user_only},
      {{any, is_client}, both},
      {{any, any}, both},
      {{any, none}, user_only},
      {client_only, client_only},
      {{none, any}, client_only},
  }};
  for (const auto& [entity, whose] : order) {
    const auto found = quotas_.find(entity);
    if (found == quotas_.end()) continue;
    const auto value = found->second.find(kind);
    if (value != found->second.end()) return std::pair(value->second, whose);
  }
  return std::nullopt;
}

std::chrono::milliseconds ClientQuotas::record(QuotaKind kind, const std::string& user,
                                               const std::string& client_id, double amount) {
  const auto limit = find(kind, user, client_id);
  if (!limit) return {};
  const auto now = clock_.monotonic_now().time_since_epoch();
  const int64_t number = now / window_.sample;
  if (usage_.size() >= kUsagesMax) forget_idle(number);
  Usage& usage = usage_[{kind, limit->second}];
  usage.samples.resize(window_.samples);
  Usage::Sample& current = usage.samples[static_cast<size_t>(number) % window_.samples];
  if (current.number != number) current = {number, 0};
  current.amount += amount;
  usage.last_sample = number;

  double sum = 0;
  for (const Usage::Sample& sample : usage.samples) {
    if (sample.number > number - static_cast<int64_t>(window_.samples)) sum += sample.amount;
  }
  // The window is the samples before this one and what has passed of it; a whole one at least.
  const std::chrono::duration<double> sample = window_.sample;
  const std::chrono::duration<double> within = now - number * window_.sample;
  const double window = std::max(
      static_cast<double>(window_.samples - 1) * sample.count() + within.count(), sample.count());
  const double unit = kind == QuotaKind::kRequestPercent ? kNanosecondsPerPercent : 1;
  const double rate = sum / unit / window;
  if (rate <= limit->first) return {};
  const double pause_ms = std::min((rate - limit->first) / limit->first * window * 1000, 1e9);
  const auto pause = std::chrono::milliseconds(static_cast<int64_t>(std::lround(pause_ms)));
  return kind == QuotaKind::kRequestPercent ? std::min(pause, kRequestThrottleMax) : pause;
}

void ClientQuotas::forget_idle(int64_t sample) {
  std::erase_if(usage_, [&](const auto& entry) {
    return entry.second.last_sample < sample - static_cast<int64_t>(window_.samples);
  });
}

}  // namespace ticklake::broker
