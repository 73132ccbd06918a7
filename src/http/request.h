#pragma once

#include <any>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "http/field.h"

namespace ticklake::http {

enum class Version : uint8_t { kHttp10, kHttp11 };

/// The two ends of a connection.
struct Peer {
  std::string client_host;  ///< the client's address without its port
  base::Endpoint local;     ///< the address that the client dialled
  bool is_encrypted = false;
  /// Of the client's certificate, where one was asked for: "CN=alice,O=Example".
  std::optional<std::string> certificate_subject = {};
};

/// The head of a request, as it was received: what is signed must not be changed. Views are valid
/// as long as the request, which is until it is answered.
class Request {
 public:
  std::string_view method() const { return method_; }
  /// Byte for byte; begins with '/', "http://", "https://", or is "*".
  std::string_view target() const { return target_; }
  /// The target up to its '?', without scheme and authority; not decoded, never normalised.
  std::string_view raw_path() const { return path_; }
  /// What stands after the '?'; empty without one.
  std::string_view raw_query() const { return query_; }
  /// As the client wrote it, with its port: "bucket.localhost:8090". Empty only in HTTP/1.0.
  std::string_view host() const { return host_; }
  Version version() const { return version_; }

  /// In order, with repeats.
  std::span<const Field> fields() const { return fields_; }
  /// The value of the first field of that name (in any case); empty if there is none.
  std::string_view field(std::string_view name) const;
  bool has_field(std::string_view name) const;
  /// The values of all fields of that name, with ", " between them: what lists are read from.
  std::string joined_field(std::string_view name) const;

  /// None if the body comes in chunks; 0 if there is no body.
  std::optional<uint64_t> content_length() const { return content_length_; }
  /// The client waits for "100 Continue" before it sends its body.
  bool expects_continue() const { return expects_continue_; }
  /// The client wants to go on with this connection.
  bool keeps_alive() const { return keeps_alive_; }

  const Peer& peer() const { return *peer_; }
  /// What stood in the place of {name} in the route's pattern; empty if it has none.
  std::string_view parameter(std::string_view name) const;

  /// For what a policy finds out and a handler wants to know, such as who the client is.
  template <typename T>
  void attach(T value) {
    attachment_ = std::move(value);
  }
  /// What was attached; null if it is nothing, or no T.
  template <typename T>
  const T* attached() const {
    return std::any_cast<T>(&attachment_);
  }

 private:
  friend class RequestParser;
  friend class Router;

  std::string head_;  ///< what the views below are of
  std::string_view method_, target_, path_, query_, host_;
  std::vector<Field> fields_;
  std::optional<uint64_t> content_length_;
  Version version_ = Version::kHttp11;
  bool expects_continue_ = false;
  bool keeps_alive_ = false;
  const Peer* peer_ = nullptr;
  std::vector<std::pair<std::string_view, std::string>> parameters_;
  std::any attachment_;
};

}  // namespace ticklake::http
