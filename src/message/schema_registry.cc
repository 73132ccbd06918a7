#include "message/schema_registry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/http_client.h"

namespace ticklake::message {
namespace {

using Json = nlohmann::json;

/// The reading of all topics waits meanwhile.
constexpr std::chrono::milliseconds kConnectTimeMax{2'000};
constexpr std::chrono::milliseconds kTimeMax{4'000};
constexpr int kJsonDepthMax = 16;
/// Answers about references that are kept.
constexpr size_t kReferencedMax = 10'000;

// Confluent's error codes for what is not there.
constexpr int kSubjectNotFound = 40'401;
constexpr int kVersionNotFound = 40'402;
constexpr int kSchemaNotFound = 40'403;

Json parse_bounded(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kJsonDepthMax) too_deep = true;
    return !too_deep;
  };
  Json json = Json::parse(text, watch, false);
  return too_deep ? Json(Json::value_t::discarded) : json;
}

std::string text_member(const Json& object, const char* name, const char* otherwise = "") {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

int error_code_of(std::string_view body) {
  const Json json = parse_bounded(body);
  if (!json.is_object()) return 0;
  const auto found = json.find("error_code");
  return found != json.end() && found->is_number_integer() ? found->get<int>() : 0;
}

/// "/subjects/NAME/versions/N" of a reference; none if it is not one.
std::optional<std::string> path_of(const Json& reference) {
  if (!reference.is_object() || text_member(reference, "name").empty()) return std::nullopt;
  const auto version = reference.find("version");
  const std::string subject = text_member(reference, "subject");
  if (subject.empty() || version == reference.end() || !version->is_number_integer()) {
    return std::nullopt;
  }
  return fmt::format("/subjects/{}/versions/{}", base::url_encoded(subject),
                     version->get<int64_t>());
}

base::Error unreachable(const std::string& name, std::string cause, std::string advice = {}) {
  if (advice.empty()) advice = "nothing is lost: it is asked again";
  return {base::ErrorCode::kUnavailable, "the schema registry " + name + " gives no schema",
          std::move(cause), std::move(advice), true};
}

std::vector<std::string> texts_of(const std::vector<ProtobufImport>& references) {
  std::vector<std::string> texts;
  for (const ProtobufImport& reference : references)
    texts.push_back(reference.text);
  return texts;
}

}  // namespace

GetFromRegistry registry_over_http(std::string url, std::vector<std::string> headers) {
  while (url.ends_with('/'))
    url.pop_back();
  headers.emplace_back("Accept: application/vnd.schemaregistry.v1+json, application/json");
  return [url = std::move(url),
          headers = std::move(headers)](const std::string& path) -> base::Result<RegistryAnswer> {
    RegistryAnswer answer;
    base::HttpRequest request;
    request.url = url + path;
    request.headers = headers;
    request.connect_time_max = kConnectTimeMax;
    request.time_max = kTimeMax;
    bool is_too_large = false;
    request.on_body = [&](std::string_view piece) {
      is_too_large = answer.body.size() + piece.size() > kRegistryBodyMax;
      if (!is_too_large) answer.body += piece;
      return !is_too_large;
    };
    TICKLAKE_ASSIGN(base::HttpResponse response, base::send_http(request));
    if (is_too_large) {
      return base::fail(base::ErrorCode::kInvalidData, "GET " + request.url,
                        fmt::format("the answer is larger than {} bytes", kRegistryBodyMax));
    }
    answer.status = response.status;
    if (answer.body.empty()) answer.body = std::move(response.body);
    return answer;
  };
}

base::Result<RegistryAnswer> SchemaRegistry::get(const std::string& path) {
  auto answer = get_(path);
  if (!answer) return base::fail(unreachable(name_, to_line(answer.error())));
  const int status = answer->status;
  if (status == 401 || status == 403) {
    return base::fail(unreachable(name_, fmt::format("it answers {}: who asks may not", status),
                                  "give an Authorization in --schema-registry-header-file"));
  }
  if (status != 200 && status != 404) {
    return base::fail(unreachable(name_, fmt::format("it answers {} to GET {}", status, path)));
  }
  return answer;
}

base::Result<std::variant<SchemaRegistry::Problem, SchemaRegistry::Document>>
SchemaRegistry::fetch_document(const std::string& path) {
  TICKLAKE_ASSIGN(const RegistryAnswer answer, get(path));
  if (answer.status == 404) {
    const int code = error_code_of(answer.body);
    if (code == kSchemaNotFound || code == kSubjectNotFound || code == kVersionNotFound) {
      return Problem("is unknown to " + name_);
    }
    return base::fail(unreachable(name_, "it answers 404 to GET " + path + ", without saying why",
                                  "check the URL: it ends where /schemas begins"));
  }
  const Json json = parse_bounded(answer.body);
  if (!json.is_object() || text_member(json, "schema").empty()) {
    return base::fail(unreachable(name_, "its answer to GET " + path + " has no schema",
                                  "check the URL: it ends where /schemas begins"));
  }
  Document document;
  document.type = text_member(json, "schemaType", "AVRO");
  document.text = text_member(json, "schema");
  TICKLAKE_ASSIGN(auto problem, add_references(answer.body, 0, document.references));
  if (problem) return std::move(*problem);
  return document;
}

base::Result<std::optional<SchemaRegistry::Problem>> SchemaRegistry::add_references(
    std::string_view text, int depth, std::vector<ProtobufImport>& references) {
  const Json json = parse_bounded(text);
  if (!json.is_object()) return Problem("has a reference that is no schema");
  const auto list = json.find("references");
  if (list == json.end() || !list->is_array()) return std::nullopt;
  if (depth == kReferenceDepthMax) return Problem("has references that lead on too far");
  for (const Json& reference : *list) {
    const auto path = path_of(reference);
    if (!path) return Problem("has a reference without name, subject and version");
    const std::string name = text_member(reference, "name");
    if (std::ranges::find(references, name, &ProtobufImport::name) != references.end()) continue;
    auto known = referenced_.find(*path);
    if (known == referenced_.end()) {
      TICKLAKE_ASSIGN(RegistryAnswer answer, get(*path));
      if (answer.status != 200) return Problem("needs " + name + ", which the registry lacks");
      if (referenced_.size() >= kReferencedMax) referenced_.clear();
      known = referenced_.emplace(*path, std::move(answer.body)).first;
    }
    const std::string body = known->second;
    TICKLAKE_ASSIGN(auto problem, add_references(body, depth + 1, references));
    if (problem) return problem;
    const Json referenced = parse_bounded(body);
    if (referenced.is_object()) references.push_back({name, text_member(referenced, "schema")});
    if (references.size() > kReferencesMax) return Problem("has too many references");
  }
  return std::nullopt;
}

base::Result<RegisteredSchema> SchemaRegistry::fetch(int32_t id) {
  TICKLAKE_ASSIGN(auto fetched, fetch_document(fmt::format("/schemas/ids/{}", id)));
  const std::string which = fmt::format("its schema, id {}, ", id);
  if (const auto* const problem = std::get_if<Problem>(&fetched)) {
    return UnusableSchema{which + *problem};
  }
  const Document& document = *std::get_if<Document>(&fetched);
  const auto unusable = [&](const base::Error& error) {
    return UnusableSchema{which + "cannot be used: " + to_line(error)};
  };
  if (document.type == "JSON") return JsonSchema{};
  if (document.type == "AVRO") {
    auto schema = AvroSchema::parse(document.text, texts_of(document.references));
    if (!schema) return unusable(schema.error());
    return std::move(*schema);
  }
  if (document.type == "PROTOBUF") {
    auto schema = ProtobufSchema::parse(document.text, document.references);
    if (!schema) return unusable(schema.error());
    return std::move(*schema);
  }
  return UnusableSchema{which + "is of the type " + document.type.substr(0, 40) +
                        ", not AVRO, PROTOBUF or JSON"};
}

base::Result<std::shared_ptr<const RegisteredSchema>> SchemaRegistry::schema(int32_t id) {
  const std::lock_guard lock(mutex_);
  for (const auto* const known : {&schemas_, &refused_, &more_refused_}) {
    if (const auto found = known->find(id); found != known->end()) return found->second;
  }
  TICKLAKE_ASSIGN(RegisteredSchema fetched, fetch(id));
  auto schema = std::make_shared<const RegisteredSchema>(std::move(fetched));
  if (!std::holds_alternative<UnusableSchema>(*schema)) {
    schemas_[id] = schema;
  } else if (refused_.size() < kRefusedIdsMax) {
    refused_[id] = schema;
  } else {
    // Ids of garbage are without number.
    if (more_refused_.size() >= kMoreRefusedIdsMax) more_refused_.clear();
    more_refused_[id] = schema;
  }
  return schema;
}

std::vector<int32_t> SchemaRegistry::refused_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<int32_t> ids;
  for (const auto& [id, schema] : refused_)
    ids.push_back(id);
  return ids;
}

}  // namespace ticklake::message
