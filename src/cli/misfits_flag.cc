#include "cli/misfits_flag.h"

namespace ticklake::cli {

void add_misfits_flag(CLI::App& command, std::string& value) {
  command
      .add_option("--misfits", value,
                  "What becomes of a value of another kind in a column that has files")
      ->capture_default_str()
      ->check(CLI::IsMember({"dead-letter", "text", "stop"}));
}

table::Misfits misfits_of(const std::string& value) {
  if (value == "text") return table::Misfits::kText;
  return value == "stop" ? table::Misfits::kStop : table::Misfits::kDeadLetter;
}

}  // namespace ticklake::cli
