#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/random.h"
#include "broker/log/batch_scanner.h"
#include "broker/log/log_test_bed.h"

namespace ticklake::broker {
namespace {

constexpr size_t kMin = PartitionLog::kRegionBytesMin;

std::string content(const LogRegion& region) {
  base::Bytes bytes(region.bytes.size);
  EXPECT_TRUE(base::copy_to(bytes, region.bytes).has_value());
  return std::string(base::as_text(bytes));
}

/// A log of several segments with batches of many sizes.
class LargeLog : public LogTestBed {
 public:
  explicit LargeLog(uint64_t seed) : LogTestBed({.segment_bytes = 400'000}), random(seed) {
    while (log->size_bytes() < 2'000'000) {
      const bool is_large = random.below(20) == 0;
      append_ok({.count = static_cast<int>(1 + random.below(5)),
                 .value_bytes = is_large ? random.below(40'000) : random.below(900)});
    }
  }
  /// Some batch boundary behind `offset`, or the end: what a high watermark may be.
  int64_t limit_behind(int64_t offset) {
    const int64_t somewhere =
        offset + 1 +
        static_cast<int64_t>(random.below(static_cast<uint64_t>(log->end_offset() - offset)));
    return somewhere == log->end_offset() ? somewhere : read(somewhere, 0).at(0).next_offset();
  }
  /// The file and the position in it of the batch with that base offset.
  std::pair<base::Path, uint64_t> place_of(int64_t base_offset) {
    int64_t segment = 0;
    uint64_t position = 0;
    for (const auto& batch : read(0)) {
      if (std::filesystem::exists(file(".log", batch.base_offset))) {
        segment = batch.base_offset;
        position = 0;
      }
      if (batch.base_offset == base_offset) break;
      position += batch.size();
    }
    return {file(".log", segment), position};
  }
  base::Random random;
};

TEST(LogRegion, holds_what_a_read_gives_whole_batches_below_the_limit_and_within_the_bytes) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    LargeLog bed(seed);
    int found = 0;
    for (int i = 0; i < 600; ++i) {
      if (i == 300) {
        bed.stop();
        bed.open(true);
      }
      const auto offset =
          static_cast<int64_t>(bed.random.below(static_cast<uint64_t>(bed.log->end_offset())));
      const int64_t limit = bed.limit_behind(offset);
      const size_t bytes_max = kMin + bed.random.below(500'000);
      const auto region = bed.log->find_region(offset, limit, bytes_max);
      if (!region) continue;
      ++found;
      EXPECT_GE(region->bytes.size, kMin);
      EXPECT_LE(region->bytes.size, bytes_max);
      EXPECT_LE(region->next_offset, limit);
      const auto read = bed.log->read(offset, region->next_offset, 10'000'000, true);
      ASSERT_TRUE(read.has_value());
      EXPECT_EQ(read->next_offset, region->next_offset);
      ASSERT_EQ(content(*region), base::as_text(read->view())) << seed << ' ' << offset;
    }
    EXPECT_GT(found, 100);
  }
}

TEST(LogRegion, a_reader_that_goes_on_gets_every_batch_once) {
  LargeLog bed(7);
  std::string all;
  int regions = 0;
  for (int64_t offset = 0; offset < bed.log->end_offset();) {
    if (const auto region = bed.log->find_region(offset, bed.log->end_offset(), 100'000)) {
      ++regions;
      all += content(*region);
      offset = region->next_offset;
      continue;
    }
    const auto read = bed.log->read(offset, bed.log->end_offset(), 100'000, true);
    ASSERT_TRUE(read.has_value());
    all += base::as_text(read->view());
    offset = read->next_offset;
  }
  EXPECT_GT(regions, 10);
  std::string expected;
  EXPECT_TRUE(bed.log
                  ->for_each_batch([&](base::ByteView batch) -> base::Result<void> {
                    expected += base::as_text(batch);
                    return {};
                  })
                  .has_value());
  EXPECT_EQ(all, expected);
}

TEST(LogRegion, what_is_little_or_out_of_range_is_none) {
  LargeLog bed(8);
  bed.append_ok({});
  const int64_t end = bed.log->end_offset();
  EXPECT_TRUE(bed.log->find_region(0, end, kMin).has_value() ||
              bed.log->find_region(0, end, 2 * kMin).has_value());
  EXPECT_FALSE(bed.log->find_region(0, end, kMin - 1));
  EXPECT_FALSE(bed.log->find_region(-1, end, 1 << 20));
  EXPECT_FALSE(bed.log->find_region(end, end, 1 << 20));
  EXPECT_FALSE(bed.log->find_region(0, end + 1, 1 << 20));
  EXPECT_FALSE(bed.log->find_region(0, 1, 1 << 20));
  EXPECT_FALSE(bed.log->find_region(end - 1, end, 1 << 20));
}

TEST(LogRegion, is_there_as_it_was_when_its_segment_is_gone) {
  LargeLog bed(9);
  const auto region = bed.log->find_region(0, bed.log->end_offset(), 300'000);
  ASSERT_TRUE(region.has_value());
  const std::string before = content(*region);
  bed.log->synced(bed.log->end_offset());
  bed.log->delete_before(bed.log->end_offset());
  ASSERT_TRUE(*bed.log->apply_retention(5000));
  EXPECT_FALSE(std::filesystem::exists(bed.file(".log")));
  EXPECT_EQ(content(*region), before);
  EXPECT_FALSE(bed.log->find_region(0, bed.log->end_offset(), 300'000));
}

TEST(LogRegion, an_index_that_was_damaged_meanwhile_gives_no_half_batch) {
  LargeLog bed(10);
  const std::string bad("\0\0\0\1\0\1\0\1", 8);
  for (uint64_t entry = 0; entry < 40; ++entry)
    bed.overwrite(bed.file(".index"), 8 * entry, bad);
  for (size_t bytes_max = kMin; bytes_max < 390'000; bytes_max += 1000) {
    const auto region = bed.log->find_region(0, bed.log->end_offset(), bytes_max);
    if (!region) continue;
    const auto read = bed.log->read(0, region->next_offset, 10'000'000, true);
    ASSERT_EQ(content(*region), base::as_text(read->view()));
  }
}

TEST(LogRegion, a_corrupt_batch_is_named_and_what_stands_before_and_behind_it_is_read) {
  for (const bool is_header : {true, false}) {
    LargeLog bed(3);
    const auto batches = bed.read(0);
    const auto middle = std::ranges::find_if(
        batches, [](const auto& batch) { return batch.base_offset > 60 && batch.size() > 900; });
    ASSERT_NE(middle, batches.end());
    const int64_t corrupt = middle->base_offset;
    const int64_t end = bed.log->end_offset();
    const auto [path, position] = bed.place_of(corrupt);
    bed.stop();
    // The magic byte, or one of a record.
    bed.overwrite(path, position + (is_header ? 16 : 200), "!");
    bed.open(true);
    for (int round = 0; round < 2; ++round) {
      int64_t offset = 0;
      while (offset < corrupt) {
        const auto read = bed.log->read(offset, end, 50'000, true);
        ASSERT_TRUE(read.has_value()) << read.error().message;
        ASSERT_GT(read->size, 0);
        if (!is_header && read->next_offset > corrupt) break;
        offset = read->next_offset;
      }
      (void)bed.log->find_region(corrupt, end, 200'000);  // a reader that goes on may get it
      EXPECT_FALSE(bed.log->find_region(corrupt, end, 200'000));
      const auto refused = bed.log->read(corrupt, end, 50'000, true);
      ASSERT_FALSE(refused.has_value());
      EXPECT_EQ(refused.error().code, kafka::ErrorCode::kCorruptMessage);
      EXPECT_NE(refused.error().message.find(path.string()), std::string::npos);
      EXPECT_NE(refused.error().message.find("byte " + std::to_string(position) + " "),
                std::string::npos)
          << refused.error().message;
    }
    const auto behind = bed.log->read(corrupt + 100, end, 50'000, true);
    EXPECT_TRUE(behind.has_value()) << behind.error().message;
  }
}

TEST(LogRegion, who_comes_again_to_where_a_region_was_lent_is_told_that_it_is_corrupt) {
  LargeLog bed(5);
  const int64_t end = bed.log->end_offset();
  const auto first = bed.log->find_region(0, end, 200'000);
  ASSERT_TRUE(first);
  const int64_t corrupt = first->next_offset;
  const auto [path, position] = bed.place_of(corrupt);
  bed.overwrite(path, position + 100, "!!");
  EXPECT_TRUE(bed.log->find_region(corrupt, end, 200'000)) << "nobody looked yet";
  EXPECT_FALSE(bed.log->find_region(corrupt, end, 200'000));
  const auto refused = bed.log->read(corrupt, end, 200'000, true);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, kafka::ErrorCode::kCorruptMessage);
}

TEST(LogRegion, a_length_that_is_wrong_costs_no_memory) {
  LogTestBed bed({.batch_bytes_max = 8'000'000});
  for (int i = 0; i < 80; ++i)
    bed.append_ok({.value_bytes = 100'000, .timestamp_ms = 1000 + i});
  const auto batches = bed.read(0, 20'000'000);
  ASSERT_EQ(batches.size(), 80);
  bed.stop();
  const uint64_t position = 3 * batches[0].size();
  base::Bytes length(4);
  base::store_big_endian(length.data(), int32_t{6'000'000});
  bed.overwrite(bed.file(".log"), position + 8, base::as_text(length));
  bed.open(true);
  bed.files.largest_read_bytes = 0;
  const auto refused = bed.log->read(3, 80, 1 << 20, true);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, kafka::ErrorCode::kCorruptMessage);
  EXPECT_NE(refused.error().message.find("CRC"), std::string::npos) << refused.error().message;
  EXPECT_FALSE(bed.log->find_by_time(1003).has_value());
  EXPECT_FALSE(
      bed.log->for_each_batch([](base::ByteView) { return base::Result<void>(); }).has_value());
  EXPECT_LE(bed.files.largest_read_bytes, kUncheckedBatchBytesMax);
}

TEST(LogRegion, a_sound_batch_is_read_whole_whatever_its_size) {
  LogTestBed bed({.batch_bytes_max = 8'000'000});
  bed.append_ok({.value_bytes = 5'000'000});
  const auto read = bed.log->read(0, 1, 1 << 20, true);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_GT(read->size, 5'000'000);
}

}  // namespace
}  // namespace ticklake::broker
