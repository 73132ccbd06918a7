#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "aws/service_error.h"
#include "catalog/json_reader.h"
#include "catalog/message_reader.h"

namespace ticklake::aws_api::athena {

inline constexpr size_t kPageMax = 50;

/// The members of a call. What is wrong with them is told by check(), once all were read.
class Input {
 public:
  explicit Input(const nlohmann::json& input) : reader_(input, {}, problem_) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  catalog::JsonReader& reader() { return reader_; }
  /// By the message's description.
  template <typename Message>
  void read(Message& message) {
    catalog::MessageReader::read(reader_, message);
  }
  std::string text(const char* name, size_t max) { return reader_.text(name, {1, max}); }
  std::string text_or_empty(const char* name, size_t max) {
    return reader_.text_or_empty(name, {0, max});
  }
  /// `primary` if the client names none.
  std::string work_group_or_primary();
  std::string work_group(const char* name = "WorkGroup");
  size_t page_size(size_t otherwise = kPageMax, size_t max = kPageMax);
  std::string next_token() { return text_or_empty("NextToken", 1024); }

  /// InvalidRequestException if a member is missing, of another type, or out of its bounds.
  aws::Answer<void> check() const;

 private:
  std::string problem_;
  catalog::JsonReader reader_;
};

/// One page of a list: items from the place that `token` says.
template <typename T>
struct Slice {
  std::vector<T> items;
  std::string next;
};
/// InvalidRequestException for a token that is no place.
aws::Answer<std::pair<size_t, size_t>> slice_bounds(size_t count, size_t max,
                                                    const std::string& token);
template <typename T>
aws::Answer<Slice<T>> slice(const std::vector<T>& all, size_t max, const std::string& token) {
  TICKLAKE_ASSIGN(const auto bounds, slice_bounds(all.size(), max, token));
  Slice<T> part;
  part.items.assign(all.begin() + static_cast<ptrdiff_t>(bounds.first),
                    all.begin() + static_cast<ptrdiff_t>(bounds.second));
  if (bounds.second < all.size()) part.next = std::to_string(bounds.second);
  return part;
}

}  // namespace ticklake::aws_api::athena
