#pragma once

#include "aws_api/s3/operation.h"

namespace ticklake::aws_api::s3 {

/// What a request says of the object that it makes: Content-Type, what is given back as it is
/// (Cache-Control, …), x-amz-meta-…. NotImplemented for what could not be kept: ACLs that open an
/// object to others, encryption, tags, locks, storage classes.
aws::Answer<lake::ObjectMetadata> read_metadata(const Operation& operation);

/// The fields that GET and HEAD answer with, from the object and from `response-…` parameters. An
/// object that a browser would run (HTML, SVG, XML) is an attachment.
void add_object_fields(const Operation& operation, const lake::ObjectHead& head,
                       http::FieldList& fields);

/// Adds x-amz-checksum-… and its type.
void add_checksum_fields(const lake::ObjectHead& head, http::FieldList& fields);
/// The value with its `-parts`.
std::string checksum_value(const lake::ObjectHead& head);

/// `<ChecksumCRC32>…` into an open element.
void write_checksum(aws::XmlWriter& xml, const lake::ObjectHead& head);
std::string checksum_element(aws::ChecksumAlgorithm algorithm);

}  // namespace ticklake::aws_api::s3
