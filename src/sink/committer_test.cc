#include "sink/committer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "lake/local_object_store.h"
#include "lake/table_names.h"
#include "sink/decoded_records.h"

namespace ticklake::sink {
namespace {

constexpr int64_t kBeforeMidnight = 1'795'564'799'000'000;  // 2026-11-24T23:59:59Z
const lake::ChainId kChain{"trades", "0", 0};

/// A store that does its first `steps` writes and then fails, before or after the last of them.
class FailingStore final : public lake::ObjectStore {
 public:
  FailingStore(lake::ObjectStore& store, int steps, bool fails_after)
      : store_(store), steps_(steps), fails_after_(fails_after) {}

  base::Result<void> put_if_absent(std::string_view key, std::string_view content) override {
    // That a table has a name is older than what is tested here.
    if (key.starts_with(lake::kTableNamesFolder)) return store_.put_if_absent(key, content);
    return step([&] { return store_.put_if_absent(key, content); });
  }
  base::Result<void> put(std::string_view key, std::string_view content) override {
    return step([&] { return store_.put(key, content); });
  }
  base::Result<void> put_file(std::string_view key, const base::Path& staged) override {
    return step([&] { return store_.put_file(key, staged); });
  }
  base::Result<base::Path> stage(std::string_view name) override { return store_.stage(name); }
  base::Result<std::string> get(std::string_view key, uint64_t bytes_max) override {
    return store_.get(key, bytes_max);
  }
  base::Result<std::vector<lake::ObjectInfo>> list(std::string_view prefix) override {
    return store_.list(prefix);
  }
  base::Result<std::vector<std::string>> list_names(std::string_view prefix) override {
    return store_.list_names(prefix);
  }
  base::Result<bool> exists(std::string_view key) override { return store_.exists(key); }
  std::string read_location(std::string_view key) const override {
    return store_.read_location(key);
  }
  std::string location() const override { return store_.location(); }
  bool failed() const { return steps_ < 0; }

 private:
  template <typename Write>
  base::Result<void> step(const Write& write) {
    const bool last = --steps_ < 0;
    if (last && !fails_after_) return crash();
    auto outcome = write();
    return last ? crash() : outcome;
  }
  static base::Result<void> crash() {
    return base::fail({base::ErrorCode::kNoSpace, "the disk is full", {}, {}, true});
  }

  lake::ObjectStore& store_;
  int steps_;
  const bool fails_after_;
};

/// One process with a sink: a database and a table over the lake that all processes share.
class Process {
 public:
  Process(lake::ObjectStore& store, const std::vector<std::string>& log, FlushPolicy policy = {},
          bool explode = false)
      : log_(log), explode_(explode) {
    table_ = table::LiveTable::open(database_, store, clock_, "trades").value();
    ReadRange read_range = [this](const lake::ChainId&, int64_t start, int64_t end,
                                  const TakeRecords& take) { return take(records(start, end)); };
    CommitterSeams seams{store, clock_, *logger_, std::move(read_range),
                         [this] { return may_write; }};
    seams.decoding = [explode] {
      return lake::RecordDecoding{.explode = explode, .registry = false};
    };
    seams.decode = [](const lake::RecordDecoding& decoding,
                      std::span<const table::SourceRecord> records,
                      const TakeRecords& take) { return decoded(decoding.explode, records, take); };
    committer_ =
        Committer::create(database_, std::move(seams), policy, lake::Encoding::kParquet).value();
  }

  static base::Result<void> decoded(bool explode, std::span<const table::SourceRecord> records,
                                    const TakeRecords& take) {
    message::Decoder decoder({.explode = explode, .registry = false}, nullptr);
    std::vector<table::SourceRecord> rows;
    for (const table::SourceRecord& record : records)
      TICKLAKE_TRY(add_decoded(decoder, record, rows));
    return take(rows);
  }

  std::vector<table::SourceRecord> records(int64_t start, int64_t end) const {
    std::vector<table::SourceRecord> records;
    for (int64_t offset = start; offset < end; ++offset) {
      records.push_back(
          {0, offset, kBeforeMidnight + offset * 100'000, log_[static_cast<size_t>(offset)]});
    }
    return records;
  }

  /// What a sink does when it is given the partition; where it reads on from.
  base::Result<int64_t> take_up() {
    TICKLAKE_ASSIGN(const table::CommittedRange range, committer_->catch_up(*table_, kChain));
    if (!range.records.empty()) TICKLAKE_TRY(table_->adopt(range));
    return range.end;
  }
  void read(int64_t start, int64_t end) {
    const auto append = [this](std::span<const table::SourceRecord> rows) -> base::Result<void> {
      TICKLAKE_TRY(
          table_->append("trades", rows, [](const table::SourceRecord&, const std::string&) {}));
      return {};
    };
    const auto raw = records(start, end);
    ASSERT_TRUE(explode_ ? decoded(true, raw, append) : append(raw));
  }
  base::Result<int64_t> flush() {
    TICKLAKE_TRY(table_->freeze("trades"));
    const auto frozen = table_->frozen();
    if (frozen.empty()) return table_->committed_end(kChain);
    const table::SegmentInfo* const segment = &frozen.front();
    TICKLAKE_ASSIGN(table::CommittedRange range,
                    committer_->commit(*table_, *segment, kChain, segment->ends.at(0), 0));
    const int64_t end = range.end;
    TICKLAKE_TRY(table_->commit(segment->id, {&range, 1}));
    return end;
  }
  int64_t integer(const std::string& sql) {
    auto connection = database_.connect().value();
    auto result = connection.query(sql);
    if (!result) {
      ADD_FAILURE() << base::to_text(result.error());
      return -1;
    }
    return result->single_integer().value();
  }
  table::LiveTable& table() { return *table_; }

  bool may_write = true;

 private:
  const std::vector<std::string>& log_;
  const bool explode_;
  base::SystemClock clock_;
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  table::Database database_ = table::Database::open({.threads = 1}).value();
  std::unique_ptr<table::LiveTable> table_;
  std::unique_ptr<Committer> committer_;
};

class CommitterTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = lake::LocalObjectStore::open(files_, folder_.path() / "lake",
                                          lake::LocalObjectStore::Access::kReadWrite, 1)
                 .value();
    for (int i = 0; i < 40; ++i)
      log_.push_back(fmt::format(R"({{"symbol":"S{}","n":{}}})", i % 3, i));
  }

  /// What any engine that lists the files reads: rows, and offsets 0 to rows - 1 once each.
  void expect_files_hold(int64_t rows) {
    auto database = table::Database::open({.threads = 1}).value();
    auto connection = database.connect().value();
    const std::string glob = table::sql_literal((folder_.path() / "lake/trades/*/*").string());
    auto result = connection.query(
        "SELECT CASE WHEN count(DISTINCT _offset) = count(*) AND max(_offset) = count(*) - 1 AND "
        "bool_and(n = _offset) THEN count(*) ELSE -1 END FROM read_parquet(" +
        glob + ")");
    ASSERT_TRUE(result) << base::to_text(result.error());
    EXPECT_EQ(result->single_integer().value(), rows);
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  std::unique_ptr<lake::LocalObjectStore> store_;
  std::vector<std::string> log_;
};

TEST_F(CommitterTest, a_flush_writes_one_file_a_day_and_sql_sees_each_row_once) {
  Process sink(*store_, log_);
  sink.read(0, 40);
  EXPECT_EQ(sink.flush().value(), 40);
  expect_files_hold(40);
  EXPECT_EQ(sink.table().stats().lake.files, 2u) << "the records cross midnight";
  EXPECT_EQ(sink.integer("SELECT count(DISTINCT n) FROM trades"), 40);
}

TEST_F(CommitterTest, after_a_crash_at_any_step_each_offset_is_there_once) {
  for (const bool fails_after : {false, true}) {
    for (int steps = 0; steps < 4; ++steps) {
      SCOPED_TRACE(
          fmt::format("{} writes, then failing {}", steps, fails_after ? "after" : "before"));
      std::filesystem::remove_all(folder_.path() / "lake");
      {
        FailingStore failing(*store_, steps, fails_after);
        Process crashed(failing, log_);
        crashed.read(0, 40);
        static_cast<void>(crashed.flush());
        EXPECT_TRUE(failing.failed());
      }
      Process next(*store_, log_);
      const int64_t position = next.take_up().value();
      next.read(position, 40);
      EXPECT_EQ(next.integer("SELECT count(DISTINCT n) + count(*) FROM trades"), 80);
      EXPECT_EQ(next.flush().value(), 40);
      expect_files_hold(40);
      EXPECT_EQ(next.integer("SELECT count(DISTINCT n) + count(*) FROM trades"), 80);
    }
  }
}

TEST_F(CommitterTest, arrays_are_written_again_as_they_were_first_whatever_the_flags_are_now) {
  log_ = {R"([{"n":1},{"n":2.5},{"n":"three","more":1}])", R"({"n":4})", "[]", "[5]",
          R"([{"n":6}])"};
  const char* const sum =
      "SELECT count(*) * 100 + count(DISTINCT _offset) * 10 + sum(_array_index) FROM wide.trades";
  for (const bool explode_now : {false, true}) {
    std::filesystem::remove_all(folder_.path() / "lake");
    FailingStore failing(*store_, 1, false);  // the record, but no file
    {
      Process crashed(failing, log_, {}, true);
      crashed.read(0, 5);
      EXPECT_EQ(crashed.integer(sum), 533);
      ASSERT_FALSE(crashed.flush());
    }
    Process next(*store_, log_, {}, explode_now);
    EXPECT_EQ(next.take_up().value(), 5);
    EXPECT_EQ(next.integer(sum), 533);
    const auto record = lake::read_chain(*store_, kChain).value().records.at(0);
    EXPECT_TRUE(record.decoding.explode);
    EXPECT_EQ(record.rejected.count, 1);
  }
}

TEST_F(CommitterTest, a_flush_that_failed_can_be_tried_again) {
  FailingStore failing(*store_, 1, false);
  Process sink(failing, log_);
  sink.read(0, 40);
  auto failed = sink.flush();
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().retriable);
  EXPECT_EQ(sink.integer("SELECT count(*) FROM trades"), 40) << "the rows stay";
  Process again(*store_, log_);
  EXPECT_EQ(again.take_up().value(), 40) << "the boundary was agreed before the failure";
  expect_files_hold(40);
}

TEST_F(CommitterTest, two_sinks_with_other_boundaries_write_each_row_once) {
  Process one(*store_, log_);
  Process two(*store_, log_);
  one.read(0, 10);
  two.read(0, 25);
  EXPECT_EQ(one.flush().value(), 10);
  EXPECT_EQ(two.flush().value(), 25) << "adopts the shorter one, then adds its own";
  two.read(25, 30);
  one.read(10, 12);
  EXPECT_EQ(one.flush().value(), 25) << "adopts the longer one";
  one.read(12, 40);  // the consumer goes on where it was: what is in files is passed over
  EXPECT_EQ(one.integer("SELECT count(*) + count(DISTINCT n) FROM trades"), 80);
  EXPECT_EQ(two.flush().value(), 30);
  EXPECT_EQ(one.flush().value(), 40);
  expect_files_hold(40);
  EXPECT_EQ(one.integer("SELECT count(*) + count(DISTINCT n) FROM trades"), 80);
  EXPECT_EQ(two.integer("SELECT count(*) FROM trades"), 30);
}

TEST_F(CommitterTest, the_winners_missing_files_are_written_by_the_loser_from_the_broker) {
  {
    FailingStore failing(*store_, 1, false);  // the record, but no file
    Process winner(failing, log_);
    winner.read(0, 20);
    ASSERT_FALSE(winner.flush());
  }
  Process loser(*store_, log_);
  loser.read(0, 30);
  EXPECT_EQ(loser.flush().value(), 30);
  expect_files_hold(30);
}

TEST_F(CommitterTest, rows_per_file_cuts_at_the_same_offsets_every_time) {
  Process sink(*store_, log_, {.rows_per_file = 1});
  sink.read(0, 5);
  EXPECT_EQ(sink.flush().value(), 5);
  EXPECT_EQ(sink.table().stats().lake.files, 5u);
  expect_files_hold(5);
}

TEST_F(CommitterTest, a_process_that_was_stopped_for_too_long_writes_nothing) {
  Process sink(*store_, log_);
  sink.read(0, 10);
  sink.may_write = false;
  auto refused = sink.flush();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kFenced);
  EXPECT_TRUE(store_->list("_ticklake/trades").value().empty());
  sink.may_write = true;
  EXPECT_EQ(sink.flush().value(), 10);
}

TEST_F(CommitterTest, a_broken_chain_is_an_error_that_names_the_partition) {
  Process sink(*store_, log_);
  for (const int64_t end : {10, 20, 30}) {
    sink.read(end - 10, end);
    ASSERT_EQ(sink.flush().value(), end);
  }
  std::filesystem::remove(folder_.path() / "lake" / record_key(kChain, 10));
  Process next(*store_, log_);
  ASSERT_EQ(next.table().broken().size(), 1u);
  const base::Error& error = next.table().broken()[0].second;
  EXPECT_EQ(error.code, base::ErrorCode::kCorrupt);
  EXPECT_NE(base::to_text(error).find("trades/0"), std::string::npos);
}

TEST_F(CommitterTest, records_of_many_days_come_in_boundaries_of_few_files) {
  constexpr int kDays = 250;
  log_.assign(kDays, R"({"n":1})");
  Process sink(*store_, log_);
  std::vector<table::SourceRecord> records;
  for (int64_t offset = 0; offset < kDays; ++offset) {
    records.push_back({0, offset, offset * 86'400'000'000, log_[static_cast<size_t>(offset)]});
  }
  ASSERT_TRUE(sink.table().append("trades", records,
                                  [](const table::SourceRecord&, const std::string&) {}));
  EXPECT_EQ(sink.flush().value(), kDays);
  const auto chain = lake::read_chain(*store_, kChain).value();
  ASSERT_EQ(chain.records.size(), 3u);
  for (const lake::BoundaryRecord& record : chain.records)
    EXPECT_LE(record.files.size(), 100u);
  EXPECT_EQ(sink.integer("SELECT count(DISTINCT dt) FROM wide.trades"), kDays);
}

TEST_F(CommitterTest, a_boundary_says_how_many_of_its_records_were_no_rows) {
  log_[3] = "no JSON";
  log_[7] = "[1]";
  Process sink(*store_, log_);
  sink.read(0, 40);
  EXPECT_EQ(sink.table().stats().rejected.count, 2);
  ASSERT_TRUE(sink.flush());
  const lake::Rejected in_record = lake::read_chain(*store_, kChain).value().records[0].rejected;
  EXPECT_EQ(in_record.count, 2);
  EXPECT_EQ(in_record.newest_offset, 7);
  EXPECT_EQ(in_record.newest_reason, "it is not a JSON object");
  EXPECT_EQ(sink.table().stats().rejected.count, 2);
  Process next(*store_, log_);
  EXPECT_EQ(next.table().stats().rejected.count, 2) << "after a restart too";
}

}  // namespace
}  // namespace ticklake::sink
