#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/uuid.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka {

/// A visitor that fills a message with random content: every field that exists in `version`, null
/// where it may be, lists of up to three. For tests; payloads are views of a constant.
class MessageFiller {
 public:
  MessageFiller(base::Random& random, int16_t version) : random_(random), version_(version) {}

  template <typename T>
  void operator()(std::string_view, T& value, const Presence& presence) {
    if (presence.in(version_)) fill(value, presence.is_nullable(version_));
  }
  template <typename T>
  void operator()(std::string_view, T& value, const Tagged& tagged) {
    if (tagged.in(version_) && random_.below(2) == 0) fill(value, true);
  }

 private:
  template <typename T>
  void fill(T& value, bool) {
    if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(random_.next());
    } else {
      T::describe(*this, value);
    }
  }
  void fill(double& value, bool) { value = random_.uniform() * 1e6; }
  void fill(bool& value, bool) { value = random_.below(2) == 0; }
  void fill(ErrorCode& value, bool) { value = static_cast<ErrorCode>(random_.below(90)); }
  void fill(base::Uuid& value, bool) { value = base::Uuid::random(random_); }
  void fill(std::string& value, bool) {
    // Past 126 the length of a compact string takes two bytes.
    value.assign(random_.below(4) == 0 ? 200 : random_.below(9), 'x');
    for (char& c : value)
      c = static_cast<char>('a' + random_.below(26));
  }
  void fill(base::Bytes& value, bool) { value.assign(random_.below(300), std::byte{7}); }
  void fill(base::ByteView& value, bool) {
    static const base::Bytes kPayload(2000, std::byte{'p'});
    value = base::ByteView(kPayload).first(random_.below(kPayload.size()));
  }
  void fill(RecordsChain& value, bool) {
    value.parts.clear();
    for (uint64_t i = random_.below(4); i > 0; --i)
      fill(value.parts.emplace_back().emplace<base::ByteView>(), false);
  }
  template <typename Element>
  void fill(std::vector<Element>& value, bool) {
    value.clear();
    for (uint64_t i = random_.below(4); i > 0; --i)
      fill(value.emplace_back(), false);
  }
  template <typename T>
  void fill(std::optional<T>& value, bool is_nullable) {
    value.reset();
    if (!is_nullable || random_.below(3) > 0) fill(value.emplace(T()), false);
  }

  base::Random& random_;
  int16_t version_;
};

}  // namespace ticklake::kafka
