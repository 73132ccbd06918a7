#include "cli/record_text.h"

#include <optional>

#include "query/format.h"

namespace ticklake::cli {
namespace {

constexpr std::string_view kFields = "tpoTksKSh%";
constexpr std::string_view kEscapes = "nt0r\\";

void append_text_or_null(std::optional<std::string_view> text, std::string& into) {
  if (text) {
    query::append_json_string(*text, into);
  } else {
    into += "null";
  }
}

std::string size_text(std::optional<std::string_view> text) {
  return text ? std::to_string(text->size()) : "-1";
}

void append_headers(const kafka::ReadRecord& record, std::string& into) {
  bool is_first = true;
  for (const kafka::RecordHeader& header : record.headers) {
    if (!std::exchange(is_first, false)) into += ',';
    into += header.key;
    into += '=';
    into += header.value.value_or("NULL");
  }
}

void append_field(char field, const std::string& topic, const kafka::ReadRecord& record,
                  std::string& into) {
  switch (field) {
    case 't': into += topic; break;
    case 'p': into += std::to_string(record.partition); break;
    case 'o': into += std::to_string(record.offset); break;
    case 'T': into += std::to_string(record.timestamp_ms); break;
    case 'k': into += record.key.value_or(""); break;
    case 's': into += record.value.value_or(""); break;
    case 'K': into += size_text(record.key); break;
    case 'S': into += size_text(record.value); break;
    case 'h': append_headers(record, into); break;
    default: into += field;
  }
}

char unescaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '0': return '\0';
    default: return c;
  }
}

}  // namespace

void append_record_json(const std::string& topic, const kafka::ReadRecord& record,
                        std::string& into) {
  into += "{\"topic\":";
  query::append_json_string(topic, into);
  into += ",\"partition\":" + std::to_string(record.partition);
  into += ",\"offset\":" + std::to_string(record.offset);
  into += ",\"timestamp\":" + std::to_string(record.timestamp_ms);
  into += ",\"key\":";
  append_text_or_null(record.key, into);
  into += ",\"headers\":{";
  bool is_first = true;
  for (const kafka::RecordHeader& header : record.headers) {
    if (!std::exchange(is_first, false)) into += ',';
    query::append_json_string(header.key, into);
    into += ':';
    append_text_or_null(header.value, into);
  }
  into += "},\"value\":";
  append_text_or_null(record.value, into);
  into += "}\n";
}

void append_record_text(std::string_view format, const std::string& topic,
                        const kafka::ReadRecord& record, std::string& into) {
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    const bool has_next = i + 1 < format.size();
    if (c == '%' && has_next) {
      append_field(format[++i], topic, record, into);
    } else if (c == '\\' && has_next) {
      into += unescaped(format[++i]);
    } else {
      into += c;
    }
  }
}

base::Result<void> check_record_format(std::string_view format) {
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' && format[i] != '\\') continue;
    const std::string_view known = format[i] == '%' ? kFields : kEscapes;
    const std::string_view pair = format.substr(i, 2);
    if (pair.size() == 2 && known.find(pair[1]) != std::string_view::npos) {
      ++i;
      continue;
    }
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "the format has '" + std::string(pair) + "'", "nothing is known by it",
                      "%t %p %o %T %k %s %K %S %h %% and \\n \\t \\r \\0 \\\\ are");
  }
  return {};
}

}  // namespace ticklake::cli
