#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace ticklake::aws {

// Messages of AWS's JSON services are described once, by a function beside the struct:
//
//     template <typename Members, typename M>
//     requires IsMessage<M, StopQuery>
//     void describe(Members& members, M& message) { members.text("QueryExecutionId", message.id); }
//
// The endpoint that serves an operation and the client that calls it read and write by it:
// MessageWriter makes JSON of a message, catalog::MessageReader a message of JSON. What a member
// is, they have in common:
//
//   text           must be there        text_or_empty  left out if empty
//   optional_text  null is left out     kept_text      always written, may be absent
//   integer        always written, 0 if absent; optional_integer, boolean, time, optional_time
//   texts          left out if empty    list           of messages, always written
//   object         a message, always written           optional_object  null is left out
//   map            of texts, left out if empty

/// Whether M is a message of this type, to be written (const) or read.
template <typename M, typename Message>
concept IsMessage = std::is_same_v<std::remove_const_t<M>, Message>;

/// How long a text may be, in bytes; for those who serve.
struct MemberLimits {
  size_t min = 0;
  size_t max = SIZE_MAX;
};

/// Seconds since 1970 with milliseconds, as the JSON protocol has times.
inline nlohmann::json seconds_json(base::WallTime time) {
  return static_cast<double>(base::to_unix_ms(time)) / 1'000;
}

/// Makes JSON of a message. Absent members are left out, never null.
class MessageWriter {
 public:
  template <typename Message>
  static nlohmann::json write(const Message& message) {
    MessageWriter writer;
    describe(writer, message);
    return std::move(writer.json_);
  }

  void text(const char* name, const std::string& text, MemberLimits = {}) { json_[name] = text; }
  void kept_text(const char* name, const std::string& text) { json_[name] = text; }
  void text_or_empty(const char* name, const std::string& text, MemberLimits = {}) {
    if (!text.empty()) json_[name] = text;
  }
  void optional_text(const char* name, const std::optional<std::string>& text) {
    if (text) json_[name] = *text;
  }
  void integer(const char* name, int64_t number) { json_[name] = number; }
  void optional_integer(const char* name, const std::optional<int64_t>& number, int64_t = 0,
                        int64_t = INT64_MAX) {
    if (number) json_[name] = *number;
  }
  void boolean(const char* name, bool value) { json_[name] = value; }
  void time(const char* name, base::WallTime time) { json_[name] = seconds_json(time); }
  void optional_time(const char* name, const std::optional<base::WallTime>& time) {
    if (time) json_[name] = seconds_json(*time);
  }
  void texts(const char* name, const std::vector<std::string>& texts, MemberLimits = {},
             size_t = SIZE_MAX) {
    if (!texts.empty()) json_[name] = texts;
  }
  template <typename Map>
  void map(const char* name, const Map& map) {
    if (!map.empty()) json_[name] = map;
  }
  template <typename Message>
  void object(const char* name, const Message& message) {
    json_[name] = write(message);
  }
  template <typename Message>
  void optional_object(const char* name, const std::optional<Message>& message) {
    if (message) json_[name] = write(*message);
  }
  template <typename Message>
  void list(const char* name, const std::vector<Message>& messages, size_t = SIZE_MAX) {
    nlohmann::json& list = json_[name] = nlohmann::json::array();
    for (const Message& message : messages)
      list.push_back(write(message));
  }

 private:
  nlohmann::json json_ = nlohmann::json::object();
};

}  // namespace ticklake::aws
