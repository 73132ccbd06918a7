#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/messages/all.h"
#include "kafka/record_batch.h"
#include "machine.h"
#include "model.h"

namespace ticklake::sim {

inline constexpr int32_t kPartitions = 2;
inline constexpr const char* kLogTopic = "log";  ///< of producers without transactions
inline constexpr const char* kTxnTopic = "txn";
inline constexpr const char* kKeyedTopic = "keyed";  ///< is compacted

inline constexpr Nanoseconds kBackoff = Milliseconds{30};

/// What a client sends again after: the disk is full, or the coordinator is busy.
bool may_go_again(kafka::ErrorCode error);

inline constexpr size_t kRecordsBytesMax = 1 << 20;

/// One batch; ids and sequence are -1 for a producer that has none.
base::Bytes batch_of(const std::vector<std::string>& values, int64_t producer_id, int16_t epoch,
                     int32_t sequence, bool is_transactional);
/// For acks=all. The batch must outlive it.
kafka::ProduceRequest produce_request(const char* topic, int32_t partition, base::ByteView batch);

/// What clients stand on.
struct Surroundings {
  Schedule& schedule;
  Network& network;
  base::Random& random;
  Model& model;
  /// A new connection; null while there is no broker.
  std::function<std::shared_ptr<Wire>()> connect;
  std::function<void(const std::string&)> trace;
  bool is_stopping = false;  ///< clients finish what they are at

  /// Does it within `most`, when the seed has it.
  void later(Nanoseconds most, Schedule::Task task) {
    schedule.after(schedule.random_delay(Nanoseconds{0}, most), Schedule::Owner::kWorld,
                   std::move(task));
  }
};

/// One connection to the broker at a time, one request on it at a time.
class Session {
 public:
  explicit Session(Surroundings& world) : world_(world) {}

  /// `then` gets none if the connection was lost or nothing came for long.
  template <typename Request>
  void ask(const Request& request, int16_t version,
           std::function<void(const typename Request::Response*)> then) {
    const int32_t id = ++last_id_;
    answered_ = [this, id, version, then](base::ByteView answer) {
      if (answer.empty()) return then(nullptr);
      const auto body = kafka::parse_response(answer, Request::kApi, version, id);
      if (!body) return world_.model.violation(base::to_line(body.error()));
      const auto response = kafka::decode<typename Request::Response>(*body, version);
      if (!response) return world_.model.violation(base::to_line(response.error()));
      then(&*response);
    };
    const kafka::RequestHeader header{Request::kApi.key, version, id, "simulation"};
    send(kafka::request_frame(header, request).flattened(), id);
  }
  void lose();

 private:
  void send(base::Bytes bytes, int32_t id);
  void receive(base::ByteView bytes);
  void tell(base::ByteView answer);

  Surroundings& world_;
  std::shared_ptr<Wire> wire_;
  base::Bytes received_;
  std::function<void(base::ByteView)> answered_;
  int32_t last_id_ = 0;
};

/// Without transactions. acks=all, and it sends again until it is told.
class ProducerClient {
 public:
  enum class Kind : uint8_t {
    kPlain,
    kIdempotent,
    kKeyed,  ///< idempotent; keys and tombstones into the topic that is compacted
  };
  ProducerClient(Surroundings& world, std::string name, Kind kind);
  void run();
  bool is_idle() const { return is_idle_; }

 private:
  void next();
  base::Bytes next_batch(uint64_t count);
  base::Bytes next_keyed_batch(uint64_t count);
  std::string next_value() { return name_ + ":" + std::to_string(++number_); }
  void send();

  Surroundings& world_;
  Session session_;
  std::string name_;
  Kind kind_;
  const char* topic_;
  int64_t producer_id_ = -1;
  int16_t epoch_ = -1;
  int64_t number_ = 0;
  int32_t sequences_[kPartitions] = {};
  int32_t partition_ = 0;
  std::vector<std::string> values_;
  base::Bytes batch_;
  bool is_idle_ = false;
};

/// Two partitions and an offset in each transaction.
class TransactionalClient {
 public:
  TransactionalClient(Surroundings& world, std::string name);
  void run() { initialize(); }
  const std::string& name() const { return name_; }
  bool is_idle() const { return is_idle_; }

 private:
  void initialize();
  void begin();
  void add_partitions();
  void produce(int32_t partition);
  void add_offsets();
  void commit_offsets();
  void end();
  void finish(Model::Outcome outcome);
  /// Goes on where all went well, tries again where that may help, else begins anew.
  void judge(std::optional<kafka::ErrorCode> error, const std::function<void()>& again,
             const std::function<void()>& next);

  Surroundings& world_;
  Session session_;
  std::string name_;
  int64_t producer_id_ = -1;
  int16_t epoch_ = -1;
  int64_t number_ = 0;
  int32_t sequences_[kPartitions] = {};
  bool is_open_ = false;        ///< number_ has begun and has no outcome
  bool is_committing_ = false;  ///< EndTxn was sent for it
  bool wants_commit_ = true;
  bool is_idle_ = false;
};

/// Deletes the oldest records of producers without transactions, now and then.
class DeletingClient {
 public:
  explicit DeletingClient(Surroundings& world) : world_(world), session_(world) {}
  void run();
  bool is_idle() const { return is_idle_; }

 private:
  void ask(int32_t partition, int64_t offset);

  Surroundings& world_;
  Session session_;
  bool is_idle_ = false;
};

/// Reads everything from the beginning on, again and again what was lost on the way.
class ReaderClient {
 public:
  ReaderClient(Surroundings& world, Isolation isolation)
      : world_(world), session_(world), isolation_(isolation) {}
  void run();
  /// Whether it has read up to the end (the last stable offset) of all partitions at least once.
  bool is_at_end() const;
  void forget_ends() { ends_.clear(); }
  const Log& log() const { return log_; }

 private:
  void take(const std::string& topic, const kafka::FetchResponse::Partition& partition);
  bool is_start_sound(const std::string& topic, const kafka::FetchResponse::Partition& partition);

  Surroundings& world_;
  Session session_;
  Isolation isolation_;
  std::map<std::pair<std::string, int32_t>, int64_t> positions_, ends_;
  /// What had been deleted for certain when it asked.
  std::map<std::pair<std::string, int32_t>, int64_t> gone_;
  Log log_;
};

}  // namespace ticklake::sim
