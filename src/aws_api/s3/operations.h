#pragma once

#include <string>

#include "aws_api/s3/operation.h"
#include "http/task.h"

namespace ticklake::aws_api::s3 {

// The operations, a file each, which opens with its contract. Whether the caller may do what the
// routes say (service.cc) was asked before; what else an operation touches, it asks for itself.
// Those that return an Answer run where they may block; `body` is whole, and was found right.

aws::Answer<http::Response> list_buckets(const Operation& operation);

aws::Answer<http::Response> create_bucket(const Operation& operation, const std::string& body);
aws::Answer<http::Response> head_bucket(const Operation& operation);
aws::Answer<http::Response> delete_bucket(const Operation& operation);
aws::Answer<http::Response> get_bucket_location(const Operation& operation);
aws::Answer<http::Response> get_bucket_versioning(const Operation& operation);
aws::Answer<http::Response> list_objects(const Operation& operation);
aws::Answer<http::Response> list_objects_v2(const Operation& operation);
aws::Answer<http::Response> delete_objects(const Operation& operation, const std::string& body);
aws::Answer<http::Response> list_multipart_uploads(const Operation& operation);

aws::Answer<http::Response> get_object(const Operation& operation);
aws::Answer<http::Response> head_object(const Operation& operation);
aws::Answer<http::Response> get_object_attributes(const Operation& operation);
http::Task<aws::Answer<http::Response>> put_object(const Operation& operation);
aws::Answer<http::Response> copy_object(const Operation& operation);
aws::Answer<http::Response> delete_object(const Operation& operation);

aws::Answer<http::Response> create_multipart_upload(const Operation& operation);
http::Task<aws::Answer<http::Response>> upload_part(const Operation& operation);
aws::Answer<http::Response> upload_part_copy(const Operation& operation);
aws::Answer<http::Response> complete_multipart_upload(const Operation& operation,
                                                      const std::string& body);
aws::Answer<http::Response> abort_multipart_upload(const Operation& operation);
aws::Answer<http::Response> list_parts(const Operation& operation);

/// A whole number of a query parameter; `otherwise` without it. kInvalidArgument.
aws::Answer<int> int_parameter(const Operation& operation, std::string_view name, int otherwise,
                               int least, int greatest);
/// 1 to 10,000.
aws::Answer<int> part_number(const Operation& operation);

/// The object that an x-amz-copy-source names, which the caller may read, with its conditions kept.
aws::Answer<lake::OpenObject> open_copy_source(const Operation& operation);

}  // namespace ticklake::aws_api::s3
