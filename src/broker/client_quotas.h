#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"

namespace ticklake::broker {

/// What a quota holds down.
enum class QuotaKind : uint8_t {
  kProduceBytes,    ///< producer_byte_rate: bytes of Produce requests a second
  kFetchBytes,      ///< consumer_byte_rate: bytes of Fetch responses a second
  kRequestPercent,  ///< request_percentage: of the time of the broker's one thread
};

/// Kafka's names of them.
std::optional<QuotaKind> find_quota_kind(std::string_view name);
std::string_view name_of(QuotaKind kind);

/// Whom a quota is for: a user, a client id, or both, each by name or as the default.
struct QuotaEntity {
  struct Part {
    bool is_given = false;
    std::optional<std::string> name = {};  ///< none: the default
    auto operator<=>(const Part&) const = default;
  };
  Part user = {};
  Part client_id = {};
  auto operator<=>(const QuotaEntity&) const = default;
};

/// Over how many samples of how long a rate is taken: Kafka's quota.window.num and
/// quota.window.size.seconds.
struct QuotaWindow {
  size_t samples = 11;
  std::chrono::seconds sample{1};
};

/// Client quotas as Kafka has them (KIP-13, KIP-55, KIP-124, KIP-546): the most particular entity
/// that fits a client counts, rates are those of a window of some seconds, and who is above is told
/// for how long to be silent, which his connection is then held to. On disk in one file. One
/// thread.
class ClientQuotas {
 public:
  using Values = std::map<QuotaKind, double>;
  struct Change {
    QuotaEntity entity;
    QuotaKind kind;
    std::optional<double> value;  ///< none: it is removed
  };
  static constexpr std::string_view kFileName = "client-quotas";

  /// Empty, and in memory only, until it is opened.
  explicit ClientQuotas(const base::Clock& clock, QuotaWindow window = {})
      : clock_(clock), window_(window) {}

  /// Reads what is in `folder`, where changes go from now on. kCorrupt names a line that does not
  /// read.
  base::Result<void> open(base::FileSystem& files, const base::Path& folder);
  /// All of them or none; on disk when it returns.
  base::Result<void> apply(const std::vector<Change>& changes);
  const std::map<QuotaEntity, Values>& all() const { return quotas_; }
  bool is_empty() const { return quotas_.empty(); }

  /// Counts bytes, or for kRequestPercent nanoseconds, and says for how long that client has to be
  /// silent to come down to his quota; zero where he is within it or has none.
  std::chrono::milliseconds record(QuotaKind kind, const std::string& user,
                                   const std::string& client_id, double amount);

 private:
  struct Usage {
    struct Sample {
      int64_t number = -1;  ///< since the clock began
      double amount = 0;
    };
    std::vector<Sample> samples;
    int64_t last_sample = 0;
  };
  struct UsageKey {
    QuotaKind kind;
    QuotaEntity whose;
    auto operator<=>(const UsageKey&) const = default;
  };

  /// The limit that counts, and whose amounts count towards it.
  std::optional<std::pair<double, QuotaEntity>> find(QuotaKind kind, const std::string& user,
                                                     const std::string& client_id) const;
  void forget_idle(int64_t sample);
  base::Result<void> parse(std::string_view text);
  std::string text() const;

  const base::Clock& clock_;
  QuotaWindow window_;
  base::FileSystem* files_ = nullptr;
  base::Path path_;
  std::map<QuotaEntity, Values> quotas_;
  std::map<UsageKey, Usage> usage_;
};

}  // namespace ticklake::broker
