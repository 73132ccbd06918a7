#include "kafka/message.h"

#include <array>

#include "kafka/message_codec.h"
#include "kafka/messages/all.h"

namespace ticklake::kafka {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ByteWriter;
using base::fail;
using base::Result;

template <typename... Requests>
constexpr auto apis_of(std::type_identity<std::tuple<Requests...>>) {
  return std::array{&Requests::kApi...};
}
constexpr auto kApis = apis_of(std::type_identity<AllRequests>());

/// Reads past the tagged fields of a header; none is defined for our purposes.
void skip_tagged_fields(ByteReader& reader) {
  const uint32_t count = reader.unsigned_varint();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    reader.unsigned_varint();
    reader.take(reader.unsigned_varint());
  }
}

bool has_flexible_response_header(const Api& api, int16_t version) {
  // A client that asks for the versions does not know yet what the server speaks (KIP-511).
  return api.key != ApiKey::kApiVersions && api.is_flexible(version);
}

}  // namespace

size_t RecordsChain::size() const {
  size_t sum = 0;
  for (const base::Fragment& part : parts)
    sum += base::size_of(part);
  return sum;
}

size_t Frame::size() const {
  size_t sum = bytes.size();
  for (const Splice& splice : splices)
    sum += base::size_of(splice.payload);
  return sum;
}

std::vector<base::Fragment> Frame::fragments() const {
  std::vector<base::Fragment> fragments;
  fragments.reserve(2 * splices.size() + 1);
  const ByteView own(bytes);
  size_t done = 0;
  for (const Splice& splice : splices) {
    if (splice.position > done) fragments.push_back(own.subspan(done, splice.position - done));
    fragments.push_back(splice.payload);
    done = splice.position;
  }
  if (done < own.size()) fragments.push_back(own.subspan(done));
  return fragments;
}

base::Bytes Frame::flattened() const {
  ByteWriter all;
  for (const base::Fragment& fragment : fragments())
    all.append(std::get<ByteView>(fragment));
  return all.take();
}

Result<Request> parse_request(ByteView request) {
  ByteReader reader(request);
  Request parsed;
  RequestHeader& header = parsed.header;
  header.api_key = static_cast<ApiKey>(reader.big_endian<int16_t>());
  header.api_version = reader.big_endian<int16_t>();
  header.correlation_id = reader.big_endian<int32_t>();
  // Also in flexible versions: the client id stays an int16 string (KIP-482).
  const auto client_id_bytes = reader.big_endian<int16_t>();
  if (client_id_bytes >= 0) {
    header.client_id = base::as_text(reader.take(static_cast<size_t>(client_id_bytes)));
  } else if (client_id_bytes != -1) {
    reader.set_failed();
  }
  const Api* api = find_api(header.api_key);
  if (api && api->is_flexible(header.api_version)) skip_tagged_fields(reader);
  if (!reader.ok()) {
    return fail(base::ErrorCode::kInvalidData, "malformed request", "its header does not parse");
  }
  parsed.body = reader.rest();
  return parsed;
}

Result<ByteView> parse_response(ByteView response, const Api& api, int16_t version,
                                int32_t correlation_id) {
  ByteReader reader(response);
  const auto id = reader.big_endian<int32_t>();
  if (has_flexible_response_header(api, version)) skip_tagged_fields(reader);
  if (!reader.ok()) {
    return fail(base::ErrorCode::kInvalidData, "malformed response", "its header does not parse");
  }
  if (id != correlation_id) {
    return fail(
        base::ErrorCode::kInvalidData, "unexpected response",
        "correlation id " + std::to_string(id) + ", asked for " + std::to_string(correlation_id));
  }
  return reader.rest();
}

const Api* find_api(ApiKey key) {
  for (const Api* api : kApis) {
    if (api->key == key) return api;
  }
  return nullptr;
}

namespace codec {

ByteWriter begin_request(const RequestHeader& header, const Api& api) {
  ByteWriter to;
  to.big_endian(int32_t{0});
  to.big_endian(static_cast<int16_t>(api.key));
  to.big_endian(header.api_version);
  to.big_endian(header.correlation_id);
  to.big_endian(header.client_id ? static_cast<int16_t>(header.client_id->size()) : int16_t{-1});
  if (header.client_id) to.append(base::as_bytes(*header.client_id));
  if (api.is_flexible(header.api_version)) to.unsigned_varint(0);
  return to;
}

ByteWriter begin_response(int32_t correlation_id, const Api& api, int16_t version) {
  ByteWriter to;
  to.big_endian(int32_t{0});
  to.big_endian(correlation_id);
  if (has_flexible_response_header(api, version)) to.unsigned_varint(0);
  return to;
}

}  // namespace codec
}  // namespace ticklake::kafka
