#include "base/fragment.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace ticklake::base {
namespace {

std::string copy_of(const Fragment& fragment) {
  Bytes bytes(size_of(fragment));
  EXPECT_TRUE(copy_to(bytes, fragment).has_value());
  return std::string(as_text(bytes));
}

TEST(Fragment, memory_and_files_are_cut_and_copied_alike) {
  const TemporaryFolder folder;
  PosixFileSystem files;
  const std::shared_ptr<File> file = *files.open(folder.path() / "file", OpenMode::kCreate);
  ASSERT_TRUE(file->write_at(0, as_bytes("..0123456789..")).has_value());
  for (const Fragment& whole :
       {Fragment(as_bytes("0123456789")), Fragment(FileRegion{file, 2, 10})}) {
    EXPECT_EQ(copy_of(whole), "0123456789");
    EXPECT_EQ(copy_of(part_of(whole, 3, 4)), "3456");
    EXPECT_EQ(copy_of(part_of(part_of(whole, 3, 4), 1, 2)), "45");
    EXPECT_EQ(size_of(part_of(whole, 10, 0)), 0u);
  }
}

TEST(Fragment, a_file_that_is_shorter_than_it_was_is_an_error) {
  const TemporaryFolder folder;
  PosixFileSystem files;
  const std::shared_ptr<File> file = *files.open(folder.path() / "file", OpenMode::kCreate);
  ASSERT_TRUE(file->write_at(0, as_bytes("12345")).has_value());
  Bytes bytes(6);
  EXPECT_EQ(copy_to(bytes, FileRegion{file, 0, 6}).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace ticklake::base
