#include "aws/aws_managed_policies.h"

#include <array>

namespace ticklake::aws {
namespace {

constexpr std::string_view kEverything = R"({"Version": "2012-10-17", "Statement":
  {"Effect": "Allow", "Action": "*", "Resource": "*"}})";

constexpr std::string_view kAllButIdentities = R"({"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
  {"Effect": "Allow", "Action": ["iam:GetRole", "iam:ListRoles"], "Resource": "*"}]})";

constexpr std::string_view kAllIdentities = R"({"Version": "2012-10-17", "Statement":
  {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}})";

constexpr std::string_view kReadIdentities = R"({"Version": "2012-10-17", "Statement":
  {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}})";

constexpr std::string_view kAllObjects = R"({"Version": "2012-10-17", "Statement":
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})";

constexpr std::string_view kReadObjects = R"({"Version": "2012-10-17", "Statement":
  {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "s3:Describe*"], "Resource": "*"}})";

constexpr std::string_view kAthena = R"({"Version": "2012-10-17", "Statement": [
  {"Sid": "Athena", "Effect": "Allow", "Action": "athena:*", "Resource": "*"},
  {"Sid": "Catalog", "Effect": "Allow", "Resource": "*", "Action": [
    "glue:CreateDatabase", "glue:GetDatabase", "glue:GetDatabases", "glue:UpdateDatabase",
    "glue:DeleteDatabase", "glue:CreateTable", "glue:GetTable", "glue:GetTables",
    "glue:UpdateTable", "glue:DeleteTable", "glue:BatchDeleteTable", "glue:CreatePartition",
    "glue:BatchCreatePartition",
    "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:UpdatePartition",
    "glue:DeletePartition", "glue:BatchDeletePartition"]},
  {"Sid": "Results", "Effect": "Allow", "Resource": "arn:aws:s3:::aws-athena-query-results-*",
   "Action": [
    "s3:CreateBucket", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts", "s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]},
  {"Sid": "Buckets", "Effect": "Allow", "Resource": "*", "Action": [
    "s3:GetBucketLocation", "s3:ListBucket", "s3:ListAllMyBuckets"]}]})";

constexpr std::string_view kGlueService = R"({"Version": "2012-10-17", "Statement": [
  {"Sid": "Catalog", "Effect": "Allow", "Resource": "*", "Action": [
    "glue:*", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListAllMyBuckets", "s3:GetBucketAcl",
    "iam:ListRolePolicies", "iam:GetRole", "iam:GetRolePolicy"]},
  {"Sid": "OwnBuckets", "Effect": "Allow", "Action": "s3:CreateBucket",
   "Resource": "arn:aws:s3:::aws-glue-*"},
  {"Sid": "OwnObjects", "Effect": "Allow",
   "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
   "Resource": ["arn:aws:s3:::aws-glue-*/*", "arn:aws:s3:::*/*aws-glue-*/*"]},
  {"Sid": "Samples", "Effect": "Allow", "Action": "s3:GetObject",
   "Resource": ["arn:aws:s3:::crawler-public*", "arn:aws:s3:::aws-glue-*"]}]})";

constexpr std::string_view kGlueConsole = R"({"Version": "2012-10-17", "Statement": [
  {"Sid": "Catalog", "Effect": "Allow", "Resource": "*", "Action": [
    "glue:*", "s3:ListAllMyBuckets", "s3:ListBucket", "s3:GetBucketAcl", "s3:GetBucketLocation",
    "iam:ListRoles", "iam:ListUsers", "iam:ListRolePolicies", "iam:GetRole", "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies"]},
  {"Sid": "OwnBuckets", "Effect": "Allow", "Action": "s3:CreateBucket",
   "Resource": "arn:aws:s3:::aws-glue-*"},
  {"Sid": "OwnObjects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
   "Resource": ["arn:aws:s3:::aws-glue-*/*", "arn:aws:s3:::*/*aws-glue-*/*"]},
  {"Sid": "GiveRoles", "Effect": "Allow", "Action": "iam:PassRole",
   "Resource": ["arn:aws:iam::*:role/AWSGlueServiceRole*",
                "arn:aws:iam::*:role/service-role/AWSGlueServiceRole*"],
   "Condition": {"StringLike": {"iam:PassedToService": "glue.amazonaws.com"}}}]})";

constexpr auto kPolicies = std::to_array<AwsManagedPolicy>({
    {"AdministratorAccess", "/", "Everything.", kEverything},
    {"PowerUserAccess", "/", "Everything but users, roles and policies.", kAllButIdentities},
    {"IAMFullAccess", "/", "Users, keys, roles and policies.", kAllIdentities},
    {"IAMReadOnlyAccess", "/", "Users, roles and policies may be read.", kReadIdentities},
    {"AmazonS3FullAccess", "/", "All buckets and objects.", kAllObjects},
    {"AmazonS3ReadOnlyAccess", "/", "Buckets and objects may be read.", kReadObjects},
    {"AmazonAthenaFullAccess", "/",
     "Athena, the catalog behind it and buckets for results; not the data that is queried.",
     kAthena},
    {"AWSGlueServiceRole", "/service-role/",
     "For the role of a crawler: the catalog and Glue's own buckets; not the data that is crawled.",
     kGlueService},
    {"AWSGlueConsoleFullAccess", "/", "Glue, and its service roles may be given to it.",
     kGlueConsole},
});

}  // namespace

std::span<const AwsManagedPolicy> aws_managed_policies() { return kPolicies; }

}  // namespace ticklake::aws
