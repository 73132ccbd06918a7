#include "feed/inputs.h"

#include <random>

#include <bzlib.h>
#include <duckdb.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/temporary_folder.h"
#include "feed/unpack.h"
#include "feed/zip.h"

namespace ticklake::feed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

std::string gzip(const std::string& text) { return deflated(text, MAX_WBITS + 16); }

std::string bzip2(std::string text) {
  std::string out(text.size() + text.size() / 100 + 700, '\0');
  auto size = static_cast<unsigned>(out.size());
  EXPECT_EQ(::BZ2_bzBuffToBuffCompress(out.data(), &size, text.data(),
                                       static_cast<unsigned>(text.size()), 9, 0, 0),
            BZ_OK);
  out.resize(size);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  out.resize(::ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string little_endian(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i)
    text += static_cast<char>(value >> (8 * i));
  return text;
}

struct Member {
  std::string name;
  std::string text;
  bool is_stored = false;
  bool is_zip64 = false;
};

std::string zip(const std::vector<Member>& members) {
  std::string out;
  std::string directory;
  for (const Member& member : members) {
    const std::string data = member.is_stored ? member.text : deflated(member.text, -MAX_WBITS);
    const uLong crc = ::crc32(0, reinterpret_cast<const Bytef*>(member.text.data()),
                              static_cast<uInt>(member.text.size()));
    const uint64_t position = out.size();
    const std::string sizes =
        member.is_zip64 ? std::string(8, '\xFF')
                        : little_endian(data.size(), 4) + little_endian(member.text.size(), 4);
    const std::string extra = member.is_zip64 ? little_endian(1, 2) + little_endian(16, 2) +
                                                    little_endian(member.text.size(), 8) +
                                                    little_endian(data.size(), 8)
                                              : "";
    const std::string common =
        little_endian(20, 2) + little_endian(0, 2) + little_endian(member.is_stored ? 0 : 8, 2) +
        little_endian(0, 4) + little_endian(crc, 4) + sizes + little_endian(member.name.size(), 2) +
        little_endian(extra.size(), 2);
    out += "PK\x03\x04" + common + member.name + extra + data;
    directory += "PK\x01\x02" + little_endian(20, 2) + common + little_endian(0, 2) +
                 little_endian(0, 4) + little_endian(0, 4) + little_endian(position, 4) +
                 member.name + extra;
  }
  const uint64_t start = out.size();
  return out + directory + "PK\x05\x06" + little_endian(0, 4) + little_endian(members.size(), 2) +
         little_endian(members.size(), 2) + little_endian(directory.size(), 4) +
         little_endian(start, 4) + little_endian(0, 2);
}

class InputsTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) {
    const base::Path path = folder_.path() / name;
    EXPECT_TRUE(files_.make_folders(path.parent_path()));
    EXPECT_TRUE(base::replace_text(files_, path, bytes));
    return path.string();
  }
  std::string path(const std::string& name) { return (folder_.path() / name).string(); }

  base::Result<std::vector<std::string>> read(const std::vector<std::string>& arguments,
                                              Merge merge = Merge::kName) {
    TICKLAKE_ASSIGN(const auto inputs, find_inputs(arguments, files_));
    TICKLAKE_ASSIGN(const auto rows, open_inputs({}, inputs, merge, files_));
    std::vector<std::string> json;
    Row row;
    while (true) {
      TICKLAKE_ASSIGN(const bool found, rows->next(row));
      if (!found) break;
      json.emplace_back(row.json);
    }
    counts_ = rows->counts();
    EXPECT_EQ(counts_.rows, json.size());
    return json;
  }
  std::string why_not(const std::vector<std::string>& arguments, Merge merge = Merge::kName) {
    const auto rows = read(arguments, merge);
    if (rows) return "it was read";
    return rows.error().what + "|" + rows.error().cause + "|" + rows.error().advice;
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  RowCounts counts_;
};

const std::string kCsv = "n,price\n1,1.50\n2,0.000000000000000001\n";
const std::vector<std::string> kRows = {R"({"n":1,"price":1.50})",
                                        R"({"n":2,"price":0.000000000000000001})"};

TEST_F(InputsTest, each_packing_gives_the_same_rows) {
  EXPECT_EQ(read({write("a.csv", kCsv)}).value(), kRows);
  for (const std::string& bytes :
       {gzip(kCsv), bzip2(kCsv), zstd(kCsv), zip({{"a.csv", kCsv}}), zip({{"a.csv", kCsv, true}}),
        zip({{"a.csv", kCsv, false, true}}),
        zip({{"__MACOSX/._a.csv", "junk"}, {"folder/", ""}, {"folder/a.csv", kCsv}})}) {
    const auto rows = read({write("packed", bytes)});
    ASSERT_TRUE(rows) << rows.error().what << rows.error().cause;
    EXPECT_EQ(*rows, kRows);
  }
}

TEST_F(InputsTest, members_that_were_put_together_are_one_text) {
  const std::string half = kCsv.substr(0, 15), rest = kCsv.substr(15);
  for (const std::string& bytes :
       {gzip(half) + gzip(rest), bzip2(half) + bzip2(rest), zstd(half) + zstd(rest),
        gzip(half) + gzip("") + gzip(rest) + std::string(512, '\0')}) {
    EXPECT_EQ(read({write("packed", bytes)}).value(), kRows);
  }
}

TEST_F(InputsTest, what_breaks_off_is_refused_wherever_it_breaks_off) {
  for (const std::string& whole : {gzip(kCsv), bzip2(kCsv), zstd(kCsv), zip({{"a.csv", kCsv}})}) {
    for (size_t size = 4; size < whole.size(); ++size) {
      const auto rows = read({write("packed", whole.substr(0, size))});
      ASSERT_FALSE(rows) << size << " of " << whole.size();
    }
  }
  EXPECT_THAT(why_not({write("cut.gz", gzip(kCsv).substr(0, 20))}),
              HasSubstr("cut.gz: its gzip data is damaged|it breaks off"));
}

TEST_F(InputsTest, other_bytes_behind_the_end_are_refused) {
  EXPECT_THAT(why_not({write("a.gz", gzip(kCsv) + "rubbish")}), HasSubstr("other bytes follow"));
  EXPECT_THAT(why_not({write("a.bz2", bzip2(kCsv) + "rubbish")}), HasSubstr("other bytes follow"));
  EXPECT_THAT(why_not({write("a.zst", zstd(kCsv) + "rubbish")}), HasSubstr("zstd data is damaged"));
}

TEST_F(InputsTest, a_member_that_is_not_what_the_zip_says_is_refused) {
  std::string bytes = zip({{"a.csv", kCsv, true}});
  bytes[bytes.find("1.50")] = '9';
  EXPECT_THAT(why_not({write("a.zip", bytes)}), HasSubstr("the checksum of 'a.csv' is wrong"));
}

TEST_F(InputsTest, packed_twice_is_refused_by_both_names) {
  EXPECT_THAT(why_not({write("a.gz", gzip(zstd(kCsv)))}),
              HasSubstr("is packed twice|zstd within gzip"));
  EXPECT_THAT(why_not({write("a.zip", zip({{"b.zip", zip({{"a.csv", kCsv}})}}))}),
              HasSubstr("zip within zip"));
}

TEST_F(InputsTest, a_bomb_ends_with_a_reason_and_bounded_memory) {
  const std::string bomb = gzip("n,price\n" + std::string(64 << 20, '0') + "\n");
  ASSERT_LT(bomb.size(), 100'000u);
  EXPECT_TRUE(read({write("bomb.gz", bomb)}).value().empty());
  EXPECT_EQ(counts_.bad.count(), 1u);
}

TEST_F(InputsTest, members_of_a_zip_are_read_by_name_or_one_is_chosen) {
  const std::string file =
      write("days.zip", zip({{"b.csv", "n\n2\n"}, {"a.csv", "n\n1\n"}, {"c/d.csv", "n\n3\n"}}));
  EXPECT_THAT(read({file}).value(), ElementsAre(R"({"n":1})", R"({"n":2})", R"({"n":3})"));
  EXPECT_THAT(read({file + "/c/d.csv"}).value(), ElementsAre(R"({"n":3})"));
  EXPECT_THAT(why_not({file + "/x.csv"}),
              HasSubstr("has no member 'x.csv'|its members are a.csv, b.csv, c/d.csv"));
}

TEST_F(InputsTest, folders_and_patterns_mean_their_files_by_name) {
  write("data/2.csv.gz", gzip("n\n2\n"));
  write("data/1.csv", "n\n1\n");
  write("data/.hidden", "rubbish");
  write("data/below/9.csv", "n\n9\n");
  write("data/10.json", R"([{"n":10}])");
  EXPECT_THAT(read({path("data")}).value(), ElementsAre(R"({"n":1})", R"({"n":10})", R"({"n":2})"));
  EXPECT_THAT(read({path("data/") + "*.csv*"}).value(), ElementsAre(R"({"n":1})", R"({"n":2})"));
  EXPECT_THAT(read({path("d*/[0-9].csv"), path("data/below")}).value(),
              ElementsAre(R"({"n":1})", R"({"n":9})"));
  EXPECT_THAT(why_not({path("data/*.parquet")}), HasSubstr("no file is there for"));
}

TEST_F(InputsTest, a_file_with_other_columns_is_refused_by_name_before_a_row_is_given) {
  write("data/1.csv", "n,price\n1,2\n");
  write("data/2.csv", "n,prize\n1,2\n");
  EXPECT_THAT(why_not({path("data")}),
              testing::AllOf(HasSubstr("2.csv has other columns than"), HasSubstr("1.csv"),
                             HasSubstr("'price' is in one of them only")));
}

TEST_F(InputsTest, files_are_merged_by_time_and_bad_rows_are_told_by_file) {
  write("data/a.csv", "time,s\n2024-01-02T00:00:01Z,a\n2024-01-02T00:00:03Z,a\nx\n");
  write("data/b.csv", "time,s\n2024-01-02T00:00:01Z,b\n2024-01-02T00:00:02Z,b\n");
  EXPECT_THAT(read({path("data")}, Merge::kTime).value(),
              ElementsAre(R"({"time":"2024-01-02T00:00:01Z","s":"a"})",
                          R"({"time":"2024-01-02T00:00:01Z","s":"b"})",
                          R"({"time":"2024-01-02T00:00:02Z","s":"b"})",
                          R"({"time":"2024-01-02T00:00:03Z","s":"a"})"));
  ASSERT_EQ(counts_.bad.count(), 1u);
  EXPECT_THAT(counts_.bad.first()[0].reason, HasSubstr("a.csv: "));
  write("data/c.csv", "time,s\n2024-01-02T00:00:05Z,c\n2024-01-02T00:00:02Z,c\n");
  EXPECT_THAT(why_not({path("data")}, Merge::kTime),
              HasSubstr("c.csv cannot be merged by time|line 3 is earlier"));
}

TEST_F(InputsTest, arrow_is_refused_with_the_way_to_parquet) {
  EXPECT_THAT(why_not({write("a.arrow", std::string("ARROW1\0\0", 8))}),
              HasSubstr("is Arrow IPC (Feather)|Parquet is read"));
}

TEST_F(InputsTest, parquet_keeps_every_digit_and_instant) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  ASSERT_EQ(duckdb_open(nullptr, &database), DuckDBSuccess);
  ASSERT_EQ(duckdb_connect(database, &connection), DuckDBSuccess);
  const std::string sql =
      "COPY (SELECT TIMESTAMP_NS '2020-01-02 03:04:05.123456789' AS ns, "
      "12345678901234567890.123456789012345678::DECIMAL(38,18) AS d, "
      "18446744073709551615::UBIGINT AS u, DATE '2020-01-02' AS day, TIME '01:02:03.000004' AS t, "
      "TIMESTAMPTZ '2020-01-02 03:04:05.000006+00' AS z, "
      "[0.1::DECIMAL(38,18)] AS l, {'a': 1, 'b': 'x'} AS s, NULL::DECIMAL(9,2) AS missing) TO '" +
      path("exact.parquet") + "' (FORMAT parquet)";
  duckdb_result result{};
  ASSERT_EQ(duckdb_query(connection, sql.c_str(), &result), DuckDBSuccess)
      << duckdb_result_error(&result);
  duckdb_destroy_result(&result);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  EXPECT_THAT(read({path("exact.parquet")}).value(),
              ElementsAre(R"({"ns":"2020-01-02T03:04:05.123456789Z",)"
                          R"("d":12345678901234567890.123456789012345678,)"
                          R"("u":18446744073709551615,"day":"2020-01-02","t":"01:02:03.000004",)"
                          R"("z":"2020-01-02T03:04:05.000006Z","l":["0.100000000000000000"],)"
                          R"("s":{"a":1,"b":"x"},"missing":null})"));
}

TEST(TopicName, is_the_files_name_without_folder_packing_and_kind) {
  EXPECT_EQ(topic_name_of("data/trades.csv.gz"), "trades");
  EXPECT_EQ(topic_name_of("trades.zip"), "trades");
  EXPECT_EQ(topic_name_of("data/"), "data");
  EXPECT_EQ(topic_name_of("trades"), "trades");
}

/// One value of each kind as its exact JSON text.
std::string random_value(std::mt19937& random) {
  const auto below = [&](uint32_t n) { return random() % n; };
  const auto digits = [&](size_t count) {
    std::string text(1, static_cast<char>('1' + below(9)));
    while (text.size() < count)
      text += static_cast<char>('0' + below(10));
    return text;
  };
  switch (below(6)) {
    case 0: return "-" + digits(1 + below(18));
    case 1: return digits(1 + below(20)) + "." + digits(1 + below(18));
    case 2: return "\"" + std::string(below(20), 'x') + "\\\"\\u00e9, [{}]\"";
    case 3: return below(2) == 0 ? "true" : "false";
    case 4: return "null";
    default: return "\"2024-01-02T03:04:05." + digits(9) + "Z\"";
  }
}

TEST_F(InputsTest, random_rows_are_the_same_in_every_packing_and_every_json_shape) {
  std::mt19937 random(20240102);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> rows;
    std::string lines, array = "[", keyed = "{", column_a = "[", column_b = "[";
    std::vector<std::string> keyed_rows;
    for (int i = 0; i < 30; ++i) {
      const std::string a = random_value(random), b = random_value(random);
      const std::string fields = "\"a\":" + a + ",\"b\":" + b + "}";
      const std::string comma = i == 0 ? "" : ",\n  ";
      const std::string day =
          "\"2024-01-" + std::to_string(10 + i % 20) + " 00:" + std::to_string(10 + i) + ":00\"";
      rows.push_back("{" + fields);
      keyed_rows.push_back("{\"time\":" + day + "," + fields);
      lines += "{" + fields + "\n";
      array += comma + "{ \"a\" : " + a + ", \"b\" : " + b + " }";
      keyed += comma + day + ": {" + fields;
      column_a += comma + a;
      column_b += comma + b;
    }
    array += "]";
    const std::string columns = "{\"a\":" + column_a + "],\"b\":" + column_b + "]}";
    for (const std::string& text : {lines, array, "{\"meta\":{\"n\":1},\"data\":" + array + "}",
                                    columns, "{\"data\":" + columns + "}"}) {
      for (const std::string& bytes :
           {text, gzip(text), bzip2(text), zstd(text), zip({{"rows.json", text}})}) {
        const auto read_back = read({write("rows", bytes)});
        ASSERT_TRUE(read_back) << read_back.error().what << read_back.error().cause << text;
        ASSERT_EQ(*read_back, rows) << text;
      }
    }
    ASSERT_EQ(read({write("rows", keyed + "}")}).value(), keyed_rows);
  }
}

}  // namespace
}  // namespace ticklake::feed
