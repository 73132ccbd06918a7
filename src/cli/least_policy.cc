#include "cli/least_policy.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

namespace ticklake::cli {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

constexpr size_t kBucketCharactersMin = 3;
constexpr size_t kBucketCharactersMax = 63;

base::Result<void> check_bucket(const std::string& bucket) {
  const bool is_name =
      bucket.size() >= kBucketCharactersMin && bucket.size() <= kBucketCharactersMax &&
      std::ranges::all_of(bucket, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
      });
  if (is_name) return {};
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + bucket + "' is no name of a bucket",
                    "3 to 63 lower-case letters, digits, '-' and '.'", "--bucket my-data");
}

Json allow(const char* sid, const Texts& actions, const Texts& resources) {
  return {{"Sid", sid}, {"Effect", "Allow"}, {"Action", actions}, {"Resource", resources}};
}

std::string bucket_arn(const std::string& bucket) { return "arn:aws:s3:::" + bucket; }

Json sink_statements(const std::string& bucket) {
  return Json::array(
      {allow("WriteObjects", {"s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"},
             {bucket_arn(bucket) + "/*"}),
       // Without it an absent object is told as one that is forbidden.
       allow("FindObjects", {"s3:ListBucket", "s3:GetBucketLocation"}, {bucket_arn(bucket)})});
}

const Texts kCatalogArns{"arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/*",
                         "arn:aws:glue:*:*:table/*"};

Json crawler_statements(const std::string& bucket) {
  return Json::array(
      {allow("ReadObjects", {"s3:GetObject"}, {bucket_arn(bucket) + "/*"}),
       allow("FindObjects", {"s3:ListBucket", "s3:GetBucketLocation"}, {bucket_arn(bucket)}),
       allow("FillCatalog",
             {"glue:GetDatabase", "glue:GetDatabases", "glue:CreateDatabase", "glue:GetTable",
              "glue:GetTables", "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable",
              "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition",
              "glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:UpdatePartition",
              "glue:BatchDeletePartition"},
             kCatalogArns),
       allow("WriteLog", {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"},
             {"arn:aws:logs:*:*:log-group:/aws-glue/*"})});
}

Json query_statements(const std::string& bucket, const std::string& results) {
  const std::string results_bucket = results.substr(0, results.find('/'));
  std::string results_objects = bucket_arn(results);
  results_objects += results_objects.ends_with('/') ? "*" : "/*";
  Texts buckets{bucket_arn(bucket)};
  if (results_bucket != bucket) buckets.push_back(bucket_arn(results_bucket));
  return Json::array(
      {allow("RunQueries",
             {"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults",
              "athena:StopQueryExecution", "athena:GetWorkGroup"},
             {"arn:aws:athena:*:*:workgroup/*"}),
       allow("ListTables", {"athena:ListTableMetadata"}, {"arn:aws:athena:*:*:datacatalog/*"}),
       allow("ReadCatalog",
             {"glue:GetDatabase", "glue:GetDatabases", "glue:GetTable", "glue:GetTables",
              "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"},
             kCatalogArns),
       allow("ReadData", {"s3:GetObject"}, {bucket_arn(bucket) + "/*"}),
       allow("FindObjects", {"s3:ListBucket", "s3:GetBucketLocation"}, buckets),
       allow("WriteResults",
             {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
              "s3:ListMultipartUploadParts"},
             {results_objects}),
       // awswrangler's default writes a table of its own for each query, and removes it.
       allow("TemporaryTables", {"glue:CreateTable", "glue:DeleteTable"},
             {"arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/*",
              "arn:aws:glue:*:*:table/*/temp_table_*"})});
}

}  // namespace

base::Result<std::string> least_policy(PolicyFor part, const std::string& bucket,
                                       const std::string& results) {
  TICKLAKE_TRY(check_bucket(bucket));
  TICKLAKE_TRY(check_bucket(results.substr(0, results.find('/'))));
  Json policy{{"Version", "2012-10-17"}};
  switch (part) {
    case PolicyFor::kSink: policy["Statement"] = sink_statements(bucket); break;
    case PolicyFor::kCrawler: policy["Statement"] = crawler_statements(bucket); break;
    case PolicyFor::kQuery: policy["Statement"] = query_statements(bucket, results); break;
  }
  return policy.dump(2) + "\n";
}

}  // namespace ticklake::cli
