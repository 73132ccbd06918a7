#include "feed/poll_state.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "base/assert.h"
#include "base/base64.h"

namespace ticklake::feed {
namespace {

constexpr std::string_view kSeenPrefix = "seen/";
constexpr int kVersion = 1;

struct Chunk {
  uint64_t number = 0;
  base::Bytes ids;
};

std::string chunk_to_json(uint64_t number, base::ByteView ids) {
  return fmt::format(R"({{"version":{},"chunk":{},"ids":"{}"}})", kVersion, number,
                     base::to_base64(ids));
}

std::optional<Chunk> chunk_from_json(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
  if (!parsed.is_object() || parsed.value("version", nlohmann::json()) != kVersion)
    return std::nullopt;
  const nlohmann::json number = parsed.value("chunk", nlohmann::json());
  const nlohmann::json text = parsed.value("ids", nlohmann::json());
  if (!number.is_number_unsigned() || !text.is_string()) return std::nullopt;
  auto ids = base::from_base64(text.get_ref<const std::string&>());
  constexpr size_t kBytesMax = SeenRows::kChunkIds * sizeof(RowId);
  if (!ids || ids->size() % sizeof(RowId) != 0 || ids->size() > kBytesMax) return std::nullopt;
  return Chunk{number.get<uint64_t>(), std::move(*ids)};
}

}  // namespace

RowId RowId::of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done =
      EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  TICKLAKE_ASSERT(done == 1 && size >= sizeof(RowId));
  RowId id;
  std::memcpy(id.bytes.data(), digest.data(), sizeof id);
  return id;
}

size_t RowIdHash::operator()(const RowId& id) const {
  size_t hash = 0;
  std::memcpy(&hash, id.bytes.data(), sizeof hash);
  return hash;
}

SeenRows::SeenRows(size_t count_max) : count_max_(count_max) { TICKLAKE_ASSERT(count_max > 0); }

void SeenRows::append(const RowId& id) {
  positions_[id] = head();
  ids_.push_back(id);
  if (ids_.size() <= count_max_) return;
  const auto oldest = positions_.find(ids_.front());
  if (oldest != positions_.end() && oldest->second == begin_) positions_.erase(oldest);
  ids_.pop_front();
  ++begin_;
}

void SeenRows::add(std::span<const RowId> more) {
  for (const RowId& id : more)
    append(id);
}

bool SeenRows::is_old(const RowId& id) const {
  const auto found = positions_.find(id);
  return found != positions_.end() && head() - found->second > count_max_ / 2;
}

base::Result<void> SeenRows::load(const std::map<std::string, std::string>& records,
                                  uint64_t head) {
  std::map<uint64_t, base::Bytes> chunks;
  for (const auto& [key, value] : records) {
    if (!std::string_view(key).starts_with(kSeenPrefix)) continue;
    auto chunk = chunk_from_json(value);
    if (!chunk) {
      return base::fail(base::ErrorCode::kCorrupt, "the record '" + key + "' does not read back");
    }
    // After a change of count_max two slots can hold one chunk; the longer is the newer.
    base::Bytes& known = chunks[chunk->number];
    if (chunk->ids.size() > known.size()) known = std::move(chunk->ids);
  }
  const uint64_t first = head > count_max_ ? head - count_max_ : 0;
  begin_ = first;
  for (const auto& [number, ids] : chunks) {
    const size_t count = ids.size() / sizeof(RowId);
    for (size_t i = 0; i < count; ++i) {
      if (number > head / kChunkIds) break;
      const uint64_t position = number * kChunkIds + i;
      if (position < first || position >= head) continue;
      RowId id;
      std::memcpy(id.bytes.data(), ids.data() + i * sizeof id, sizeof id);
      while (this->head() < position)
        append(RowId{});  // lost to a smaller count_max of before: nobody's id
      append(id);
    }
  }
  if (this->head() == head) return {};
  return base::fail(base::ErrorCode::kCorrupt,
                    fmt::format("of {} ids of rows {} are there", head, this->head()));
}

std::vector<StateRecord> SeenRows::records_with(std::span<const RowId> more) const {
  std::vector<StateRecord> records;
  if (more.empty()) return records;
  const uint64_t slots = count_max_ / kChunkIds + 2;
  const uint64_t end = head() + more.size();
  const auto id_at = [&](uint64_t position) {
    if (position >= head()) return more[position - head()];
    return position >= begin_ ? ids_[position - begin_] : RowId{};
  };
  for (uint64_t number = head() / kChunkIds; number * kChunkIds < end; ++number) {
    base::Bytes bytes;
    for (uint64_t at = number * kChunkIds; at < std::min(end, (number + 1) * kChunkIds); ++at) {
      const RowId id = id_at(at);
      bytes.insert(bytes.end(), id.bytes.begin(), id.bytes.end());
    }
    // With their number in its name, slots of another count_max are not overwritten too early.
    records.emplace_back(fmt::format("{}{}/{}", kSeenPrefix, slots, number % slots),
                         chunk_to_json(number, bytes));
  }
  return records;
}

std::string position_to_json(const PollPosition& position, uint64_t head) {
  const nlohmann::json json = {{"version", kVersion},
                               {"source", position.source},
                               {"parameters", position.parameters},
                               {"cursor", position.cursor},
                               {"next", position.next},
                               {"pages", position.pages},
                               {"complete", position.is_complete},
                               {"passed", position.has_passed},
                               {"answered", position.has_answered},
                               {"etag", position.etag},
                               {"last_modified", position.last_modified},
                               {"rows_sent", position.rows_sent},
                               {"rows_seen", head}};
  // What came from outside may be no UTF-8 (a header): such bytes are replaced.
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<std::pair<PollPosition, uint64_t>> position_from_json(std::string_view text) {
  const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object() || json.value("version", nlohmann::json()) != kVersion) return std::nullopt;
  const nlohmann::json empty;
  const auto is_number = [&](const char* name) {
    return json.value(name, empty).is_number_unsigned();
  };
  for (const char* name : {"source", "parameters", "cursor", "next", "etag", "last_modified"}) {
    if (!json.value(name, empty).is_string()) return std::nullopt;
  }
  for (const char* name : {"complete", "passed", "answered"}) {
    if (!json.value(name, empty).is_boolean()) return std::nullopt;
  }
  if (!is_number("rows_sent") || !is_number("rows_seen") || !is_number("pages"))
    return std::nullopt;
  PollPosition position{.parameters = json["parameters"].get<std::string>(),
                        .source = json["source"].get<std::string>(),
                        .cursor = json["cursor"].get<std::string>(),
                        .next = json["next"].get<std::string>(),
                        .pages = json["pages"].get<uint64_t>(),
                        .is_complete = json["complete"].get<bool>(),
                        .has_passed = json["passed"].get<bool>(),
                        .has_answered = json["answered"].get<bool>(),
                        .etag = json["etag"].get<std::string>(),
                        .last_modified = json["last_modified"].get<std::string>(),
                        .rows_sent = json["rows_sent"].get<uint64_t>()};
  return std::pair(std::move(position), json["rows_seen"].get<uint64_t>());
}

}  // namespace ticklake::feed
