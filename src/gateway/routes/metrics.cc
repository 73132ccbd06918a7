#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "gateway/routes.h"

namespace ticklake::gateway {
namespace {

using Json = nlohmann::json;

/// Samples by metric: Prometheus wants those of one name together.
using Samples = std::map<std::string, std::vector<std::string>>;

std::string label_value(const Json& value) {
  std::string text;
  for (const char c : value.is_string() ? value.get<std::string>() : value.dump()) {
    if (c == '"' || c == '\\') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

/// The members that say which one of a list it is.
std::string labels_of(const Json& object) {
  static constexpr const char* kLabels[] = {"name", "topic", "partition"};
  std::string labels;
  for (const char* name : kLabels) {
    if (!object.contains(name)) continue;
    labels +=
        fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", name, label_value(object[name]));
  }
  return labels.empty() ? labels : "{" + labels + "}";
}

void collect(const std::string& name, const Json& value, const std::string& labels,
             Samples& samples) {
  if (value.is_number() || value.is_boolean()) {
    const std::string number = value.is_boolean() ? (value.get<bool>() ? "1" : "0") : value.dump();
    samples[name].push_back(name + labels + " " + number + "\n");
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      if (key != "partition" || !labels.starts_with('{')) {
        collect(name + "_" + key, member, labels, samples);
      }
    }
  } else if (value.is_array()) {
    for (const Json& element : value)
      collect(name, element, labels_of(element), samples);
  }
}

}  // namespace

std::string metrics_text(const nlohmann::json& status) {
  Samples samples;
  collect("ticklake", status, "", samples);
  std::string text;
  for (const auto& [name, lines] : samples) {
    text += "# TYPE " + name + " gauge\n";
    for (const std::string& line : lines)
      text += line;
  }
  return text;
}

http::Task<http::Response> answer_metrics(Context& context, http::Exchange& exchange) {
  const auto text = co_await context.status.get(exchange, kFreshStatus);
  const auto status = nlohmann::json::parse(*text, nullptr, false);
  co_return http::Response::of(200, "text/plain; version=0.0.4; charset=utf-8",
                               metrics_text(status));
}

}  // namespace ticklake::gateway
