#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "feed/csv_layout.h"

namespace ticklake::cli {

/// What --columns, --delimiter and their like said, as it was typed.
struct CsvFlagTexts {
  std::string columns, comment, delimiter, decimal, thousands, time_zone, bad_rows = "skip";
  int64_t skip_lines = -1;  ///< -1: not given
  bool header = false;
  std::vector<std::string> nulls, types;
};

void add_csv_flags(CLI::App& command, CsvFlagTexts& texts);

/// kInvalidArgument for what is no character, no COLUMN=TYPE, no offset.
base::Result<feed::CsvFlags> csv_flags_of(const CsvFlagTexts& texts);

}  // namespace ticklake::cli
