#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "clients.h"

namespace ticklake::sim {

/// How topics and others are called that come and go.
inline constexpr std::string_view kMadePrefix = "made-";

/// Makes, changes and removes topics, ACLs, users, configs, quotas and groups, one at a time, and
/// asks again until it is answered: at any time it knows what there must be, and looks now and
/// then.
class Administrator {
 public:
  explicit Administrator(Surroundings& world) : world_(world), session_(world) {}
  void run();
  bool is_idle() const { return is_idle_; }
  /// Compares all that there is with what there must be.
  void check(const std::function<void()>& done);
  size_t change_count() const { return changes_; }

 private:
  enum class Kind : uint8_t { kTopic, kAcl, kUser, kConfig, kQuota, kGroup };
  static constexpr size_t kKinds = 6;
  /// Of one kind: a topic's partitions, an ACL's permission, a user's iterations, a config's value,
  /// what a user may send a second, a group's offset.
  using Things = std::map<std::string, int32_t>;
  struct Change {
    Kind kind = Kind::kTopic;
    std::string name;
    std::optional<int32_t> value;  ///< none: it goes
    bool is_more = false;          ///< of a topic: partitions are added
    bool is_repeated = false;      ///< an earlier attempt may have done it
  };

  void change();
  void send(const Change& change);
  void send_topic(const Change& change);
  void send_acl(const Change& change);
  void send_user(const Change& change);
  void send_config(const Change& change);
  void send_quota(const Change& change);
  void send_group(const Change& change);
  /// `if_done_before` is what it is told where an earlier attempt did it.
  template <typename Request, typename ErrorOf>
  void ask(const Change& change, const Request& request, int16_t version, ErrorOf error_of,
           kafka::ErrorCode if_done_before = kafka::ErrorCode::kNone);
  void settle(Change change, std::optional<kafka::ErrorCode> error);
  /// Who is not answered asks again.
  template <typename Request, typename ThingsOf>
  void ask_what_there_is(const Request& request, int16_t version, ThingsOf things_of,
                         std::function<void(Things)> found);
  void look(Kind kind, const std::function<void(Things)>& found);
  void check_from(size_t kind, const std::function<void()>& done);

  Surroundings& world_;
  Session session_;
  std::array<Things, kKinds> expected_;
  size_t changes_ = 0;
  bool is_idle_ = false;
};

}  // namespace ticklake::sim
