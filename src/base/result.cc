#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace ticklake::base {
namespace {

ErrorCode code_of(int errno_value) {
  switch (errno_value) {
    case ENOENT: return ErrorCode::kNotFound;
    case EEXIST: return ErrorCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT: return ErrorCode::kNoSpace;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::kPermission;
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPIPE: return ErrorCode::kUnavailable;
    case ETIMEDOUT: return ErrorCode::kTimeout;
    case EINTR: return ErrorCode::kInterrupted;
    default: return ErrorCode::kIo;
  }
}

std::string advice_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNoSpace: return "free disk space; what was acknowledged is kept";
    case ErrorCode::kPermission: return "check the owner and the mode of the path";
    default: return {};
  }
}

}  // namespace

Error os_error(int errno_value, std::string what) {
  const ErrorCode code = code_of(errno_value);
  const bool retriable = code == ErrorCode::kNoSpace || code == ErrorCode::kUnavailable ||
                         code == ErrorCode::kTimeout || code == ErrorCode::kInterrupted;
  char buffer[128];
  // The GNU variant may return a static string and leave the buffer alone.
  const char* text = strerror_r(errno_value, buffer, sizeof buffer);
  return Error{code, std::move(what), text, advice_for(code), retriable};
}

std::string to_text(const Error& error) {
  std::string text = "error: " + error.what;
  if (!error.cause.empty()) text += "\ncause: " + error.cause;
  if (!error.advice.empty()) text += "\ntry: " + error.advice;
  return text;
}

std::string to_line(const Error& error) {
  return error.cause.empty() ? error.what : error.what + ": " + error.cause;
}

}  // namespace ticklake::base
