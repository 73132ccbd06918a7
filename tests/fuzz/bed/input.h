#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "kafka/error_code.h"
#include "kafka/message.h"
#include "kafka/record_batch.h"

namespace ticklake::fuzz {

/// The bytes of an input, taken one after the other; zeros once they are used up.
class Input {
 public:
  explicit Input(base::ByteView bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto first = static_cast<uint8_t>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return first;
  }
  size_t below(size_t end) { return byte() % end; }
  base::ByteView take(size_t size) {
    const base::ByteView taken = bytes_.first(std::min(size, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }
  template <typename T>
  T integer() {
    std::array<std::byte, sizeof(T)> raw{};
    std::ranges::copy(take(sizeof(T)), raw.begin());
    return base::load_big_endian<T>(raw.data());
  }

 private:
  base::ByteView bytes_;
};

/// A visitor that makes a message of an input: it always decodes, and mostly names what is there,
/// so that handlers get further than their first check.
class MessageBuilder {
 public:
  MessageBuilder(Input& input, int16_t version) : input_(input), version_(version) {}

  template <typename T>
  void operator()(std::string_view name, T& value, const kafka::Presence& presence) {
    name_ = name;
    if (presence.in(version_)) fill(value, presence.is_nullable(version_));
  }
  template <typename T>
  void operator()(std::string_view name, T& value, const kafka::Tagged& tagged) {
    name_ = name;
    if (tagged.in(version_) && input_.below(4) == 0) fill(value, true);
  }

 private:
  static constexpr size_t kElementsMax = 4;

  template <typename T>
  void fill(T& value, bool) {
    if constexpr (std::is_integral_v<T>) {
      value = integer<T>();
    } else if constexpr (std::is_same_v<T, double>) {
      value = std::bit_cast<double>(input_.integer<uint64_t>());
    } else {
      T::describe(*this, value);
    }
  }
  template <typename T>
  T integer() {
    // Ids, offsets and epochs that exist are small.
    const size_t choice = input_.below(8);
    if (choice < 4) return static_cast<T>(choice);
    if (choice == 4) return static_cast<T>(-1);
    if (choice == 5) return static_cast<T>(input_.byte());
    if (choice == 6) return static_cast<T>(1000 * input_.byte());
    return input_.integer<T>();
  }
  void fill(bool& value, bool) { value = input_.below(2) == 0; }
  void fill(kafka::ErrorCode& value, bool) {
    value = static_cast<kafka::ErrorCode>(input_.integer<int16_t>());
  }
  void fill(base::Uuid& value, bool) {
    if (input_.below(2) == 0) return;
    std::ranges::copy(input_.take(value.bytes.size()), value.bytes.begin());
  }
  void fill(std::string& value, bool) {
    static constexpr std::array<std::string_view, 24> kTelling{"t",
                                                               "c",
                                                               "g",
                                                               "x",
                                                               "",
                                                               "1",
                                                               "consumer",
                                                               "range",
                                                               "User:*",
                                                               "*",
                                                               "127.0.0.1",
                                                               "cleanup.policy",
                                                               "compact",
                                                               "delete",
                                                               "100",
                                                               "-1",
                                                               "gzip",
                                                               "compression.type",
                                                               "PLAIN",
                                                               "uniform",
                                                               "read_only",
                                                               "segment.bytes",
                                                               "__consumer_offsets",
                                                               "__transaction_state"};
    const size_t choice = input_.below(32);
    if (choice < kTelling.size()) {
      value = kTelling[choice];
    } else {
      value = base::as_text(input_.take(input_.below(64)));
    }
  }
  void fill(base::Bytes& value, bool) {
    const base::ByteView bytes = input_.take(input_.below(64));
    value.assign(bytes.begin(), bytes.end());
  }
  void fill(base::ByteView& value, bool) {
    if (name_ != "records") {
      value = input_.take(input_.below(64));
      return;
    }
    value = batches_.emplace_back(batch());
  }
  void fill(kafka::RecordsChain& value, bool) { value.parts = {batches_.emplace_back(batch())}; }
  template <typename Element>
  void fill(std::vector<Element>& value, bool) {
    value.clear();
    for (size_t i = input_.below(kElementsMax); i > 0; --i)
      fill(value.emplace_back(), false);
  }
  template <typename T>
  void fill(std::optional<T>& value, bool is_nullable) {
    value.reset();
    if (!is_nullable || input_.below(3) > 0) fill(value.emplace(T()), false);
  }

  /// Records as a producer sends them, now and then with something changed.
  base::Bytes batch() {
    std::vector<kafka::RecordToWrite> records(1 + input_.below(3));
    std::vector<std::string> texts;
    texts.reserve(2 * records.size());
    for (kafka::RecordToWrite& record : records) {
      record.timestamp_ms = integer<int64_t>();
      if (input_.below(4) > 0) record.key = texts.emplace_back(1, static_cast<char>(input_.byte()));
      if (input_.below(4) > 0) {
        record.value = texts.emplace_back(input_.below(200), static_cast<char>(input_.byte()));
      }
    }
    kafka::BatchToWrite spec;
    const size_t kind = input_.below(4);
    if (kind > 0) {
      spec.producer_id = static_cast<int64_t>(input_.below(3));
      spec.producer_epoch = static_cast<int16_t>(input_.below(2));
      spec.base_sequence = static_cast<int32_t>(input_.below(4));
    }
    spec.is_transactional = kind == 2;
    spec.is_control = kind == 3 && input_.below(8) == 0;
    spec.codec = static_cast<kafka::Codec>(input_.below(5));
    spec.records = records;
    base::Bytes bytes = *kafka::write_batch(spec);
    if (input_.below(8) == 0)
      bytes[input_.below(bytes.size())] ^= static_cast<std::byte>(input_.byte());
    return bytes;
  }

  Input& input_;
  int16_t version_;
  std::string_view name_;
  /// Views in the message point into these.
  std::deque<base::Bytes> batches_;
};

}  // namespace ticklake::fuzz
