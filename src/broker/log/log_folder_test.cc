#include "broker/log/log_folder.h"

#include <gtest/gtest.h>

#include "broker/log/log_test_bed.h"

namespace ticklake::broker {
namespace {

class LogFolderTest : public testing::Test {
 protected:
  void open() {
    folder.reset();
    auto opened = LogFolder::open(files, temporary.path() / "broker", {}, random, *logger);
    ASSERT_TRUE(opened.has_value()) << base::to_text(opened.error());
    folder = std::move(*opened);
  }
  void append(std::string_view topic, int32_t partition) {
    base::Bytes batch = make_batch({});
    auto header = check_batch(batch, 1000);
    auto& log = *folder->find(topic)->partitions.at(static_cast<size_t>(partition));
    ASSERT_TRUE(log.append(batch, *header, 1).has_value());
  }
  base::Path path(const std::string& name) { return temporary.path() / "broker" / name; }

  base::TemporaryFolder temporary;
  FailingFileSystem files;
  base::Random random{1};
  std::shared_ptr<base::Logger> logger = base::make_null_logger();
  std::unique_ptr<LogFolder> folder;
};

TEST_F(LogFolderTest, topics_ids_configs_and_records_come_back_after_a_crash_and_a_clean_stop) {
  open();
  const std::string cluster_id = folder->cluster_id();
  auto made = folder->create_topic("trades", 2, {{"message.timestamp.type", "LogAppendTime"}});
  ASSERT_TRUE(made.has_value()) << base::to_text(made.error());
  const base::Uuid id = (*made)->id;
  append("trades", 1);
  for (const bool is_clean : {false, true, false}) {
    if (is_clean) {
      ASSERT_TRUE(folder->close().has_value());
    }
    const int32_t epoch = folder->leader_epoch();
    open();
    EXPECT_EQ(folder->was_clean(), is_clean);
    EXPECT_EQ(folder->leader_epoch(), epoch + 1);
    EXPECT_EQ(folder->cluster_id(), cluster_id);
    Topic* const topic = folder->find("trades");
    ASSERT_NE(topic, nullptr);
    EXPECT_EQ(topic->id, id);
    EXPECT_EQ(folder->find(id), topic);
    EXPECT_EQ(topic->configs.at("message.timestamp.type"), "LogAppendTime");
    ASSERT_EQ(topic->partitions.size(), 2u);
    EXPECT_EQ(topic->partitions[1]->end_offset(), 1);
  }
}

TEST_F(LogFolderTest, a_topic_that_is_made_again_is_empty_and_has_a_new_id) {
  open();
  const base::Uuid old_id = (*folder->create_topic("a", 1, {}))->id;
  append("a", 0);
  ASSERT_TRUE(folder->delete_topic("a").has_value());
  EXPECT_EQ(folder->find("a"), nullptr);
  EXPECT_FALSE(*files.exists(path("a-0")));
  open();
  EXPECT_EQ(folder->find("a"), nullptr);
  Topic* const topic = *folder->create_topic("a", 1, {});
  EXPECT_NE(topic->id, old_id);
  EXPECT_EQ(topic->partitions[0]->end_offset(), 0);
}

TEST_F(LogFolderTest, a_second_process_is_told_who_holds_the_folder) {
  open();
  auto second = LogFolder::open(files, temporary.path() / "broker", {}, random, *logger);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, base::ErrorCode::kAlreadyExists);
  EXPECT_NE(base::to_text(second.error()).find("another broker"), std::string::npos);
}

TEST_F(LogFolderTest, configs_that_are_unknown_or_do_not_fit_are_refused_by_name) {
  open();
  for (const TopicConfigs& configs :
       {TopicConfigs{{"no.such.config", "1"}}, TopicConfigs{{"segment.bytes", "13"}},
        TopicConfigs{{"message.timestamp.type", "Never"}}, TopicConfigs{{"retention.ms", "x"}}}) {
    const auto made = folder->create_topic("a", 1, configs);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_NE(made.error().what.find(configs.begin()->first), std::string::npos);
  }
  EXPECT_TRUE(folder->create_topic("a", 1, {{"retention.ms", "-1"}}).has_value());
  EXPECT_EQ(folder->create_topic("a", 1, {}).error().code, base::ErrorCode::kAlreadyExists);
}

TEST_F(LogFolderTest, a_topic_that_a_crash_left_half_made_is_set_aside) {
  open();
  ASSERT_TRUE(files.make_folders(path("half-0")).has_value());
  ASSERT_TRUE(base::replace_text(files, path("half-0") / "partition.metadata", "x").has_value());
  open();
  EXPECT_FALSE(*files.exists(path("half-0")));
  EXPECT_TRUE(folder->create_topic("half", 1, {}).has_value());
}

TEST_F(LogFolderTest, a_topic_is_not_there_if_the_disk_was_too_full_to_make_it) {
  open();
  files.is_full = true;
  EXPECT_FALSE(folder->create_topic("a", 3, {}).has_value());
  files.is_full = false;
  EXPECT_EQ(folder->find("a"), nullptr);
  EXPECT_TRUE(folder->create_topic("a", 3, {}).has_value());
}

TEST(TopicName, follows_kafkas_rule) {
  EXPECT_TRUE(is_valid_topic_name("trades.v1_x-Y"));
  EXPECT_TRUE(is_valid_topic_name(std::string(249, 'a')));
  for (const std::string& name : {std::string(), std::string("."), std::string(".."),
                                  std::string("a/b"), std::string("a b"), std::string(250, 'a')}) {
    EXPECT_FALSE(is_valid_topic_name(name)) << name;
  }
}

TEST_F(LogFolderTest, folders_that_are_no_partition_of_a_topic_are_set_aside_whatever_their_name) {
  open();
  ASSERT_TRUE(folder->create_topic("trades", 1, {}).has_value());
  for (const std::string name : {"stranger", "trades-1", "trades-0x", "trades-", "-0"}) {
    ASSERT_TRUE(files.make_folders(path(name)).has_value());
    ASSERT_TRUE(files.open(path(name) / "partition.metadata", base::OpenMode::kCreate).has_value());
  }
  open();
  EXPECT_TRUE(*files.exists(path("trades-0")));
  for (const std::string name : {"stranger", "trades-1", "trades-0x", "trades-", "-0"}) {
    EXPECT_FALSE(*files.exists(path(name))) << name;
    EXPECT_TRUE(*files.exists(path(name + ".1-stray"))) << name;
  }
}

TEST_F(LogFolderTest, a_config_that_this_release_refuses_does_not_keep_an_old_topic_from_opening) {
  open();
  ASSERT_TRUE(folder->create_topic("trades", 1, {{"max.message.bytes", "500"}}).has_value());
  folder.reset();
  const base::Path topics = path("ticklake-topics");
  const std::string text = *base::read_text(files, topics, 1 << 20);
  ASSERT_TRUE(base::replace_text(files, topics, text + "config min.insync.replicas 2\n"));
  open();
  EXPECT_EQ(folder->find("trades")->partitions[0]->settings().batch_bytes_max, 500);
}

}  // namespace
}  // namespace ticklake::broker
