#pragma once

#include <optional>

#include "aws_api/s3/operation.h"

namespace ticklake::aws_api::s3 {

/// If-None-Match: * and If-Match of a write. NotImplemented for what S3 does not know either.
aws::Answer<lake::WriteCondition> read_write_condition(const Operation& operation);

/// Conditions on an object that is read, in the fields that begin with `prefix`: empty, or
/// "x-amz-copy-source-". RFC 9110, 13.2.2: If-Match, If-Unmodified-Since, If-None-Match,
/// If-Modified-Since.
enum class ReadVerdict : uint8_t { kGive, kNotModified };
aws::Answer<ReadVerdict> check_read_conditions(const Operation& operation,
                                               const lake::ObjectEntry& object,
                                               std::string_view prefix = {});

}  // namespace ticklake::aws_api::s3
