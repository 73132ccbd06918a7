#include "table/file_check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "lake/local_object_store.h"

namespace ticklake::table {
namespace {

constexpr FileCheckDepth kBoth[] = {FileCheckDepth::kFooters, FileCheckDepth::kOffsets};

class FileCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = lake::LocalObjectStore::open(files_, folder_.path(),
                                          lake::LocalObjectStore::Access::kReadWrite, 1)
                 .value();
  }

  struct Written {
    std::string select;  ///< of _offset
    int64_t start = 0;
    int64_t end = 0;
    int partition = 0;
  };
  /// A file as a sink would write it, or nearly so.
  void write(const std::string& key, const Written& file, bool is_ours = true) {
    const base::Path staged = store_->stage("x").value();
    const std::string options =
        is_ours ? fmt::format(
                      ", KV_METADATA {{topic: 'trades', partition: '{}', start: '{}', "
                      "\"end\": '{}'}}",
                      file.partition, file.start, file.end)
                : "";
    const std::string format = key.ends_with(".json") ? "json, ARRAY false" : "parquet" + options;
    ASSERT_TRUE(connection_.query(
        fmt::format("COPY (SELECT 'trades' AS _topic, {}::INTEGER AS _partition, _offset::BIGINT "
                    "AS _offset FROM ({})) TO {} (FORMAT {})",
                    file.partition, file.select, sql_literal(staged.string()), format)));
    ASSERT_TRUE(store_->put_file(key, staged));
  }
  static lake::PromisedFile promised(const std::string& key, int64_t start, int64_t end,
                                     int64_t rows) {
    return {{"trades", "0", 0},
            start,
            end,
            key,
            rows,
            key.ends_with(".json") ? lake::Encoding::kJsonLines : lake::Encoding::kParquet};
  }
  /// What a check of `files` says, a line each.
  std::vector<std::string> check(const std::vector<lake::PromisedFile>& files,
                                 FileCheckDepth depth) {
    std::vector<std::string> lines;
    const auto findings = check_files(connection_, *store_, files, depth);
    EXPECT_TRUE(findings) << base::to_text(findings.error());
    for (const lake::Finding& finding : *findings)
      lines.push_back(to_line(finding));
    return lines;
  }
  using Lines = std::vector<std::string>;

  static constexpr const char* kFive = "SELECT unnest(range(5)) AS _offset";
  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  std::unique_ptr<lake::LocalObjectStore> store_;
  Database database_ = Database::open({.threads = 1}).value();
  Connection connection_ = database_.connect().value();
};

TEST_F(FileCheckTest, files_as_promised_are_fine_however_many) {
  std::vector<lake::PromisedFile> files;
  for (int64_t i = 0; i < 250; ++i) {
    const std::string key = fmt::format("t/{}.parquet", i);
    write(key, {fmt::format("SELECT {} AS _offset", i), i, i + 1});
    files.push_back(promised(key, i, i + 1, 1));
  }
  write("t/x.json", {kFive, 0, 5});
  files.push_back(promised("t/x.json", 300, 305, 5));
  files.back().start = 0;
  files.back().end = 5;
  files.back().chain.topic = "trades";
  for (const FileCheckDepth depth : kBoth)
    EXPECT_EQ(check(files, depth), Lines());
}

TEST_F(FileCheckTest, a_file_with_another_number_of_rows_is_named) {
  write("t/a.parquet", {kFive, 0, 6});
  for (const FileCheckDepth depth : kBoth) {
    EXPECT_EQ(check({promised("t/a.parquet", 0, 6, 6)}, depth),
              Lines{"changed t/a.parquet: it has 5 rows, its record promises 6"});
  }
}

TEST_F(FileCheckTest, a_truncated_file_is_named_and_its_neighbours_are_checked) {
  std::vector<lake::PromisedFile> files;
  for (const char* const name : {"t/a.parquet", "t/b.parquet", "t/c.parquet"}) {
    const auto start = static_cast<int64_t>(files.size()) * 10;
    write(name, {fmt::format("SELECT {} AS _offset", start), start, start + 10});
    files.push_back(promised(name, start, start + 10, 1));
  }
  files[2].rows = 7;
  const base::Path path = folder_.path() / "t/b.parquet";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  const Lines lines = check(files, FileCheckDepth::kFooters);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("changed t/b.parquet: it cannot be read: ")) << lines[0];
  EXPECT_EQ(lines[1], "changed t/c.parquet: it has 1 rows, its record promises 7");
}

TEST_F(FileCheckTest, a_file_that_was_replaced_by_anothers_is_named) {
  write("t/a.parquet", {"SELECT unnest(range(5, 10)) AS _offset", 5, 10});
  EXPECT_EQ(check({promised("t/a.parquet", 0, 5, 5)}, FileCheckDepth::kFooters),
            Lines{"changed t/a.parquet: it is that of offsets [5, 10) of trades/0"});
}

TEST_F(FileCheckTest, a_file_that_no_sink_wrote_is_named) {
  write("t/a.parquet", {kFive, 0, 5}, false);
  EXPECT_EQ(check({promised("t/a.parquet", 0, 5, 5)}, FileCheckDepth::kFooters),
            Lines{"changed t/a.parquet: its footer does not say whose rows it has: no sink wrote "
                  "it"});
}

TEST_F(FileCheckTest, offsets_outside_of_the_range_show_in_the_footer) {
  write("t/a.parquet", {"SELECT unnest(range(1, 6)) AS _offset", 0, 5});
  EXPECT_EQ(check({promised("t/a.parquet", 0, 5, 5)}, FileCheckDepth::kFooters),
            Lines{"changed t/a.parquet: it has offsets 1 to 5, its record is about [0, 5)"});
}

TEST_F(FileCheckTest, an_offset_that_is_there_twice_is_found_when_all_are_read) {
  write("t/a.parquet", {"SELECT unnest([0, 1, 1, 2, 4]) AS _offset", 0, 5});
  const std::vector<lake::PromisedFile> files{promised("t/a.parquet", 0, 5, 5)};
  EXPECT_EQ(check(files, FileCheckDepth::kFooters), Lines());
  EXPECT_EQ(check(files, FileCheckDepth::kOffsets),
            Lines{"changed t/a.parquet: 5 rows have 4 offsets"});
}

TEST_F(FileCheckTest, an_offset_in_two_files_of_a_record_is_found_when_all_are_read) {
  write("t/a.parquet", {"SELECT unnest([0, 1, 2]) AS _offset", 0, 5});
  write("t/b.parquet", {"SELECT unnest([2, 3]) AS _offset", 0, 5});
  EXPECT_EQ(check({promised("t/a.parquet", 0, 5, 3), promised("t/b.parquet", 0, 5, 2)},
                  FileCheckDepth::kOffsets),
            Lines{"duplicate trades/0: 1 offsets of [0, 5) are in two of the 2 files of their "
                  "record"});
}

TEST_F(FileCheckTest, lines_of_json_are_counted_when_all_are_read) {
  write("t/a.json", {kFive, 0, 6});
  const std::vector<lake::PromisedFile> files{promised("t/a.json", 0, 6, 6)};
  EXPECT_EQ(check(files, FileCheckDepth::kFooters), Lines());
  EXPECT_EQ(check(files, FileCheckDepth::kOffsets),
            Lines{"changed t/a.json: it has 5 rows, its record promises 6"});
}

}  // namespace
}  // namespace ticklake::table
