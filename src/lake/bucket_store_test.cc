#include "lake/bucket_store.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "lake/object_writer.h"

namespace ticklake::lake {
namespace {

using base::ErrorCode;
using testing::ElementsAre;
using testing::IsEmpty;

class BucketStoreTest : public testing::Test {
 protected:
  BucketStoreTest() { open(); }

  void open() {
    store_.reset();
    auto opened = BucketStore::open({folder_.path() / "buckets", folder_.path() / "lake"}, files_,
                                    clock_, base::system_secret_random(), *logger_);
    ASSERT_TRUE(opened) << base::to_text(opened.error());
    store_ = std::move(*opened);
  }

  base::Result<ObjectHead> put(std::string_view key, std::string_view content,
                               const WriteCondition& condition = {}) {
    return store_->put_text("data", key, content, {}, condition);
  }
  std::string get(std::string_view key) {
    const auto text = store_->get_text("data", key, 1 << 20);
    return text ? *text : "(" + text.error().what + ")";
  }
  std::vector<std::string> keys(const ListRequest& request = {}, std::string_view bucket = "data") {
    const auto listing = store_->list(bucket, request);
    std::vector<std::string> keys;
    if (!listing) return {"(" + listing.error().what + ")"};
    for (const ObjectEntry& entry : listing->objects)
      keys.push_back(entry.key);
    return keys;
  }
  void write_file(const base::Path& path, std::string_view content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  base::Result<UploadedPart> put_part(const std::string& key, const std::string& id, int number,
                                      std::string_view content) {
    auto writer = store_->write("data");
    if (!writer) return tl::unexpected(writer.error());
    if (auto appended = (*writer)->append(base::as_bytes(content)); !appended)
      return tl::unexpected(appended.error());
    return store_->put_part("data", key, id, number, std::move(*writer));
  }
  size_t staged_files() {
    return std::distance(
        std::filesystem::directory_iterator(folder_.path() / "buckets/.ticklake/staging"),
        std::filesystem::directory_iterator());
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::SystemClock clock_;
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
  std::unique_ptr<BucketStore> store_;
};

class WithBucket : public BucketStoreTest {
 protected:
  WithBucket() { EXPECT_TRUE(store_->create_bucket("data")); }
};

TEST_F(BucketStoreTest, a_bucket_is_made_once_and_goes_when_it_is_empty) {
  EXPECT_TRUE(store_->create_bucket("data"));
  EXPECT_EQ(store_->create_bucket("data").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->create_bucket("lake").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->create_bucket("../x").error().code, ErrorCode::kInvalidArgument);
  ASSERT_TRUE(put("a", "1"));
  EXPECT_EQ(store_->delete_bucket("data").error().code, ErrorCode::kUnsupported);
  ASSERT_TRUE(store_->remove("data", "a"));
  EXPECT_TRUE(store_->delete_bucket("data"));
  EXPECT_FALSE(store_->find_bucket("data"));
  EXPECT_EQ(put("a", "1").error().code, ErrorCode::kNotFound);
}

TEST_F(WithBucket, an_object_is_a_plain_file_that_other_programs_read) {
  ASSERT_TRUE(put("dt=2026-01-01/x.json", "{}"));
  EXPECT_EQ(*base::read_text(files_, folder_.path() / "buckets/data/dt=2026-01-01/x.json", 100),
            "{}");
  EXPECT_EQ(*store_->local_path("data", "dt=2026-01-01/x.json"),
            folder_.path() / "buckets/data/dt=2026-01-01/x.json");
}

TEST_F(WithBucket, what_was_put_is_there_after_a_restart_with_all_that_was_said_of_it) {
  const ObjectMetadata metadata{"text/csv", {{"x-amz-meta-a", "1: 2"}, {"cache-control", "no"}}};
  const auto written = store_->put_text("data", "k", "hello", metadata);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->etag, "5d41402abc4b2a76b9719d911017c592");
  open();
  const auto head = store_->head("data", "k");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->metadata, metadata);
  EXPECT_EQ(head->etag, written->etag);
  EXPECT_EQ(head->bytes, 5u);
  EXPECT_EQ(get("k"), "hello");
}

TEST_F(WithBucket, keys_that_a_file_system_cannot_hold_work_all_the_same) {
  const std::vector<std::string> odd = {"a",
                                        "a/b",
                                        "a/b/c",
                                        "a/",
                                        "a//b",
                                        "..",
                                        "x/../y",
                                        ".",
                                        "*",
                                        "z\n",
                                        std::string(1024, 'k'),
                                        std::string(300, 'n') + "/x",
                                        "%2F",
                                        "a+",
                                        "a=",
                                        "日本"};
  for (const std::string& key : odd)
    ASSERT_TRUE(put(key, "of " + key)) << key;
  open();
  for (const std::string& key : odd)
    EXPECT_EQ(get(key), "of " + key);
  auto sorted = odd;
  std::ranges::sort(sorted);
  EXPECT_EQ(keys(), sorted);
  for (const std::string& key : odd)
    ASSERT_TRUE(store_->remove("data", key)) << key;
  EXPECT_THAT(keys(), IsEmpty());
  EXPECT_THAT(*files_.list(folder_.path() / "buckets/data"), IsEmpty());
}

TEST_F(WithBucket, what_is_no_key_is_refused) {
  for (const std::string& key :
       {std::string(), std::string("a\0b", 3), std::string(1025, 'k'), std::string("\xc3\x28")})
    EXPECT_EQ(put(key, "").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(WithBucket, the_other_of_a_file_and_a_folder_keeps_its_place_when_the_first_goes) {
  ASSERT_TRUE(put("a/b", "1"));
  ASSERT_TRUE(put("a", "2"));
  ASSERT_TRUE(store_->remove("data", "a/b"));
  ASSERT_TRUE(put("a", "3"));
  ASSERT_TRUE(put("a/b", "4"));
  EXPECT_EQ(get("a"), "3");
  EXPECT_EQ(get("a/b"), "4");
}

TEST_F(WithBucket, conditions_are_of_the_object_that_is_there) {
  EXPECT_EQ(put("k", "1", {false, "*"}).error().code, ErrorCode::kNotFound);
  const auto first = put("k", "1", {true});
  ASSERT_TRUE(first);
  EXPECT_EQ(put("k", "2", {true}).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(put("k", "2", {false, "other"}).error().code, ErrorCode::kFenced);
  EXPECT_EQ(get("k"), "1");
  EXPECT_TRUE(put("k", "2", {false, first->etag}));
  EXPECT_EQ(store_->remove("data", "k", {false, first->etag}).error().code, ErrorCode::kFenced);
  EXPECT_EQ(get("k"), "2");
}

TEST_F(WithBucket, of_eight_writers_of_a_new_key_one_wins) {
  for (int key = 0; key < 20; ++key) {
    std::atomic<int> wins = 0;
    std::string winner;
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i) {
      writers.emplace_back([&, i] {
        const std::string content = std::to_string(i);
        if (put(std::to_string(key), content, {true}) && ++wins == 1) winner = content;
      });
    }
    writers.clear();
    EXPECT_EQ(wins, 1);
    EXPECT_EQ(get(std::to_string(key)), winner);
  }
}

TEST_F(WithBucket, who_reads_sees_all_of_one_version) {
  std::jthread writer([this](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i)
      EXPECT_TRUE(put("k", std::string(1 + i % 2 * 5000, 'a' + i % 2)));
  });
  for (int i = 0; i < 200; ++i) {
    const auto object = store_->open_object("data", "k");
    if (!object) continue;
    std::string text(object->head.bytes, '\0');
    ASSERT_EQ(*object->file->read_at(0, std::as_writable_bytes(std::span(text))), text.size());
    ASSERT_EQ(text, std::string(text.size(), text.size() == 1 ? 'a' : 'b'));
    ASSERT_EQ(*object->file->size(), text.size());
  }
}

TEST_F(WithBucket, listings_come_in_pages_with_common_prefixes) {
  for (const char* const key : {"a", "b/1", "b/2", "b-x", "c/d/1", "c/e", "d"})
    ASSERT_TRUE(put(key, key));
  const auto all = store_->list("data", {"", "/"});
  ASSERT_TRUE(all);
  EXPECT_THAT(all->common_prefixes, ElementsAre("b/", "c/"));
  EXPECT_THAT(keys({"", "/"}), ElementsAre("a", "b-x", "d"));
  EXPECT_THAT(keys({"c/"}), ElementsAre("c/d/1", "c/e"));
  EXPECT_THAT(keys({"c/", "/"}), ElementsAre("c/e"));
  std::vector<std::string> seen;
  ListRequest request{"", "/", "", 1};
  while (true) {
    const auto page = store_->list("data", request);
    ASSERT_TRUE(page);
    for (const ObjectEntry& entry : page->objects)
      seen.push_back(entry.key);
    seen.insert(seen.end(), page->common_prefixes.begin(), page->common_prefixes.end());
    if (!page->next) break;
    request.from = *page->next;
  }
  EXPECT_THAT(seen, ElementsAre("a", "b-x", "b/", "c/", "d"));
}

TEST_F(WithBucket, many_are_removed_at_once) {
  std::vector<std::string> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back("f" + std::to_string(i % 5) + "/" + std::to_string(i));
    ASSERT_TRUE(put(all.back(), "x"));
  }
  all.emplace_back("not there");
  for (const auto& outcome : store_->remove_all("data", all))
    EXPECT_TRUE(outcome);
  EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(WithBucket, an_upload_in_parts_is_one_object_once_it_is_completed) {
  const auto upload = store_->begin_upload("data", {"", "big", {}, {"text/plain", {}}});
  ASSERT_TRUE(upload);
  const auto second = put_part("big", upload->id, 2, "world");
  ASSERT_TRUE(put_part("big", upload->id, 1, "wrong"));
  const auto first = put_part("big", upload->id, 1, "hello ");
  ASSERT_TRUE(first && second);
  EXPECT_THAT(keys(), IsEmpty());
  open();
  EXPECT_EQ(store_->parts("data", "big", upload->id)->size(), 2u);
  EXPECT_EQ(store_->complete_upload("data", "big", upload->id, {{1, second->etag}}).error().code,
            ErrorCode::kFenced);
  const auto head =
      store_->complete_upload("data", "big", upload->id, {{1, first->etag}, {2, second->etag}});
  ASSERT_TRUE(head) << base::to_text(head.error());
  EXPECT_TRUE(head->etag.ends_with("-2"));
  EXPECT_THAT(head->part_bytes, ElementsAre(6u, 5u));
  EXPECT_EQ(get("big"), "hello world");
  EXPECT_EQ(store_->head("data", "big")->metadata.content_type, "text/plain");
  EXPECT_EQ(store_->parts("data", "big", upload->id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(staged_files(), 0u);
}

TEST_F(WithBucket, an_upload_that_is_aborted_leaves_nothing) {
  const auto upload = store_->begin_upload("data", {"", "big"});
  ASSERT_TRUE(put_part("big", upload->id, 1, "hello"));
  EXPECT_EQ(store_->uploads("data")->size(), 1u);
  EXPECT_TRUE(store_->abort_upload("data", "big", upload->id));
  EXPECT_EQ(put_part("big", upload->id, 2, "x").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(staged_files(), 0u);
}

TEST_F(WithBucket, what_was_not_finished_is_swept_by_the_next_start) {
  auto writer = store_->write("data");
  ASSERT_TRUE((*writer)->append(base::as_bytes("half")));
  EXPECT_EQ(staged_files(), 1u);
  // As kill -9 leaves it: the writer does not come to its end.
  [[maybe_unused]] const auto* const left = writer->release();
  open();
  EXPECT_EQ(staged_files(), 0u);
  EXPECT_THAT(keys(), IsEmpty());
  delete left;
}

TEST_F(WithBucket, a_file_that_somebody_changes_is_given_as_it_is) {
  const auto written = put("k", "old");
  write_file(folder_.path() / "buckets/data/k", "new content");
  const auto head = store_->head("data", "k");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->bytes, 11u);
  EXPECT_NE(head->etag, written->etag);
  std::filesystem::remove(folder_.path() / "buckets/data/k");
  EXPECT_EQ(store_->head("data", "k").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_->remove("data", "k"));
  EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(BucketStoreTest, a_folder_that_somebody_puts_there_becomes_a_bucket) {
  write_file(folder_.path() / "buckets/mine/dt=1/x.csv", "a,b");
  open();
  EXPECT_THAT(keys({}, "mine"), ElementsAre("dt=1/x.csv"));
  EXPECT_EQ(*store_->get_text("mine", "dt=1/x.csv", 100), "a,b");
}

TEST_F(BucketStoreTest, the_lake_is_read_as_objects_without_our_own_folder) {
  write_file(folder_.path() / "lake/trades/dt=1/x.parquet", "PAR1");
  write_file(folder_.path() / "lake/trades-2/y", "y");
  write_file(folder_.path() / "lake/_ticklake/trades/0/0.json", "{}");
  EXPECT_THAT(keys({}, "lake"), ElementsAre("trades-2/y", "trades/dt=1/x.parquet"));
  EXPECT_EQ(*store_->get_text("lake", "trades/dt=1/x.parquet", 100), "PAR1");
  EXPECT_EQ(store_->head("lake", "_ticklake/trades/0/0.json").error().code, ErrorCode::kNotFound);
  for (const char* const key : {"trades/x", "trades", "_ticklake/x", "_ticklake"}) {
    EXPECT_EQ(store_->put_text("lake", key, "x").error().code, ErrorCode::kUnsupported) << key;
    EXPECT_EQ(store_->remove("lake", key).error().code, ErrorCode::kUnsupported) << key;
  }
  ASSERT_TRUE(store_->put_text("lake", "mine/a", "1"));
  ASSERT_TRUE(store_->put_text("lake", "mine//a", "2"));
  EXPECT_THAT(keys({"mine"}, "lake"), ElementsAre("mine//a", "mine/a"));
  EXPECT_EQ(store_->delete_bucket("lake").error().code, ErrorCode::kUnsupported);
}

TEST_F(WithBucket, a_copy_lives_on_when_its_source_changes_or_goes) {
  const auto source = put("a", "one");
  const auto copied = store_->copy("data", "a", source->etag, "data", "b/c", {"text/csv", {}});
  ASSERT_TRUE(copied && *copied) << base::to_text(copied.error());
  EXPECT_EQ((*copied)->etag, source->etag);
  const auto onto_itself = store_->copy("data", "a", source->etag, "data", "a", {"text/html", {}});
  ASSERT_TRUE(onto_itself && *onto_itself);
  EXPECT_EQ(store_->head("data", "a")->metadata.content_type, "text/html");
  EXPECT_EQ(staged_files(), 0u);
  ASSERT_TRUE(put("a", "two"));
  EXPECT_EQ(get("b/c"), "one");
  ASSERT_TRUE(store_->remove("data", "a"));
  EXPECT_EQ(get("b/c"), "one");
  EXPECT_EQ(store_->head("data", "b/c")->metadata.content_type, "text/csv");
  EXPECT_EQ(store_->copy("data", "b/c", "other", "data", "d", {}).error().code, ErrorCode::kFenced);
}

TEST_F(WithBucket, a_file_made_by_another_program_is_put_without_a_copy) {
  const auto staged = store_->stage("data");
  ASSERT_TRUE(staged);
  write_file(*staged, "a,b\n");
  const auto head = store_->put_file("data", "out/1.csv", *staged, {"text/csv", {}});
  ASSERT_TRUE(head);
  EXPECT_EQ(get("out/1.csv"), "a,b\n");
  EXPECT_EQ(staged_files(), 0u);
}

}  // namespace
}  // namespace ticklake::lake
