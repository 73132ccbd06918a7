#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "clients.h"

namespace ticklake::sim {

/// Makes, changes and removes topics, ACLs, users and configs, one at a time, and asks again until
/// it is answered: at any time it knows what there must be, and looks now and then.
class Administrator {
 public:
  explicit Administrator(Surroundings& world) : world_(world), session_(world) {}
  void run();
  bool is_idle() const { return is_idle_; }
  /// Compares all that there is with what there must be.
  void check(std::function<void()> done);
  size_t change_count() const { return changes_; }

 private:
  enum class Kind : uint8_t { kTopic, kAcl, kUser, kConfig };
  static constexpr size_t kKinds = 4;
  /// Of one kind: a topic's partitions, an ACL's permission, a user's iterations, a config's value.
  using Things = std::map<std::string, int32_t>;
  struct Change {
    Kind kind = Kind::kTopic;
    std::string name;
    std::optional<int32_t> value;  ///< none: it goes
    bool is_repeated = false;      ///< an earlier attempt may have done it
  };

  void change();
  void send(const Change& change);
  void send_topic(const Change& change);
  void send_acl(const Change& change);
  void send_user(const Change& change);
  void send_config(const Change& change);
  /// `if_done_before` is what it is told where an earlier attempt did it.
  template <typename Request, typename ErrorOf>
  void ask(const Change& change, const Request& request, int16_t version, ErrorOf error_of,
           kafka::ErrorCode if_done_before = kafka::ErrorCode::kNone);
  void settle(Change change, std::optional<kafka::ErrorCode> error);
  void look(Kind kind, std::function<void(Things)> found);
  void check_from(size_t kind, const std::function<void()>& done);

  Surroundings& world_;
  Session session_;
  std::array<Things, kKinds> expected_;
  size_t changes_ = 0;
  bool is_idle_ = false;
};

}  // namespace ticklake::sim
