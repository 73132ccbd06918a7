#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ticklake::base {

/// One entry of a Java properties file.
struct JavaProperty {
  std::string name;
  std::string value;
  size_t line = 0;  ///< of the file, from 1 on, at which it begins
};

/// The entries in the order of the file, those named twice too, as java.util.Properties.load()
/// reads them: lines that begin with # or ! are comments; name and value are parted by '=', ':' or
/// blanks; a backslash at the end of a line goes on in the next one; \t, \n, \r, \f and \uXXXX are
/// escapes, and any other character behind a backslash stands for itself. Bytes are Latin-1, the
/// strings that come out UTF-8. kInvalidData names the line of a \u without four digits; nothing
/// else is an error.
Result<std::vector<JavaProperty>> parse_java_properties(std::string_view text);

}  // namespace ticklake::base
