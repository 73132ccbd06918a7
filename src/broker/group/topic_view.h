#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace ticklake::broker {

struct TopicInfo {
  base::Uuid id;
  int32_t partitions = 0;
};

/// The topics that there are, as the group coordinator sees them.
class TopicView {
 public:
  virtual ~TopicView() = default;

  /// None if there is no such topic.
  virtual std::optional<TopicInfo> find(std::string_view name) const = 0;
  /// None if there is no topic of that id.
  virtual std::optional<std::string> name_of(const base::Uuid& id) const = 0;
  /// All but internal ones, by name.
  virtual void visit(const std::function<void(const std::string& name)>& visitor) const = 0;
};

}  // namespace ticklake::broker
