#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/message_writer.h"
#include "catalog/json_reader.h"

namespace ticklake::catalog {

/// Makes a message of JSON, by its description: see aws/message_writer.h. What is wrong is in the
/// reader's problem(); a member that is absent leaves the message's as it is.
class MessageReader {
 public:
  template <typename Message>
  static void read(JsonReader& reader, Message& message) {
    MessageReader members(reader);
    describe(members, message);
  }

  void text(const char* name, std::string& text, aws::MemberLimits limits = {}) {
    text = reader_.text(name, {limits.min, limits.max});
  }
  void kept_text(const char* name, std::string& text) { text_or_empty(name, text); }
  void text_or_empty(const char* name, std::string& text, aws::MemberLimits limits = {}) {
    if (auto read = reader_.optional_text(name, {limits.min, limits.max})) text = std::move(*read);
  }
  void optional_text(const char* name, std::optional<std::string>& text) {
    text = reader_.optional_text(name, kAnyText);
  }
  void integer(const char* name, int64_t& number) {
    number = reader_.integer(name, INT64_MIN, INT64_MAX).value_or(number);
  }
  void optional_integer(const char* name, std::optional<int64_t>& number, int64_t min = 0,
                        int64_t max = INT64_MAX) {
    number = reader_.integer(name, min, max);
  }
  void boolean(const char* name, bool& value) { value = reader_.boolean(name).value_or(value); }
  void time(const char* name, base::WallTime& time) { time = reader_.time(name).value_or(time); }
  void optional_time(const char* name, std::optional<base::WallTime>& time) {
    time = reader_.time(name);
  }
  void texts(const char* name, std::vector<std::string>& texts, aws::MemberLimits limits = {},
             size_t count_max = SIZE_MAX) {
    texts = reader_.texts(name, {limits.min, limits.max}, count_max);
  }
  template <typename Map>
  void map(const char* name, Map& map) {
    map = reader_.map(name);
  }
  template <typename Message>
  void object(const char* name, Message& message) {
    if (const nlohmann::json* const value = reader_.object(name)) read_child(name, *value, message);
  }
  template <typename Message>
  void optional_object(const char* name, std::optional<Message>& message) {
    if (const nlohmann::json* const value = reader_.object(name)) {
      read_child(name, *value, message.emplace());
    }
  }
  template <typename Message>
  void list(const char* name, std::vector<Message>& messages, size_t count_max = SIZE_MAX) {
    messages.clear();
    for (const nlohmann::json* element : reader_.list(name, count_max))
      read_child(name, *element, messages.emplace_back());
  }

 private:
  explicit MessageReader(JsonReader& reader) : reader_(reader) {}

  template <typename Message>
  void read_child(const char* name, const nlohmann::json& value, Message& message) {
    JsonReader child = reader_.child(value, name);
    read(child, message);
  }

  JsonReader& reader_;
};

}  // namespace ticklake::catalog
