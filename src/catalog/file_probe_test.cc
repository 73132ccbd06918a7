#include "catalog/file_probe.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "catalog/glob.h"
#include "catalog/probe_parquet.h"

namespace ticklake::catalog {
namespace {

using testing::HasSubstr;

std::string text_of(const std::vector<HiveField>& fields) {
  return HiveType::structure(fields).text();
}

std::string csv(std::string_view text) { return text_of(probe_csv(text, true).fields); }

TEST(CsvProbe, TypesAreThoseOfAllValues) {
  EXPECT_EQ(csv("a,b,c,d\n1,1.5,x,2026-01-01\n2147483648,2,,2026-01-02 10:00:00\n"),
            "struct<a:bigint,b:double,c:string,d:timestamp>");
  EXPECT_EQ(csv("a,b\n1,true\nx,false\n"), "struct<a:string,b:boolean>");
  EXPECT_EQ(csv("a,b\n-1,+2\n,1e3\n"), "struct<a:int,b:double>");
}

TEST(CsvProbe, EachDelimiterIsFound) {
  for (const char delimiter : {',', '|', '\t', ';', '\x01'}) {
    const std::string text =
        std::string("a") + delimiter + "b\n1" + delimiter + "2\n3" + delimiter + "4\r\n";
    const FileProbe probe = probe_csv(text, true);
    EXPECT_EQ(probe.kind.delimiter, delimiter);
    EXPECT_EQ(text_of(probe.fields), "struct<a:int,b:int>");
    EXPECT_EQ(probe.records, 2);
  }
}

TEST(CsvProbe, QuotedDelimitersAndLinesAreValues) {
  const FileProbe probe = probe_csv("name,n\n\"Smith, J\",1\n\"a\nb \"\"c\"\"\",2\n", true);
  EXPECT_EQ(text_of(probe.fields), "struct<name:string,n:int>");
  EXPECT_EQ(probe.records, 2);
  EXPECT_THAT(probe.remark, HasSubstr("OpenCSVSerde"));
}

TEST(CsvProbe, OneColumnOrOneRowIsNoCsv) {
  for (const char* text : {"a\n1\n2\n", "a,b\n", "", "hello, world"})
    EXPECT_EQ(probe_csv(text, true).kind.format, FileFormat::kUnknown) << text;
}

TEST(CsvProbe, ARowThatIsCutDoesNotCount) {
  EXPECT_EQ(text_of(probe_csv("a,b\n1,2\n3,4\n5", false).fields), "struct<a:int,b:int>");
}

TEST(CsvProbe, NamesThatAreThereTwiceAreMadeDifferent) {
  EXPECT_EQ(csv("a,A,\n1,2,\n3,4,\n"), "struct<a:int,a_1:int,col2:string>");
}

TEST(JsonProbe, ARecordThatIsCutDoesNotCount) {
  bool needs_more = false;
  const FileProbe probe =
      probe_json({.text = "{\"a\":1}\n{\"a\":2.5,\"b\"", .is_whole = false}, needs_more);
  EXPECT_EQ(text_of(probe.fields), "struct<a:int>");
  EXPECT_FALSE(needs_more);
  probe_json({.text = "{\"a\":", .is_whole = false}, needs_more);
  EXPECT_TRUE(needs_more);
}

TEST(JsonProbe, WhatIsNoJsonSaysSo) {
  bool needs_more = false;
  for (const char* text : {"{\"a\":1", "{\"a\":1}\n7\n", "{a:1}", "[1,2", "{\"a\":1}}"}) {
    const FileProbe probe = probe_json({.text = text}, needs_more);
    EXPECT_EQ(probe.kind.format, FileFormat::kUnknown) << text;
    EXPECT_NE(probe.problem, "");
    EXPECT_FALSE(needs_more);
  }
}

TEST(ParquetProbe, FootersGiveHivesTypes) {
  const base::TemporaryFolder folder;
  const base::Path file = folder.path() / "od[d]*.parquet";
  auto database = table::Database::open({}).value();
  auto connection = database.connect().value();
  ASSERT_TRUE(connection.query(
      "COPY (SELECT 1::TINYINT AS t, 2::INTEGER AS i, 3::BIGINT AS b, 1.5::FLOAT AS f,"
      " 2.5::DOUBLE AS d, 1.25::DECIMAL(10,2) AS m, 'x' AS s, true AS y, '\\x01'::BLOB AS z,"
      " DATE '2026-01-01' AS day, TIMESTAMP '2026-01-01 00:00:00' AS at, [1, 2] AS l,"
      " {'a': 1, 'b': ['x']} AS st, MAP {'k': 1.5::DOUBLE} AS mp FROM range(3)) TO " +
      table::sql_literal(file.string()) + " (FORMAT parquet)"));
  const base::Path broken = folder.path() / "broken.parquet";
  base::PosixFileSystem files;
  ASSERT_TRUE(replace_text(files, broken, "PAR1 and no more"));
  auto reader = ParquetProbe::open().value();
  const std::vector<base::Path> paths{file, broken};
  const auto probes = reader.probe(paths);
  ASSERT_EQ(probes.size(), 2);
  EXPECT_EQ(text_of(probes[0].fields),
            "struct<t:tinyint,i:int,b:bigint,f:float,d:double,m:decimal(10,2),s:string,y:boolean,"
            "z:binary,day:date,at:timestamp,l:array<int>,st:struct<a:int,b:array<string>>,"
            "mp:map<string,double>>");
  EXPECT_EQ(probes[0].records, 3);
  EXPECT_EQ(probes[1].kind.format, FileFormat::kUnknown);
}

TEST(HiveType, WidensAndReadsBack) {
  const auto merged = [](const char* a, const char* b) {
    HiveType type = parse_hive_type(a);
    type.merge(parse_hive_type(b));
    return type.text();
  };
  EXPECT_EQ(merged("int", "bigint"), "bigint");
  EXPECT_EQ(merged("tinyint", "int"), "int");
  EXPECT_EQ(merged("float", "bigint"), "double");
  EXPECT_EQ(merged("double", "string"), "string");
  EXPECT_EQ(merged("boolean", "int"), "string");
  EXPECT_EQ(merged("date", "timestamp"), "timestamp");
  EXPECT_EQ(merged("struct<a:int>", "struct<b:string,a:double>"), "struct<a:double,b:string>");
  EXPECT_EQ(merged("array<int>", "int"), "string");
  EXPECT_EQ(merged("decimal(10,2)", "decimal(12,2)"), "string");
  EXPECT_EQ(parse_hive_type("struct<").text(), "struct<");
}

TEST(Glob, MatchesAsGluesExclusionsDo) {
  for (const auto& [pattern, text] : {
           std::pair("*.csv", "a.csv"),
           std::pair("*.*", "a.b"),
           std::pair("*.{csv,avro}", "a.avro"),
           std::pair("foo.?", "foo.x"),
           std::pair("myfolder/*", "myfolder/a"),
           std::pair("myfolder/*/*", "myfolder/a/b"),
           std::pair("myfolder/**", "myfolder/a/b/c"),
           std::pair("**", "a/b"),
           std::pair("**/x", "a/b/x"),
           std::pair("[a-c]x", "bx"),
           std::pair("[!a-c]x", "dx"),
           std::pair("\\*", "*"),
           std::pair("a{b,}c", "ac"),
           std::pair("*", ".hidden"),
           std::pair("[-a]", "-"),
       }) {
    EXPECT_TRUE(Glob(pattern).matches(text)) << pattern << " " << text;
  }
  for (const auto& [pattern, text] : {
           std::pair("*.csv", "a/b.csv"),
           std::pair("foo.?", "foo./"),
           std::pair("myfolder/*", "myfolder/a/b"),
           std::pair("[a-c]x", "dx"),
           std::pair("\\*", "a"),
           std::pair("*.{csv,avro}", "a.json"),
           std::pair("", "a"),
           std::pair("[", "a"),
           std::pair("**/x", "x"),
       }) {
    EXPECT_FALSE(Glob(pattern).matches(text)) << pattern << " " << text;
  }
}

}  // namespace
}  // namespace ticklake::catalog
