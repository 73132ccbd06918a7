#include "broker/log/checkpoints.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace ticklake::broker {
namespace {

constexpr uint64_t kCheckpointBytesMax = uint64_t{64} << 20;

base::Result<std::string> read_if_there(base::FileSystem& files, const base::Path& path) {
  TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files, path, kCheckpointBytesMax));
  return text.value_or("");
}

tl::unexpected<base::Error> corrupt(const base::Path& path) {
  return base::fail(base::ErrorCode::kCorrupt, "checkpoint " + path.string() + " does not read",
                    "it is not in Kafka's format, version 0");
}

}  // namespace

base::Result<OffsetCheckpoint> read_offset_checkpoint(base::FileSystem& files,
                                                      const base::Path& path) {
  OffsetCheckpoint checkpoint;
  TICKLAKE_ASSIGN(const std::string text, read_if_there(files, path));
  if (text.empty()) return checkpoint;
  std::istringstream lines(text);
  int version = -1;
  size_t count = 0;
  if (!(lines >> version >> count) || version != 0) return corrupt(path);
  for (size_t i = 0; i < count; ++i) {
    std::string topic;
    int32_t partition = 0;
    int64_t offset = 0;
    if (!(lines >> topic >> partition >> offset)) return corrupt(path);
    checkpoint[{topic, partition}] = offset;
  }
  return checkpoint;
}

base::Result<void> write_offset_checkpoint(base::FileSystem& files, const base::Path& path,
                                           const OffsetCheckpoint& checkpoint) {
  std::string text = fmt::format("0\n{}\n", checkpoint.size());
  for (const auto& [partition, offset] : checkpoint) {
    text += fmt::format("{} {} {}\n", partition.first, partition.second, offset);
  }
  return base::replace_text(files, path, text);
}

base::Result<LeaderEpochs> LeaderEpochs::read(base::FileSystem& files, const base::Path& path) {
  LeaderEpochs epochs;
  TICKLAKE_ASSIGN(const std::string text, read_if_there(files, path));
  if (text.empty()) return epochs;
  std::istringstream lines(text);
  int version = -1;
  size_t count = 0;
  if (!(lines >> version >> count) || version != 0) return corrupt(path);
  for (size_t i = 0; i < count; ++i) {
    Entry entry{};
    if (!(lines >> entry.epoch >> entry.start_offset)) return corrupt(path);
    epochs.entries_.push_back(entry);
  }
  return epochs;
}

base::Result<void> LeaderEpochs::write(base::FileSystem& files, const base::Path& path) const {
  std::string text = fmt::format("0\n{}\n", entries_.size());
  for (const Entry& entry : entries_)
    text += fmt::format("{} {}\n", entry.epoch, entry.start_offset);
  return base::replace_text(files, path, text);
}

bool LeaderEpochs::assign(int32_t epoch, int64_t offset) {
  if (epoch <= latest()) return false;
  truncate(offset);
  entries_.push_back({epoch, offset});
  return true;
}

void LeaderEpochs::truncate(int64_t offset) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.start_offset >= offset; });
}

bool LeaderEpochs::truncate_front(int64_t offset) {
  const auto after = std::partition_point(entries_.begin(), entries_.end(),
                                          [&](const Entry& e) { return e.start_offset <= offset; });
  if (after == entries_.begin()) return false;
  const auto holding = std::prev(after);
  if (holding == entries_.begin() && holding->start_offset == offset) return false;
  entries_.erase(entries_.begin(), holding);
  entries_.front().start_offset = offset;
  return true;
}

LeaderEpochs::End LeaderEpochs::end_of(int32_t epoch, int32_t current_epoch,
                                       int64_t log_end_offset) const {
  if (epoch < 0 || epoch > current_epoch) return {};
  if (epoch == current_epoch || epoch == latest()) return {epoch, log_end_offset};
  const auto higher = std::partition_point(entries_.begin(), entries_.end(),
                                           [&](const Entry& e) { return e.epoch <= epoch; });
  // Epochs without a batch have no entry: the current one begins where the log ends.
  if (higher == entries_.end()) return {latest() < 0 ? epoch : latest(), log_end_offset};
  if (higher == entries_.begin()) return {epoch, higher->start_offset};
  return {std::prev(higher)->epoch, higher->start_offset};
}

int32_t LeaderEpochs::epoch_at(int64_t offset) const {
  const auto after = std::partition_point(entries_.begin(), entries_.end(),
                                          [&](const Entry& e) { return e.start_offset <= offset; });
  return after == entries_.begin() ? -1 : std::prev(after)->epoch;
}

}  // namespace ticklake::broker
