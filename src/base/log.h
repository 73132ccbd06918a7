#pragma once

#include <memory>

#include <spdlog/logger.h>

namespace ticklake::base {

/// Where a module says that its state changed: one line each, never one a record.
/// Passed in by reference; there is no global logger.
using Logger = spdlog::logger;

/// A logger to stderr, safe from any thread.
std::shared_ptr<Logger> make_stderr_logger(spdlog::level::level_enum level);
/// A logger that drops everything; for tests.
std::shared_ptr<Logger> make_null_logger();

}  // namespace ticklake::base
