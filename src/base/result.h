#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace ticklake::base {

/// What kind of failure an Error reports. The command line turns it into the exit status:
/// usage 2, unreachable 3, corrupt 4, interrupted 130, everything else 1.
enum class ErrorCode : uint8_t {
  kInvalidArgument,  ///< the caller (a flag, a request, a query) asked for something impossible
  kInvalidData,      ///< bytes from outside do not parse
  kCorrupt,          ///< bytes that we wrote do not read back
  kNotFound,
  kAlreadyExists,  ///< a conditional create lost: somebody else's object stands there
  kNoSpace,        ///< the disk is full
  kPermission,
  kUnavailable,  ///< a server or device cannot be reached just now
  kTimeout,
  kFenced,  ///< this process is no longer the owner of what it wanted to change
  kInterrupted,
  kUnsupported,
  kIo,  ///< any other failure of the operating system
};

/// A failure that a caller can expect: what went wrong, why, and what a person can do about it.
/// `what` reads as the rest of a sentence after "error: " and names the object concerned; each
/// layer may add its own context in front by within().
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kIo;
  std::string what;
  std::string cause;       ///< why, if known; may be empty
  std::string advice;      ///< what to do, as an imperative; may be empty
  bool retriable = false;  ///< the same call may succeed later, unchanged

  /// The same error, seen from one layer above: "`context`: `what`".
  Error within(std::string_view context) && {
    what.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }
};

/// The value, or why there is none. See tl::expected for its interface (that of std::expected).
template <typename T>
using Result = tl::expected<T, Error>;

/// An Error on its way out of a function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string what,
                                                std::string cause = {}, std::string advice = {}) {
  return tl::unexpected<Error>(
      Error{code, std::move(what), std::move(cause), std::move(advice), false});
}

/// An Error of the operating system's `errno_value` (ENOSPC becomes kNoSpace, and so on);
/// `what` names the operation and its object, for example "write broker/trades-0/0.log".
Error os_error(int errno_value, std::string what);

/// "error: …", "cause: …", "try: …", each on a line of its own, empty ones left out.
std::string to_text(const Error& error);

/// One line for a log: "what: cause".
std::string to_line(const Error& error);

}  // namespace ticklake::base

/// Returns the Error of a Result-valued expression from the enclosing function, if it is one.
#define TICKLAKE_TRY(expression)                                 \
  do {                                                           \
    if (auto ticklake_result = (expression); !ticklake_result) { \
      return tl::unexpected(std::move(ticklake_result).error()); \
    }                                                            \
  } while (false)

#define TICKLAKE_JOIN_(a, b) a##b
#define TICKLAKE_JOIN(a, b) TICKLAKE_JOIN_(a, b)

/// Declares `declaration` with the value of a Result-valued expression, or returns its Error.
#define TICKLAKE_ASSIGN(declaration, expression) \
  TICKLAKE_ASSIGN_(TICKLAKE_JOIN(ticklake_result_, __LINE__), declaration, expression)
#define TICKLAKE_ASSIGN_(result, declaration, expression)        \
  auto result = (expression);                                    \
  if (!result) return tl::unexpected(std::move(result).error()); \
  declaration = std::move(*result)
