#include <algorithm>
#include <atomic>
#include <cerrno>
#include <clocale>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cwchar>
#include <memory>
#include <mutex>
#include <thread>

#include <histedit.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file_system.h"
#include "cli/sql_shell.h"
#include "query/format.h"

namespace ticklake::cli {
namespace {

constexpr int kHistoryMax = 1'000;
constexpr wchar_t kCtrlD = 0x04;
constexpr std::chrono::milliseconds kCancelPoll{20};

/// Set by Ctrl-C. A signal handler can reach nothing but globals.
volatile std::sig_atomic_t interrupted = 0;
/// Readable after Ctrl-C: a flag alone would be missed between the look at it and the read.
int interruption_descriptor = -1;

void forget_interruption() {
  interrupted = 0;
  eventfd_t count = 0;
  eventfd_read(interruption_descriptor, &count);
}

/// The next character of the terminal for libedit, whose own function reads on after a signal.
/// -1 after Ctrl-C, 0 at the end of the input.
int read_character(EditLine*, wchar_t* character) {
  std::mbstate_t state{};
  while (true) {
    pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {interruption_descriptor, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    if (ready[1].revents != 0) return -1;
    char byte = 0;
    const ssize_t size = read(STDIN_FILENO, &byte, 1);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) return 0;
    const size_t decoded = std::mbrtowc(character, &byte, 1, &state);
    if (decoded == static_cast<size_t>(-2)) continue;
    if (decoded == static_cast<size_t>(-1)) {
      state = {};
      continue;
    }
    // What Ctrl-D becomes if it is typed while the last result is still being printed.
    if (*character == L'\0') *character = kCtrlD;
    return 1;
  }
}

/// Where the lines of earlier sessions are kept (XDG base directory specification).
base::Path history_file() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state != nullptr && *state == '/') return base::Path(state) / "ticklake" / "history";
  if (home != nullptr && *home == '/') return base::Path(home) / ".local/state/ticklake/history";
  return {};
}

/// The longest text that all completions begin with.
std::string common_prefix(const std::vector<std::string>& names) {
  std::string prefix = names.front();
  for (const std::string& name : names) {
    const auto [end, unused] =
        std::mismatch(prefix.begin(), prefix.end(), name.begin(), name.end(),
                      [](char a, char b) { return std::tolower(a) == std::tolower(b); });
    prefix.erase(end, prefix.end());
  }
  return prefix;
}

class Prompt {
 public:
  explicit Prompt(SqlShell& shell) : shell_(shell), file_(history_file()) {
    std::setlocale(LC_CTYPE, "");
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, kHistoryMax);
    history(history_, &event, H_SETUNIQUE, 1);
    if (!file_.empty()) history(history_, &event, H_LOAD, file_.c_str());
    editor_ = el_init("ticklake", stdin, stdout, stderr);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_SIGNAL, 0);
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, &Prompt::prompt_text);
    el_wset(editor_, EL_GETCFN, &read_character);
    el_set(editor_, EL_HIST, history, history_);
    // The wide variant keeps the literals; el_set() would make copies that nobody frees.
    el_wset(editor_, EL_ADDFN, L"ticklake-complete", L"Complete a name", &Prompt::complete);
    el_set(editor_, EL_BIND, "^I", "ticklake-complete", nullptr);
    el_source(editor_, nullptr);
  }
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;
  ~Prompt() {
    save();
    history_end(history_);
    el_end(editor_);
  }

  void run() {
    while (true) {
      int size = 0;
      forget_interruption();
      const char* line = el_gets(editor_, &size);
      if (interrupted != 0) {
        shell_.drop_statement();
        std::fputs("^C\n", stdout);
        el_reset(editor_);
        continue;
      }
      if (line == nullptr || size <= 0) break;
      const std::string text(line, static_cast<size_t>(size));
      remember(text);
      if (!take(text)) return;
    }
    std::fputs("\n", stdout);
  }

 private:
  static Prompt& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<Prompt*>(self);
  }

  static char* prompt_text(EditLine* editor) {
    // libedit neither changes nor frees it, but has no const.
    static char first[] = "ticklake> ";
    static char next[] = "     ...> ";
    return of(editor).shell_.has_statement() ? next : first;
  }

  static unsigned char complete(EditLine* editor, wint_t) {
    const LineInfo* const line = el_line(editor);
    const std::string before(line->buffer, static_cast<size_t>(line->cursor - line->buffer));
    const std::vector<std::string> names = of(editor).shell_.completions(before);
    if (names.empty()) return CC_ERROR;
    const std::string prefix = common_prefix(names);
    // The word as typed is replaced, so that it gets the case of the name.
    size_t typed = std::min(prefix.size(), before.size());
    const auto same = [](char a, char b) { return std::tolower(a) == std::tolower(b); };
    while (!std::equal(before.end() - static_cast<ptrdiff_t>(typed), before.end(), prefix.begin(),
                       same))
      --typed;
    if (names.size() == 1 || typed < prefix.size()) {
      el_deletestr(editor, static_cast<int>(typed));
      el_insertstr(editor, (prefix + (names.size() == 1 ? " " : "")).c_str());
      return CC_REFRESH;
    }
    show(names);
    return CC_REDISPLAY;
  }

  static void show(const std::vector<std::string>& names) {
    const size_t width = output_width();
    std::string text = "\n";
    size_t column = 0;
    for (const std::string& name : names) {
      if (column > 0 && column + 2 + name.size() > width) {
        text += '\n';
        column = 0;
      }
      text += (column > 0 ? "  " : "") + name;
      column += name.size() + 2;
    }
    std::fprintf(stdout, "%s\n", text.c_str());
  }

  void remember(const std::string& line) {
    if (line.find_first_not_of(" \t\n") == std::string::npos) return;
    HistEvent event;
    history(history_, &event, H_ENTER, line.c_str());
  }

  void save() {
    if (file_.empty()) return;
    base::PosixFileSystem files;
    HistEvent event;
    // A history that cannot be kept is not worth an error.
    if (files.make_folders(file_.parent_path())) history(history_, &event, H_SAVE, file_.c_str());
  }

  /// Runs the line in a thread of its own, so that this one can hear Ctrl-C. False to leave.
  bool take(const std::string& line) {
    std::stop_source stop;
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<base::Result<SqlShell::Next>> outcome;
    std::jthread worker([&] {
      auto done = shell_.take_line(line, stop.get_token());
      const std::lock_guard lock(mutex);
      outcome.emplace(std::move(done));
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, kCancelPoll, [&] { return outcome.has_value(); })) {
      if (interrupted != 0) stop.request_stop();
    }
    if (*outcome) return **outcome != SqlShell::Next::kQuit;
    std::fprintf(stderr, "%s\n", base::to_text(outcome->error()).c_str());
    return true;
  }

  SqlShell& shell_;
  const base::Path file_;
  History* history_;
  EditLine* editor_;
};

}  // namespace

base::Result<void> run_prompt(SqlShell& shell, const std::string& greeting) {
  interruption_descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct sigaction action {};
  action.sa_handler = [](int) {
    interrupted = 1;
    eventfd_write(interruption_descriptor, 1);
  };
  sigaction(SIGINT, &action, nullptr);
  std::fprintf(stderr, "%s\n", greeting.c_str());
  Prompt(shell).run();
  return {};
}

}  // namespace ticklake::cli
