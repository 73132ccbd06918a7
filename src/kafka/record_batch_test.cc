#include "kafka/record_batch.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/random.h"
#include "kafka/compression.h"

namespace ticklake::kafka {
namespace {

using base::as_bytes;
using base::Bytes;

constexpr size_t kBytesMax = 1 << 20;

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::vector<RecordToWrite> three_records() {
  return {{1'700'000'000'000, "k", "value-one", {{"h", "v"}}},
          {1'700'000'000'005, std::nullopt, "value-two", {}},
          {1'699'999'999'999, "k3", std::nullopt, {{"empty", std::nullopt}}}};
}

class EveryCodec : public testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodec,
                         testing::Values(Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4,
                                         Codec::kZstd));

TEST_P(EveryCodec, gives_back_what_it_was_given) {
  base::Random random(3);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, size_t{32'768}, size_t{200'000}}) {
    Bytes bytes(size);
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>(random.below(4));
    const auto packed = compress(GetParam(), bytes);
    ASSERT_TRUE(packed);
    EXPECT_EQ(*decompress(GetParam(), *packed, size), bytes);
    if (size > 0) {
      EXPECT_FALSE(decompress(GetParam(), *packed, size - 1)) << size;
    }
  }
}

TEST_P(EveryCodec, refuses_what_is_cut_or_is_no_data_of_the_codec) {
  if (GetParam() == Codec::kNone) return;
  const auto packed = compress(GetParam(), Bytes(1000, std::byte{'x'}));
  ASSERT_TRUE(packed);
  for (size_t size = 17; size < packed->size(); ++size) {
    const auto cut = decompress(GetParam(), base::ByteView(*packed).first(size), kBytesMax);
    EXPECT_TRUE(!cut || cut->size() < 1000) << size;
  }
  EXPECT_FALSE(decompress(GetParam(), as_bytes("this is none of it, whatever it is"), kBytesMax));
}

TEST_P(EveryCodec, a_batch_reads_back_as_it_was_written) {
  const auto records = three_records();
  const auto batch = write_batch({.base_offset = 40,
                                  .leader_epoch = 3,
                                  .producer_id = 9,
                                  .producer_epoch = 1,
                                  .base_sequence = 7,
                                  .codec = GetParam(),
                                  .records = records});
  ASSERT_TRUE(batch);
  const auto read = BatchRecords::read(*batch, kBytesMax);
  ASSERT_TRUE(read) << to_line(read.error());
  EXPECT_TRUE(batch_crc_matches(*batch, read->header()));
  EXPECT_EQ(read->header().size(), batch->size());
  EXPECT_EQ(read->header().next_offset(), 43);
  EXPECT_EQ(read->header().max_timestamp_ms, 1'700'000'000'005);
  ASSERT_EQ(read->records().size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const Record& record = read->records()[i];
    EXPECT_EQ(record.offset, 40 + static_cast<int64_t>(i));
    EXPECT_EQ(record.timestamp_ms, records[i].timestamp_ms);
    EXPECT_EQ(record.key, records[i].key);
    EXPECT_EQ(record.value, records[i].value);
    EXPECT_EQ(record.headers.size(), records[i].headers.size());
  }
}

TEST(RecordBatch, reads_the_bytes_that_another_client_wrote) {
  // python3-kafka 2.0.2: keys k and k3, one header, a null key and a null value.
  const Bytes bytes = from_hex(
      "00000000000000000000005f000000000256bb79660000000000020000018bcfe568000000018bcfe56805ff"
      "ffffffffffffffffffffffffff0000000328000000026b1276616c75652d6f6e6502026802761e000a020112"
      "76616c75652d74776f0010000104046b330100");
  const auto read = BatchRecords::read(bytes, kBytesMax);
  ASSERT_TRUE(read) << to_line(read.error());
  EXPECT_TRUE(batch_crc_matches(bytes, read->header()));
  ASSERT_EQ(read->records().size(), 3u);
  EXPECT_EQ(read->records()[0].key, "k");
  EXPECT_EQ(read->records()[0].headers[0].value, "v");
  EXPECT_EQ(read->records()[1].key, std::nullopt);
  EXPECT_EQ(read->records()[2].timestamp_ms, 1'699'999'999'999);
  EXPECT_EQ(read->records()[2].value, std::nullopt);
}

// What python3-kafka 2.0.2 wrote with each codec; the fuzzer starts from these too.
TEST_P(EveryCodec, reads_the_batch_that_another_client_compressed) {
  const std::string names[] = {"plain", "gzip", "snappy", "lz4", "zstd"};
  std::ifstream file(std::string(TICKLAKE_TEST_DATA "/../fuzz/corpus/record_batch_fuzz/") +
                     names[static_cast<size_t>(GetParam())]);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto read = BatchRecords::read(as_bytes(text), kBytesMax);
  ASSERT_TRUE(read) << to_line(read.error());
  EXPECT_EQ(read->header().codec_bits(), static_cast<int>(GetParam()));
  EXPECT_TRUE(batch_crc_matches(as_bytes(text), read->header()));
  ASSERT_EQ(read->records().size(), 20u);
  for (int64_t i = 0; i < 20; ++i) {
    const Record& record = read->records()[static_cast<size_t>(i)];
    EXPECT_EQ(record.offset, i);
    EXPECT_EQ(record.timestamp_ms, 1'700'000'000'000 + i);
    EXPECT_EQ(record.key, "AAPL");
    EXPECT_EQ(record.value, R"({"price":1}{"price":1}{"price":1})");
    EXPECT_EQ(record.headers.size(), i == 0 ? 1u : 0u);
  }
}

TEST(RecordBatch, the_offset_and_epoch_change_without_the_crc_and_append_time_with_it) {
  const auto records = three_records();
  auto batch = write_batch({.records = records});
  ASSERT_TRUE(batch);
  set_base_offset(*batch, 100);
  set_leader_epoch(*batch, 5);
  auto header = parse_batch_header(*batch);
  EXPECT_TRUE(batch_crc_matches(*batch, *header));
  EXPECT_EQ(header->last_offset(), 102);
  EXPECT_EQ(header->leader_epoch, 5);
  set_log_append_time(*batch, 1'800'000'000'000);
  const auto read = BatchRecords::read(*batch, kBytesMax);
  EXPECT_TRUE(batch_crc_matches(*batch, read->header()));
  EXPECT_EQ(read->header().timestamp_type(), TimestampType::kLogAppendTime);
  for (const Record& record : read->records())
    EXPECT_EQ(record.timestamp_ms, 1'800'000'000'000);
}

TEST(RecordBatch, a_batch_cut_anywhere_or_with_any_byte_of_its_body_changed_is_found_out) {
  const auto records = three_records();
  const auto batch = write_batch({.records = records});
  ASSERT_TRUE(batch);
  for (size_t size = 0; size < batch->size(); ++size) {
    EXPECT_FALSE(BatchRecords::read(base::ByteView(*batch).first(size), kBytesMax)) << size;
  }
  for (size_t at = kBatchCrcStart; at < batch->size(); ++at) {
    Bytes changed = *batch;
    changed[at] ^= std::byte{1};
    const auto header = parse_batch_header(changed);
    EXPECT_TRUE(!header || !batch_crc_matches(changed, *header)) << at;
  }
}

TEST(RecordBatch, what_records_and_headers_take_in_memory_is_bounded_not_their_bytes_alone) {
  const std::vector<RecordToWrite> small(10'000);
  const std::vector<RecordToWrite> with_headers{{.headers = {20'000, RecordHeader{}}}};
  for (const auto& records : {small, with_headers}) {
    for (const Codec codec : {Codec::kNone, Codec::kZstd}) {
      const auto batch = write_batch({.codec = codec, .records = records});
      ASSERT_TRUE(batch);
      ASSERT_LT(batch->size(), 100'000u);
      EXPECT_TRUE(BatchRecords::read(*batch, size_t{2} << 20));
      EXPECT_FALSE(BatchRecords::read(*batch, 500'000));
    }
  }
}

TEST(RecordBatch, a_count_that_the_bytes_cannot_hold_costs_no_memory) {
  const auto records = three_records();
  auto batch = write_batch({.records = records});
  ASSERT_TRUE(batch);
  base::store_big_endian(batch->data() + 57, int32_t{0x7fffffff});
  base::store_big_endian(batch->data() + 23, int32_t{0x7ffffffe});
  EXPECT_FALSE(BatchRecords::read(*batch, kBytesMax));
}

/// Three records with keys, of the offsets 40 to 42.
base::Bytes keyed_batch(Codec codec) {
  const std::vector<RecordToWrite> records{{.timestamp_ms = 5, .key = "a", .value = "1"},
                                           {.timestamp_ms = 9, .key = "b", .value = "2"},
                                           {.timestamp_ms = 7, .key = "c", .value = {}}};
  return *write_batch({.base_offset = 40,
                       .leader_epoch = 3,
                       .producer_id = 12,
                       .producer_epoch = 1,
                       .base_sequence = 100,
                       .codec = codec,
                       .records = records});
}

TEST(RewriteBatch, in_another_codec_the_records_are_the_same) {
  const base::Bytes plain = keyed_batch(Codec::kNone);
  const auto before = BatchRecords::read(plain, 1 << 20);
  for (const Codec codec :
       {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    const auto bytes = rewrite_batch(before->header(), before->records(), codec);
    ASSERT_TRUE(bytes.has_value());
    const auto after = BatchRecords::read(*bytes, 1 << 20);
    ASSERT_TRUE(after.has_value());
    EXPECT_TRUE(batch_crc_matches(*bytes, after->header()));
    EXPECT_EQ(after->header().codec_bits(), static_cast<int>(codec));
    EXPECT_EQ(after->header().base_sequence, 100);
    ASSERT_EQ(after->records().size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(after->records()[i].key, before->records()[i].key);
      EXPECT_EQ(after->records()[i].value, before->records()[i].value);
      EXPECT_EQ(after->records()[i].timestamp_ms, before->records()[i].timestamp_ms);
    }
  }
}

TEST(RewriteBatch, what_is_left_keeps_offsets_and_times_also_with_a_delete_horizon) {
  const base::Bytes plain = keyed_batch(Codec::kZstd);
  const auto before = BatchRecords::read(plain, 1 << 20);
  const std::vector<Record> kept{before->records()[0], before->records()[2]};
  const auto bytes = rewrite_batch(before->header(), kept, Codec::kZstd, 1'000'000);
  const auto after = BatchRecords::read(*bytes, 1 << 20);
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE(after->header().has_delete_horizon());
  EXPECT_EQ(after->header().base_timestamp_ms, 1'000'000);
  EXPECT_EQ(after->header().max_timestamp_ms, 7);
  EXPECT_EQ(after->header().last_offset(), 42);
  ASSERT_EQ(after->records().size(), 2u);
  EXPECT_EQ(after->records()[1].offset, 42);
  EXPECT_EQ(after->records()[1].timestamp_ms, 7);
}

TEST(RewriteBatch, without_records_a_header_is_left_that_keeps_the_producers_sequence) {
  const base::Bytes plain = keyed_batch(Codec::kGzip);
  const auto before = BatchRecords::read(plain, 1 << 20);
  const auto bytes = rewrite_batch(before->header(), {}, Codec::kGzip);
  EXPECT_EQ(bytes->size(), kBatchHeaderBytes);
  const auto after = BatchRecords::read(*bytes, 1 << 20);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->header().producer_id, 12);
  EXPECT_EQ(after->header().last_offset_delta, 2);
  EXPECT_TRUE(after->records().empty());
}

}  // namespace
}  // namespace ticklake::kafka
