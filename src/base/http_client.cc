#include "base/http_client.h"

#include <cstdlib>
#include <memory>

#include <curl/curl.h>

#include "base/assert.h"

namespace ticklake::base {
namespace {

constexpr long kRedirectsMax = 0;  // our servers send none

struct Transfer {
  const HttpRequest& request;
  HttpResponse response;
  bool ended_by_caller = false;
  CURL* curl;
  uint64_t body_bytes = 0;
  bool is_too_large = false;
};

size_t take_body(char* data, size_t, size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  transfer.body_bytes += size;
  const uint64_t most = transfer.request.body_bytes_max;
  transfer.is_too_large = most > 0 && transfer.body_bytes > most;
  if (transfer.is_too_large) return 0;
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.request.on_body && status >= 200 && status < 300) {
    if (transfer.request.on_body({data, size})) return size;
    transfer.ended_by_caller = true;
    return 0;
  }
  transfer.response.body.append(data, size);
  return size;
}

size_t take_header(char* data, size_t, size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view line(data, size);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && value.front() == ' ')
    value.remove_prefix(1);
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r'))
    value.remove_suffix(1);
  std::string& known = transfer.response.headers[name];
  known = name == "link" && !known.empty() ? known + ", " + std::string(value) : value;
  return size;
}

int look_for_stop(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->request.stop.stop_requested() ? 1 : 0;
}

Error transfer_error(const HttpRequest& request, CURLcode code, const char* details) {
  Error error{ErrorCode::kUnavailable, request.method + " " + request.url,
              *details != '\0' ? details : curl_easy_strerror(code), "", true};
  if (code == CURLE_ABORTED_BY_CALLBACK) error.code = ErrorCode::kInterrupted;
  if (code == CURLE_OPERATION_TIMEDOUT) error.code = ErrorCode::kTimeout;
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    error.code = ErrorCode::kInvalidArgument;
    error.retriable = false;
  }
  return error;
}

void set_up(CURL* curl, const HttpRequest& request, curl_slist* headers, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // As OpenSSL's own programs; libcurl would only look into the machine's folder.
  if (const char* const trusted = std::getenv("SSL_CERT_FILE"); trusted != nullptr)
    curl_easy_setopt(curl, CURLOPT_CAINFO, trusted);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!request.body.empty() || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.accepts_compressed) curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_time_max.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.time_max.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kRedirectsMax);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_for_stop);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
}

}  // namespace

Result<HttpResponse> send_http(const HttpRequest& request) {
  // curl counts the calls and initializes once; that is thread-safe since 7.84.
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  TICKLAKE_ASSERT(curl != nullptr);
  // Without "Expect:" curl waits a second for a 100 before it sends a large body.
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : request.headers)
    list = curl_slist_append(list, header.c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(list,
                                                                            &curl_slist_free_all);
  char details[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, details);
  Transfer transfer{request, {}, false, curl.get(), 0, false};
  set_up(curl.get(), request, headers.get(), transfer);
  const CURLcode code = curl_easy_perform(curl.get());
  if (transfer.is_too_large) {
    return fail({ErrorCode::kInvalidData, request.method + " " + request.url,
                 "the body is larger than " + std::to_string(request.body_bytes_max) + " bytes", "",
                 true});
  }
  if (code != CURLE_OK && !transfer.ended_by_caller) {
    return tl::unexpected(transfer_error(request, code, details));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

std::string url_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace ticklake::base
