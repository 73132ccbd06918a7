#include "base/assert.h"
#include "bed/input.h"
#include "bed/node_bed.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/all.h"

using namespace ticklake;
using fuzz::Input;

namespace {

constexpr size_t kRequestsMax = 16;
constexpr size_t kRawBytesMax = 512;
constexpr std::string_view kClientId = "fuzz";

/// Bytes of one request, with its length, and the check of what is answered.
struct Sent {
  base::Bytes bytes;
  int16_t version = 0;
  void (*check_answer)(base::ByteView answer, int16_t version, int32_t correlation_id) = nullptr;
};

template <typename Request>
void check_answer(base::ByteView answer, int16_t version, int32_t correlation_id) {
  const auto body = kafka::parse_response(answer, Request::kApi, version, correlation_id);
  TICKLAKE_ASSERT(body.has_value());
  TICKLAKE_ASSERT(kafka::decode<typename Request::Response>(*body, version).has_value());
}

template <typename Request>
Sent make_request(Input& input, int32_t correlation_id) {
  constexpr const kafka::Api& api = Request::kApi;
  constexpr size_t kVersions = api.version_max - api.version_min + 1;
  Sent sent;
  sent.version = static_cast<int16_t>(api.version_min + input.below(kVersions));
  sent.check_answer = &check_answer<Request>;
  const kafka::RequestHeader header{api.key, sent.version, correlation_id, std::string(kClientId)};
  const bool is_raw = input.below(4) == 0;
  Request request;
  fuzz::MessageBuilder builder(input, sent.version);
  if (!is_raw) Request::describe(builder, request);
  sent.bytes = kafka::request_frame(header, request).flattened();
  if (!is_raw) return sent;
  // Length, header, and then whatever the input says.
  sent.bytes.resize(14 + kClientId.size() + (api.is_flexible(sent.version) ? 1 : 0));
  const base::ByteView body = input.take(2 * input.below(kRawBytesMax / 2));
  sent.bytes.insert(sent.bytes.end(), body.begin(), body.end());
  base::store_big_endian(sent.bytes.data(), static_cast<int32_t>(sent.bytes.size() - 4));
  return sent;
}

template <typename... Requests>
constexpr auto makers_of(std::type_identity<std::tuple<Requests...>>) {
  return std::array{&make_request<Requests>...};
}
constexpr auto kMakers = makers_of(std::type_identity<kafka::AllRequests>());

/// One client, who checks that each answer is one to what he asked, in its order, and parses.
class Client {
 public:
  explicit Client(fuzz::NodeBed& bed) : bed_(bed), wire_(bed.connect()) {}

  void request(Input& input) {
    if (wire_->is_closed) {
      sent_.clear();
      wire_ = bed_.connect();
    }
    const int32_t correlation_id = next_id_++;
    Sent sent = kMakers[input.below(kMakers.size())](input, correlation_id);
    const base::Bytes bytes = std::move(sent.bytes);
    sent_.emplace_back(correlation_id, std::move(sent));
    bed_.send(wire_, bytes);
    take_answers();
  }
  void take_answers() {
    base::ByteReader reader(wire_->to_client);
    while (reader.remaining() > 0) {
      const auto size = reader.big_endian<int32_t>();
      const base::ByteView answer = reader.take(static_cast<size_t>(size));
      TICKLAKE_ASSERT(reader.ok() && answer.size() >= sizeof(int32_t));
      const auto id = base::load_big_endian<int32_t>(answer.data());
      // What was sent before it has no answer: a produce with acks=0.
      while (!sent_.empty() && sent_.front().first != id)
        sent_.pop_front();
      TICKLAKE_ASSERT(!sent_.empty());
      sent_.front().second.check_answer(answer, sent_.front().second.version, id);
      sent_.pop_front();
    }
    wire_->to_client.clear();
  }

 private:
  fuzz::NodeBed& bed_;
  std::shared_ptr<fuzz::Wire> wire_;
  std::deque<std::pair<int32_t, Sent>> sent_;
  int32_t next_id_ = 1;
};

}  // namespace

// Requests of up to two clients, one after the other, to a broker with two topics. Three of four
// are messages that parse, with what the input says in them; the others are the input's bytes.
// Whatever they do, each answer parses, and a broker that starts again on what is left on the disk
// opens.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(base::ByteView(reinterpret_cast<const std::byte*>(data), size));
  fuzz::NodeBed bed;
  TICKLAKE_ASSERT(bed.start().has_value());
  TICKLAKE_ASSERT(bed.broker().create_topic("t", 2, {}).has_value());
  TICKLAKE_ASSERT(
      bed.broker()
          .create_topic("c", 1, {{"cleanup.policy", "compact"}, {"segment.bytes", "500"}})
          .has_value());
  const bool is_clean_stop = input.below(2) == 0;
  Client first(bed);
  Client second(bed);
  for (size_t i = 0; i < kRequestsMax && !input.empty(); ++i) {
    const uint8_t choice = input.byte();
    Client& client = choice % 4 == 0 ? second : first;
    client.request(input);
    if (choice >= 0xf0) bed.pass(choice & 0x0f);
  }
  bed.pass(3);
  first.take_answers();
  second.take_answers();
  if (is_clean_stop) TICKLAKE_ASSERT(bed.close().has_value());
  bed.stop();
  TICKLAKE_ASSERT(bed.start().has_value());
  return 0;
}
