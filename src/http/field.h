#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::http {

/// A header field as it was received: name in the client's case, value without the blanks around.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// Compares ASCII without case, as names of fields and most tokens are.
bool equal_without_case(std::string_view a, std::string_view b);

/// The members of a comma-separated list (RFC 9110, 5.6.1), without blanks around, empty ones left
/// out. A comma within double quotes separates nothing.
std::vector<std::string_view> split_list(std::string_view list);

/// Whether a list such as that of Connection has a token; case does not count.
bool has_token(std::string_view list, std::string_view token);

/// Whether an Accept-Encoding allows a coding by its name or by "*" (a weight of 0 forbids it).
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

/// The fields of an answer, in the order in which they were added, as they go over the wire.
class FieldList {
 public:
  /// Control characters in `value`, which could end the field, become blanks. `name` is a token.
  void add(std::string_view name, std::string_view value);
  /// The value of the first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  /// "Name: value\r\n" of each.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace ticklake::http
