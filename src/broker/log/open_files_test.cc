#include "broker/log/open_files.h"

#include <gtest/gtest.h>

#include "broker/log/log_test_bed.h"

namespace ticklake::broker {
namespace {

constexpr int kSegments = 40;
constexpr int kOpenMax = 16;  // of a log that shares no bound with others

/// A log of which every batch has a segment of its own.
class ManySegments : public LogTestBed {
 public:
  ManySegments() : LogTestBed({.segment_bytes = 1000}) {
    for (int i = 0; i < kSegments; ++i)
      append_ok({.value_bytes = 900});
  }
  void sync() {
    const auto work = log->take_sync_work();
    ASSERT_OK(work.run(files));
    log->synced(work.end_offset);
  }
  void expect_all_read() {
    for (int64_t offset = 0; offset < kSegments; ++offset)
      EXPECT_EQ(read(offset).at(0).base_offset, offset);
  }
};

TEST(OpenFiles, what_waits_for_the_disk_stays_open_and_nothing_else_once_it_is_there) {
  ManySegments bed;
  EXPECT_GE(bed.files.open_count, kSegments);
  bed.expect_all_read();
  EXPECT_GE(bed.files.open_count, kSegments) << "reading closes nothing that waits for the disk";
  bed.sync();
  EXPECT_LE(bed.files.open_count, kOpenMax);
}

TEST(OpenFiles, every_segment_is_read_and_the_last_one_goes_on_with_few_files_open) {
  ManySegments bed;
  bed.sync();
  for (int i = 0; i < 2; ++i) {
    bed.expect_all_read();
    EXPECT_LE(bed.files.open_count, kOpenMax);
  }
  EXPECT_EQ(bed.append_ok({.value_bytes = 10}), kSegments);
  bed.sync();
  EXPECT_EQ(bed.log->recovery_point(), kSegments + 1);
}

TEST(OpenFiles, neither_a_clean_start_nor_recovery_opens_more) {
  for (const bool is_clean : {true, false}) {
    ManySegments bed;
    if (is_clean) {
      bed.stop();
    } else {
      bed.crash();
    }
    bed.open(is_clean);
    EXPECT_LE(bed.files.open_count, kOpenMax);
    EXPECT_FALSE(bed.log->has_unsynced());
    EXPECT_EQ(bed.log->recovery_point(), kSegments);
    bed.expect_all_read();
    EXPECT_LE(bed.files.open_count, kOpenMax);
  }
}

TEST(OpenFiles, an_fsync_that_fails_on_what_an_earlier_life_left_is_found_out) {
  ManySegments bed;
  bed.crash();
  bed.files.is_sync_failing = true;
  PartitionLog::OpenOptions options;
  options.name = "t-0";
  EXPECT_FALSE(PartitionLog::open(bed.files, bed.folder, options, *bed.logger).has_value());
}

TEST(OpenFiles, what_was_lent_stays_open_until_it_is_given_back_and_is_bounded) {
  LogTestBed bed;
  auto open_files = std::make_unique<OpenFiles>(3);
  const std::shared_ptr<base::File> file =
      *bed.files.open(bed.folder / "lent", base::OpenMode::kCreate);
  std::vector<std::shared_ptr<base::File>> lent;
  for (size_t i = 0; i < OpenFiles::kLentMax; ++i)
    lent.push_back(open_files->lend(file));
  EXPECT_EQ(lent.back().get(), file.get());
  EXPECT_EQ(open_files->lend(file), nullptr);
  lent.pop_back();
  EXPECT_EQ(open_files->lent(), OpenFiles::kLentMax - 1);
  EXPECT_NE(open_files->lend(file), nullptr);
  open_files.reset();
  EXPECT_TRUE(lent.back()->size().has_value());
}

TEST(OpenFiles, a_segment_that_is_gone_leaves_no_trace) {
  OpenFiles open_files(3);
  LogTestBed bed;
  {
    const auto first = Segment::create(bed.files, open_files, bed.folder, 100);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(open_files.size(), 1u);
  }
  EXPECT_EQ(open_files.size(), 0u);
}

}  // namespace
}  // namespace ticklake::broker
