#pragma once

#include "broker/group/topic_view.h"
#include "broker/log/log_folder.h"

namespace ticklake::broker {

/// The topics of a data folder, for the group coordinator.
class LogTopics final : public TopicView {
 public:
  /// `logs` must outlive it.
  explicit LogTopics(LogFolder& logs) : logs_(logs) {}

  std::optional<TopicInfo> find(std::string_view name) const override;
  std::optional<std::string> name_of(const base::Uuid& id) const override;
  void visit(const std::function<void(const std::string& name)>& visitor) const override;

 private:
  LogFolder& logs_;
};

}  // namespace ticklake::broker
