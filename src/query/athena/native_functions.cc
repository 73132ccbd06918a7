#include "query/athena/native_functions.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/utf8.h"

namespace ticklake::query::athena {
namespace {

using Bytes = std::string;

/// What a function computes from its arguments, which are all there; none fails with `error`.
struct Outcome {
  std::optional<Bytes> bytes = {};
  int64_t integer = 0;
  double number = 0;
  const char* error = nullptr;
};
struct Value {
  std::string_view bytes = {};
  int64_t integer = 0;
  double number = 0;
};
using Compute = Outcome (*)(const Value& first, const Value& second);

Outcome failure(const char* text) {
  Outcome out;
  out.error = text;
  return out;
}
Outcome of_bytes(Bytes bytes) {
  Outcome out;
  out.bytes = std::move(bytes);
  return out;
}
Outcome of_integer(int64_t integer) {
  Outcome out;
  out.integer = integer;
  return out;
}
Outcome of_number(double number) {
  Outcome out;
  out.number = number;
  return out;
}

Bytes big_endian(uint64_t value, size_t size) {
  Bytes out(size, '\0');
  for (size_t i = 0; i < size; ++i)
    out[size - 1 - i] = static_cast<char>(value >> (8 * i));
  return out;
}

std::optional<uint64_t> from_big_endian(std::string_view bytes, std::string_view size) {
  if (bytes.size() != static_cast<size_t>(size[0] - '0')) return {};
  uint64_t value = 0;
  for (const char c : bytes)
    value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

constexpr const char* kWrongLength =
    "INVALID_FUNCTION_ARGUMENT: the input does not have the length of its type";

Outcome digest(const Value& data, const Value& algorithm) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const EVP_MD* md = EVP_get_digestbyname(std::string(algorithm.bytes).c_str());
  if (md == nullptr ||
      EVP_Digest(data.bytes.data(), data.bytes.size(), out, &size, md, nullptr) != 1) {
    return failure("GENERIC_INTERNAL_ERROR: the digest is not available");
  }
  return of_bytes(Bytes(reinterpret_cast<char*>(out), size));
}

template <const EVP_MD* (*Algorithm)()>
Outcome hmac(const Value& data, const Value& key) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(Algorithm(), key.bytes.data(), static_cast<int>(key.bytes.size()),
           reinterpret_cast<const unsigned char*>(data.bytes.data()), data.bytes.size(), out,
           &size) == nullptr) {
    return failure("GENERIC_INTERNAL_ERROR: the digest is not available");
  }
  return of_bytes(Bytes(reinterpret_cast<char*>(out), size));
}

Outcome crc32(const Value& data, const Value& /*unused*/) {
  uint32_t crc = 0xffffffffU;
  for (const char c : data.bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0);
  }
  return of_integer(static_cast<int64_t>(crc ^ 0xffffffffU));
}

uint64_t little_endian(std::string_view bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

/// XXH64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
Outcome xxhash64(const Value& data, const Value& /*unused*/) {
  constexpr uint64_t k1 = 0x9e3779b185ebca87;
  constexpr uint64_t k2 = 0xc2b2ae3d27d4eb4f;
  constexpr uint64_t k3 = 0x165667b19e3779f9;
  constexpr uint64_t k4 = 0x85ebca77c2b2ae63;
  constexpr uint64_t k5 = 0x27d4eb2f165667c5;
  const auto round = [&](uint64_t sum, uint64_t lane) {
    return std::rotl(sum + lane * k2, 31) * k1;
  };
  std::string_view rest = data.bytes;
  uint64_t sum = k5;
  if (rest.size() >= 32) {
    uint64_t lanes[4] = {k1 + k2, k2, 0, 0 - k1};
    while (rest.size() >= 32) {
      for (size_t i = 0; i < 4; ++i)
        lanes[i] = round(lanes[i], little_endian(rest.substr(8 * i), 8));
      rest.remove_prefix(32);
    }
    sum = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
          std::rotl(lanes[3], 18);
    for (const uint64_t lane : lanes)
      sum = (sum ^ round(0, lane)) * k1 + k4;
  }
  sum += data.bytes.size();
  for (; rest.size() >= 8; rest.remove_prefix(8))
    sum = std::rotl(sum ^ round(0, little_endian(rest, 8)), 27) * k1 + k4;
  if (rest.size() >= 4) {
    sum = std::rotl(sum ^ (little_endian(rest, 4) * k1), 23) * k2 + k3;
    rest.remove_prefix(4);
  }
  for (const char c : rest)
    sum = std::rotl(sum ^ (static_cast<unsigned char>(c) * k5), 11) * k1;
  sum = (sum ^ (sum >> 33)) * k2;
  sum = (sum ^ (sum >> 29)) * k3;
  return of_bytes(big_endian(sum ^ (sum >> 32), 8));
}

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Outcome to_base32(const Value& data, const Value& /*unused*/) {
  Bytes out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : data.bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 5; count -= 5)
      out += kBase32[(bits >> (count - 5)) & 31];
  }
  if (count > 0) out += kBase32[(bits << (5 - count)) & 31];
  while (out.size() % 8 != 0)
    out += '=';
  return of_bytes(std::move(out));
}

Outcome from_base32(const Value& text, const Value& /*unused*/) {
  Bytes out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text.bytes) {
    if (c == '=') break;
    const size_t digit = kBase32.find(c);
    if (digit == std::string_view::npos) {
      return failure("INVALID_FUNCTION_ARGUMENT: Illegal base32 character");
    }
    bits = (bits << 5) | static_cast<uint32_t>(digit);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count);
  }
  return of_bytes(std::move(out));
}

/// Bytes that are no UTF-8 become `replacement`.
Outcome from_utf8(const Value& data, const Value& replacement) {
  Bytes out;
  std::string_view in = data.bytes;
  while (!in.empty()) {
    const size_t size = base::first_utf8_character(in).bytes;
    out += size > 0 ? in.substr(0, size) : replacement.bytes;
    in.remove_prefix(std::max<size_t>(size, 1));
  }
  return of_bytes(std::move(out));
}

/// American Soundex: the first letter and three digits.
Outcome soundex(const Value& text, const Value& /*unused*/) {
  constexpr std::string_view kCodes = "01230120022455012623010202";
  Bytes out;
  char last = '0';
  for (char c : text.bytes) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c < 'A' || c > 'Z') continue;
    const char code = kCodes[static_cast<size_t>(c - 'A')];
    if (out.empty()) {
      out += c;
    } else if (code != '0' && code != last && out.size() < 4) {
      out += code;
    }
    // H and W do not part two letters of one code, vowels do.
    if (c != 'H' && c != 'W') last = code;
  }
  if (!out.empty()) out.resize(4, '0');
  return of_bytes(std::move(out));
}

Outcome shift_left(const Value& value, const Value& by) {
  const auto bits = static_cast<uint64_t>(value.integer);
  const bool all = by.integer >= 64 || by.integer < 0;
  return of_integer(all ? 0 : static_cast<int64_t>(bits << by.integer));
}
Outcome shift_right(const Value& value, const Value& by) {
  const auto bits = static_cast<uint64_t>(value.integer);
  const bool all = by.integer >= 64 || by.integer < 0;
  return of_integer(all ? 0 : static_cast<int64_t>(bits >> by.integer));
}

Outcome integer_of_bytes(const Value& data, const Value& size) {
  const auto value = from_big_endian(data.bytes, size.bytes);
  if (!value) return failure(kWrongLength);
  if (size.bytes == "4") return of_integer(static_cast<int32_t>(static_cast<uint32_t>(*value)));
  return of_integer(static_cast<int64_t>(*value));
}
Outcome bytes_of_number(const Value& number, const Value& size) {
  if (size.bytes == "4") {
    return of_bytes(big_endian(std::bit_cast<uint32_t>(static_cast<float>(number.number)), 4));
  }
  return of_bytes(big_endian(std::bit_cast<uint64_t>(number.number), 8));
}
Outcome number_of_bytes(const Value& data, const Value& size) {
  const auto value = from_big_endian(data.bytes, size.bytes);
  if (!value) return failure(kWrongLength);
  if (size.bytes == "4") return of_number(std::bit_cast<float>(static_cast<uint32_t>(*value)));
  return of_number(std::bit_cast<double>(*value));
}

Outcome erf_of(const Value& x, const Value& /*unused*/) { return of_number(std::erf(x.number)); }
/// glibc's may be off by one in the last place, cbrt(27) for one; a step of Newton's mends it.
Outcome cbrt_of(const Value& x, const Value& /*unused*/) {
  const double root = std::cbrt(x.number);
  if (root == 0 || !std::isfinite(root)) return of_number(root);
  return of_number(root - (root * root * root - x.number) / (3 * root * root));
}
Outcome double_text(const Value& x, const Value& /*unused*/) {
  return of_bytes(scientific_text(x.number));
}
Outcome real_text(const Value& x, const Value& /*unused*/) {
  return of_bytes(scientific_text(static_cast<float>(x.number)));
}
Outcome type_name(const Value& name, const Value& /*unused*/) {
  return of_bytes(trino_type_name(name.bytes));
}

struct NativeFunction {
  const char* name;
  duckdb_type first;
  duckdb_type second;  ///< DUCKDB_TYPE_INVALID: one argument
  duckdb_type result;
  Compute compute;
};
constexpr duckdb_type kNone = DUCKDB_TYPE_INVALID;
constexpr duckdb_type kBlob = DUCKDB_TYPE_BLOB;
constexpr duckdb_type kText = DUCKDB_TYPE_VARCHAR;
constexpr duckdb_type kBigint = DUCKDB_TYPE_BIGINT;
constexpr duckdb_type kDouble = DUCKDB_TYPE_DOUBLE;

constexpr NativeFunction kFunctions[] = {
    {"athena_digest", kBlob, kText, kBlob, digest},
    {"athena_hmac_md5", kBlob, kBlob, kBlob, hmac<EVP_md5>},
    {"athena_hmac_sha1", kBlob, kBlob, kBlob, hmac<EVP_sha1>},
    {"athena_hmac_sha256", kBlob, kBlob, kBlob, hmac<EVP_sha256>},
    {"athena_hmac_sha512", kBlob, kBlob, kBlob, hmac<EVP_sha512>},
    {"athena_crc32", kBlob, kNone, kBigint, crc32},
    {"athena_xxhash64", kBlob, kNone, kBlob, xxhash64},
    {"athena_to_base32", kBlob, kNone, kText, to_base32},
    {"athena_from_base32", kBlob, kNone, kBlob, from_base32},
    {"athena_from_utf8", kBlob, kText, kText, from_utf8},
    {"athena_soundex", kText, kNone, kText, soundex},
    {"athena_shift_left", kBigint, kBigint, kBigint, shift_left},
    {"athena_shift_right", kBigint, kBigint, kBigint, shift_right},
    {"athena_from_big_endian", kBlob, kText, kBigint, integer_of_bytes},
    {"athena_to_ieee754", kDouble, kText, kBlob, bytes_of_number},
    {"athena_from_ieee754", kBlob, kText, kDouble, number_of_bytes},
    {"athena_erf", kDouble, kNone, kDouble, erf_of},
    {"athena_cbrt", kDouble, kNone, kDouble, cbrt_of},
    {"athena_double_text", kDouble, kNone, kText, double_text},
    {"athena_real_text", kDouble, kNone, kText, real_text},
    {"athena_type_name", kText, kNone, kText, type_name},
};

/// One argument's vector, with its type.
class Argument {
 public:
  Argument(duckdb_vector vector, duckdb_type type)
      : data_(duckdb_vector_get_data(vector)),
        validity_(duckdb_vector_get_validity(vector)),
        type_(type) {}

  bool is_null(idx_t row) const {
    return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
  }
  Value at(idx_t row) const {
    Value value;
    if (type_ == kBigint) {
      value.integer = static_cast<const int64_t*>(data_)[row];
    } else if (type_ == kDouble) {
      value.number = static_cast<const double*>(data_)[row];
    } else {
      duckdb_string_t& text = static_cast<duckdb_string_t*>(data_)[row];
      value.bytes = {duckdb_string_t_data(&text), duckdb_string_t_length(text)};
    }
    return value;
  }

 private:
  void* data_;
  uint64_t* validity_;
  duckdb_type type_;
};

void run(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& function =
      *static_cast<const NativeFunction*>(duckdb_scalar_function_get_extra_info(info));
  std::vector<Argument> arguments;
  arguments.emplace_back(duckdb_data_chunk_get_vector(input, 0), function.first);
  if (function.second != kNone) {
    arguments.emplace_back(duckdb_data_chunk_get_vector(input, 1), function.second);
  }
  void* const data = duckdb_vector_get_data(output);
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    const bool null = arguments.front().is_null(row) || arguments.back().is_null(row);
    if (null) {
      duckdb_vector_ensure_validity_writable(output);
      duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
      continue;
    }
    const Outcome outcome = function.compute(arguments.front().at(row), arguments.back().at(row));
    if (outcome.error != nullptr) {
      duckdb_scalar_function_set_error(info, outcome.error);
      return;
    }
    if (function.result == kBigint) {
      static_cast<int64_t*>(data)[row] = outcome.integer;
    } else if (function.result == kDouble) {
      static_cast<double*>(data)[row] = outcome.number;
    } else {
      duckdb_vector_assign_string_element_len(output, row, outcome.bytes->data(),
                                              outcome.bytes->size());
    }
  }
}

bool register_one(table::Connection& connection, const NativeFunction& native) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(function, native.name);
  const auto with_type = [&](duckdb_type id, auto set) {
    if (id == kNone) return;
    duckdb_logical_type type = duckdb_create_logical_type(id);
    set(function, type);
    duckdb_destroy_logical_type(&type);
  };
  with_type(native.first, duckdb_scalar_function_add_parameter);
  with_type(native.second, duckdb_scalar_function_add_parameter);
  with_type(native.result, duckdb_scalar_function_set_return_type);
  duckdb_scalar_function_set_extra_info(function, const_cast<NativeFunction*>(&native), nullptr);
  duckdb_scalar_function_set_function(function, run);
  const bool ok = duckdb_register_scalar_function(connection.handle(), function) == DuckDBSuccess;
  duckdb_destroy_scalar_function(&function);
  return ok;
}

}  // namespace

base::Result<void> register_native_functions(table::Connection& connection) {
  auto known = connection.query(
      "SELECT count(*) FROM duckdb_functions() WHERE function_name = "
      "'athena_type_name'");
  if (!known) return tl::unexpected(std::move(known).error());
  TICKLAKE_ASSIGN(const int64_t count, known->single_integer());
  if (count > 0) return {};
  for (const NativeFunction& native : kFunctions) {
    if (!register_one(connection, native)) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        std::string("DuckDB does not take the function ") + native.name);
    }
  }
  return {};
}

}  // namespace ticklake::query::athena
