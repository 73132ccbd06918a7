#include "cli/secret_input.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace ticklake::cli {
namespace {

/// What is typed is not shown while this lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    is_changed_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool is_changed_ = false;
};

std::string ask(const std::string& question) {
  const SilentTerminal silent;
  std::fprintf(stderr, "%s: ", question.c_str());
  std::string line;
  std::getline(std::cin, line);
  std::fputs("\n", stderr);
  return line;
}

}  // namespace

base::Result<std::string> read_new_password(const std::string& user) {
  const auto bad = [](const char* cause) {
    return base::fail(base::ErrorCode::kInvalidArgument, "that is no password", cause,
                      "set TICKLAKE_PASSWORD, or give it on a line of stdin");
  };
  std::string password;
  if (const char* const given = std::getenv("TICKLAKE_PASSWORD")) {
    password = given;
  } else if (::isatty(STDIN_FILENO) != 0) {
    password = ask("password of " + user);
    if (ask("again") != password) return bad("it was not typed the same twice");
  } else {
    std::getline(std::cin, password);
  }
  if (password.empty()) return bad("it is empty");
  if (password.find('\0') != std::string::npos) return bad("it holds a NUL");
  return password;
}

}  // namespace ticklake::cli
