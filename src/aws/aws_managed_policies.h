#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/policy.h"

namespace ticklake::aws {

/// A policy of AWS's own that users attach by its well-known ARN: what it permits of S3, Glue,
/// Athena, STS and IAM.
struct AwsManagedPolicy {
  std::string_view name;
  std::string_view path;  ///< `/`, `/service-role/`
  std::string_view description;
  std::string_view document;

  std::string arn() const {
    return std::string("arn:aws:iam::aws:policy").append(path).append(name);
  }
};

std::span<const AwsManagedPolicy> aws_managed_policies();

}  // namespace ticklake::aws
