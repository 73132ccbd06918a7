#include <cstdio>
#include <vector>

#include "base/assert.h"
#include "base/crc32c.h"
#include "bed/input.h"
#include "bed/node_bed.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/all.h"

using namespace ticklake;
using fuzz::Input;

namespace {

constexpr size_t kChangesMax = 8;
constexpr size_t kReadBytesMax = 1 << 20;

using Disk = std::map<std::string, base::Bytes>;

void send(fuzz::NodeBed& bed, const std::shared_ptr<fuzz::Wire>& wire, const auto& request,
          int16_t version) {
  const kafka::RequestHeader header{request.kApi.key, version, 1, "fuzz"};
  bed.send(wire, kafka::request_frame(header, request).flattened());
}

kafka::ProduceRequest produce(const std::string& topic, base::ByteView batch, bool is_in_txn) {
  kafka::ProduceRequest request;
  if (is_in_txn) request.transactional_id = "x";
  request.acks = -1;
  auto& partition = request.topic_data.emplace_back(kafka::ProduceRequest::Topic{topic, {}})
                        .partition_data.emplace_back();
  partition.records = batch;
  return request;
}

base::Bytes batch_of(kafka::Codec codec, int32_t sequence, bool is_transactional) {
  const std::string value(300, 'v');
  const std::vector<kafka::RecordToWrite> records(
      3, kafka::RecordToWrite{1000 + sequence, "k", value, {{"h", "1"}}});
  return *kafka::write_batch({.producer_id = sequence < 0 ? -1 : 1,
                              .producer_epoch = static_cast<int16_t>(sequence < 0 ? -1 : 0),
                              .base_sequence = sequence,
                              .is_transactional = is_transactional,
                              .codec = codec,
                              .records = records});
}

/// Users, ACLs and quotas, each a file of its own.
void administer(fuzz::NodeBed& bed, const std::shared_ptr<fuzz::Wire>& wire) {
  kafka::CreateAclsRequest acls;
  acls.creations.push_back({2, "t", 3, "User:alice", "*", 3, 3});
  send(bed, wire, acls, 2);
  kafka::AlterUserScramCredentialsRequest users;
  users.upsertions.push_back({"alice", 1, 4096, base::Bytes(16), base::Bytes(32)});
  send(bed, wire, users, 0);
  kafka::AlterClientQuotasRequest quotas;
  quotas.entries.push_back({{{"user", "alice"}}, {{"producer_byte_rate", 1e6, false}}});
  send(bed, wire, quotas, 1);
}

/// What a broker leaves that has had a bit of everything: closed and compacted segments, producers,
/// transactions that were committed, aborted and left open, offsets of groups.
Disk make_disk() {
  fuzz::NodeBed bed;
  TICKLAKE_ASSERT(bed.start().has_value());
  TICKLAKE_ASSERT(bed.broker().create_topic("t", 1, {{"segment.bytes", "3000"}}).has_value());
  TICKLAKE_ASSERT(bed.broker()
                      .create_topic("c", 1,
                                    {{"cleanup.policy", "compact"},
                                     {"segment.bytes", "3000"},
                                     {"min.cleanable.dirty.ratio", "0"}})
                      .has_value());
  const auto wire = bed.connect();
  for (int i = 0; i < 10; ++i) {
    for (const char* topic : {"t", "c"})
      send(bed, wire, produce(topic, batch_of(static_cast<kafka::Codec>(i % 5), -1, false), false),
           9);
  }
  kafka::InitProducerIdRequest init;
  init.transactional_id = "x";
  init.transaction_timeout_ms = 10'000;
  send(bed, wire, init, 2);
  const int64_t producer_id = bed.broker().transactions().describe("x").producer_id;
  int32_t sequence = 0;
  for (const bool is_commit : {true, false, true}) {
    kafka::AddPartitionsToTxnRequest add;
    add.transactional_id = "x";
    add.producer_id = producer_id;
    add.topics.push_back({"t", {0}});
    send(bed, wire, add, 1);
    for (int i = 0; i < 3; ++i, sequence += 3) {
      base::Bytes batch = batch_of(kafka::Codec::kNone, sequence, true);
      base::store_big_endian(batch.data() + 43, producer_id);
      base::store_big_endian(batch.data() + 17,
                             base::crc32c(base::ByteView(batch).subspan(kafka::kBatchCrcStart)));
      send(bed, wire, produce("t", batch, true), 9);
    }
    kafka::EndTxnRequest end;
    end.transactional_id = "x";
    end.producer_id = producer_id;
    end.committed = is_commit;
    if (sequence < 27) send(bed, wire, end, 1);
  }
  kafka::OffsetCommitRequest commit;
  commit.group_id = "g";
  commit.topics.push_back({"t", {{0, 5, -1, "note"}}});
  send(bed, wire, commit, 2);
  administer(bed, wire);
  bed.pass(400);
  bed.stop();
  Disk disk;
  for (const auto& [path, content] : bed.disk.files())
    disk.emplace(path, *content);
  for (const char* const name : {"acls", "scram-credentials", "client-quotas"})
    TICKLAKE_ASSERT(disk.contains(std::string(fuzz::NodeBed::kFolder) + "/" + name));
  return disk;
}

void change(Input& input, fuzz::MemoryDisk& disk, const Disk& original, bool& is_log_only) {
  auto chosen = original.begin();
  std::advance(chosen,
               static_cast<ptrdiff_t>(input.byte()) % static_cast<ptrdiff_t>(original.size()));
  const std::string& path = chosen->first;
  const auto found = disk.files().find(path);
  if (found == disk.files().end()) return;
  const std::string inside = path.substr(std::string(fuzz::NodeBed::kFolder).size() + 1);
  is_log_only = is_log_only && inside.find('/') != std::string::npos && !inside.starts_with("__");
  base::Bytes& content = *found->second;
  const size_t at = content.empty() ? 0 : input.integer<uint16_t>() % content.size();
  switch (input.below(6)) {
    case 0: disk.files().erase(found); break;
    case 1: content.resize(at); break;
    case 2: {
      const base::ByteView bytes = input.take(input.below(64));
      content.insert(content.end(), bytes.begin(), bytes.end());
      break;
    }
    case 3: {
      const base::ByteView bytes = input.take(input.below(64));
      content.assign(bytes.begin(), bytes.end());
      break;
    }
    default: {
      const base::ByteView bytes = input.take(1 + input.below(16));
      for (size_t i = 0; i < bytes.size() && at + i < content.size(); ++i)
        content[at + i] = bytes[i];
    }
  }
}

/// Whatever is asked of a log that opened is answered, if with an error.
void read_all(broker::Broker& broker) {
  for (const auto& [name, topic] : broker.logs().topics()) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      broker::PartitionLog& log = *topic->partitions[i];
      broker.find_partition(name, static_cast<int32_t>(i));
      int64_t offset = log.start_offset();
      while (offset < log.end_offset()) {
        const auto read = log.read(offset, log.end_offset(), kReadBytesMax, true);
        if (!read || read->size == 0) break;
        TICKLAKE_ASSERT(read->next_offset > offset);
        static_cast<void>(log.aborted_transactions(offset, read->next_offset));
        offset = read->next_offset;
      }
      for (const int64_t time : {int64_t{-1}, int64_t{1003}, int64_t{1} << 60})
        static_cast<void>(log.find_by_time(time));
      static_cast<void>(log.find_max_timestamp());
    }
  }
}

}  // namespace

// A broker's folder, changed in up to eight places, after a crash or a clean stop. What stands in
// the folders of topics' partitions never keeps the broker from starting; other files may, and the
// offsets of groups and the transactions, which are not given up in silence, by an error.
// What it made of them opens again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Disk kOriginal = make_disk();
  Input input(base::ByteView(reinterpret_cast<const std::byte*>(data), size));
  fuzz::NodeBed bed;
  TICKLAKE_ASSERT(bed.disk.make_folders(fuzz::NodeBed::kFolder).has_value());
  for (const auto& [path, content] : kOriginal) {
    TICKLAKE_ASSERT(bed.disk.make_folders(base::Path(path).parent_path()).has_value());
    bed.disk.files()[path] = std::make_shared<base::Bytes>(content);
  }
  if (input.below(2) == 0) {
    bed.disk.files()[std::string(fuzz::NodeBed::kFolder) + "/.kafka_cleanshutdown"] =
        std::make_shared<base::Bytes>();
  }
  bool is_log_only = true;
  for (size_t i = 0; i < kChangesMax && !input.empty(); ++i)
    change(input, bed.disk, kOriginal, is_log_only);
  const auto started = bed.start();
  if (!started && is_log_only) std::fprintf(stderr, "%s\n", base::to_line(started.error()).c_str());
  TICKLAKE_ASSERT(started || !is_log_only);
  if (!started) return 0;
  read_all(bed.broker());
  bed.pass(30);
  read_all(bed.broker());
  bed.stop();
  TICKLAKE_ASSERT(bed.start().has_value());
  read_all(bed.broker());
  return 0;
}
