#include "feed/zip.h"

#include <algorithm>

#include <fmt/format.h>
#include <zlib.h>

#include "feed/unpack.h"

namespace ticklake::feed {
namespace {

constexpr size_t kEndBytes = 22;
constexpr size_t kEndSearchBytes = kEndBytes + 0xFFFF;  // a comment may stand behind it
constexpr size_t kLocator64Bytes = 20;
constexpr size_t kEnd64Bytes = 56;
constexpr size_t kEntryBytes = 46;
constexpr size_t kLocalHeaderBytes = 30;
constexpr uint64_t kDirectoryBytesMax = 64 << 20;
constexpr uint16_t kExtraZip64 = 1;

tl::unexpected<base::Error> damaged(std::string cause) {
  return base::fail(base::ErrorCode::kInvalidData, "zip data is damaged", std::move(cause),
                    "fetch the file again");
}

/// Little-endian numbers of a text; zero past its end, which the callers rule out.
uint64_t number_at(std::string_view text, size_t at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes && at + i < text.size(); ++i)
    value |= uint64_t{static_cast<unsigned char>(text[at + i])} << (8 * i);
  return value;
}

base::Result<std::string> read_exactly(base::File& file, uint64_t position, size_t size) {
  std::string text(size, '\0');
  TICKLAKE_ASSIGN(const size_t read,
                  file.read_at(position, std::as_writable_bytes(std::span<char>(text))));
  if (read != size) return damaged("it breaks off: the end of the file is missing");
  return text;
}

struct Directory {
  uint64_t position = 0;
  uint64_t bytes = 0;
};

base::Result<Directory> find_directory(base::File& zip) {
  TICKLAKE_ASSIGN(const uint64_t size, zip.size());
  const size_t tail_bytes = static_cast<size_t>(std::min<uint64_t>(size, kEndSearchBytes));
  TICKLAKE_ASSIGN(const std::string tail, read_exactly(zip, size - tail_bytes, tail_bytes));
  const size_t end = tail.rfind("PK\x05\x06");
  if (end == std::string::npos || tail.size() - end < kEndBytes)
    return damaged("it breaks off: the list of its members, at its end, is missing");
  Directory directory{number_at(tail, end + 16, 4), number_at(tail, end + 12, 4)};
  const bool has_locator =
      end >= kLocator64Bytes && tail.compare(end - kLocator64Bytes, 4, "PK\x06\x07") == 0;
  if (has_locator) {
    const uint64_t position = number_at(tail, end - kLocator64Bytes + 8, 8);
    if (position > size) return damaged("its zip64 record lies outside the file");
    TICKLAKE_ASSIGN(const std::string end64, read_exactly(zip, position, kEnd64Bytes));
    if (!end64.starts_with("PK\x06\x06")) return damaged("its zip64 record is not one");
    directory = {number_at(end64, 48, 8), number_at(end64, 40, 8)};
  }
  if (directory.position > size || directory.bytes > size - directory.position)
    return damaged("the list of its members lies outside the file");
  if (directory.bytes > kDirectoryBytesMax)
    return damaged(
        fmt::format("the list of its members is larger than {} bytes", kDirectoryBytesMax));
  return directory;
}

/// Numbers that do not fit 32 bits stand in an extra field, those only, in this order.
void read_zip64(std::string_view extra, ZipMember& member) {
  while (extra.size() >= 4) {
    const uint64_t size = std::min<uint64_t>(number_at(extra, 2, 2), extra.size() - 4);
    if (number_at(extra, 0, 2) == kExtraZip64) {
      const std::string_view field = extra.substr(4, size);
      size_t at = 0;
      for (uint64_t* value : {&member.bytes, &member.packed_bytes, &member.header_position}) {
        if (*value != UINT32_MAX || at + 8 > field.size()) continue;
        *value = number_at(field, at, 8);
        at += 8;
      }
      return;
    }
    extra.remove_prefix(4 + size);
  }
}

bool is_data(std::string_view name) {
  const size_t slash = name.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
  return !last.empty() && last[0] != '.' && !name.starts_with("__MACOSX/");
}

/// Checks what a member gives against the directory, and ends it at the length stated there.
ReadText checked(ReadText read, const ZipMember& member) {
  return
      [read = std::move(read), name = member.name, bytes = member.bytes, wanted = member.crc,
       given = uint64_t{0}, crc = uLong{0}](std::span<char> into) mutable -> base::Result<size_t> {
        TICKLAKE_ASSIGN(const size_t size, read(into));
        given += size;
        if (given > bytes || (size == 0 && given < bytes))
          return damaged(fmt::format("'{}' is not as long as the zip says", name));
        crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(into.data()), size);
        if (size == 0 && crc != wanted)
          return damaged(fmt::format("the checksum of '{}' is wrong", name));
        return size;
      };
}

}  // namespace

base::Result<std::vector<ZipMember>> read_zip_directory(base::File& zip) {
  TICKLAKE_ASSIGN(const Directory directory, find_directory(zip));
  TICKLAKE_ASSIGN(const std::string text,
                  read_exactly(zip, directory.position, static_cast<size_t>(directory.bytes)));
  std::vector<ZipMember> members;
  std::string_view rest = text;
  while (rest.size() >= kEntryBytes && rest.starts_with("PK\x01\x02")) {
    const size_t name_bytes = number_at(rest, 28, 2);
    const size_t extra_bytes = number_at(rest, 30, 2);
    const size_t entry_bytes = kEntryBytes + name_bytes + extra_bytes + number_at(rest, 32, 2);
    if (entry_bytes > rest.size()) return damaged("the list of its members breaks off");
    ZipMember member{.name = std::string(rest.substr(kEntryBytes, name_bytes)),
                     .method = static_cast<uint16_t>(number_at(rest, 10, 2)),
                     .is_encrypted = (number_at(rest, 8, 2) & 1) != 0,
                     .crc = static_cast<uint32_t>(number_at(rest, 16, 4)),
                     .packed_bytes = number_at(rest, 20, 4),
                     .bytes = number_at(rest, 24, 4),
                     .header_position = number_at(rest, 42, 4)};
    read_zip64(rest.substr(kEntryBytes + name_bytes, extra_bytes), member);
    if (is_data(member.name)) members.push_back(std::move(member));
    rest.remove_prefix(entry_bytes);
  }
  if (!rest.empty() && !rest.starts_with("PK\x05\x05"))
    return damaged("the list of its members is broken");
  std::sort(members.begin(), members.end(),
            [](const ZipMember& a, const ZipMember& b) { return a.name < b.name; });
  return members;
}

base::Result<ReadText> open_zip_member(std::shared_ptr<base::File> zip, const ZipMember& member) {
  if (member.is_encrypted) {
    return base::fail(base::ErrorCode::kInvalidData,
                      fmt::format("'{}' in the zip is encrypted", member.name),
                      "passwords of zips are not taken", "unpack it first: unzip");
  }
  TICKLAKE_ASSIGN(const std::string header,
                  read_exactly(*zip, member.header_position, kLocalHeaderBytes));
  if (!header.starts_with("PK\x03\x04"))
    return damaged(fmt::format("'{}' is not where the zip says", member.name));
  const uint64_t start = member.header_position + kLocalHeaderBytes + number_at(header, 26, 2) +
                         number_at(header, 28, 2);
  ReadText packed = [zip = std::move(zip), position = start, left = member.packed_bytes](
                        std::span<char> into) mutable -> base::Result<size_t> {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(into.size(), left));
    TICKLAKE_ASSIGN(const size_t size,
                    zip->read_at(position, std::as_writable_bytes(into.first(wanted))));
    position += size;
    left -= size;
    return size;
  };
  switch (member.method) {
    case 0: return checked(std::move(packed), member);
    case 8: return checked(unpack_deflate(std::move(packed)), member);
    case 12: return checked(unpack(std::move(packed), Packing::kBzip2), member);
    case 93: return checked(unpack(std::move(packed), Packing::kZstd), member);
    default: break;
  }
  return base::fail(
      base::ErrorCode::kInvalidData,
      fmt::format("'{}' in the zip is packed by method {}", member.name, member.method),
      "stored, deflate, bzip2 and zstd are read", "unpack it first: unzip");
}

}  // namespace ticklake::feed
