#include "catalog/crawler.h"

#include <algorithm>

#include "catalog/answers.h"
#include "catalog/crawler_messages.h"
#include "catalog/cron.h"
#include "catalog/message_reader.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

using nlohmann::json;

constexpr TextLimits kRoleLimits{1, 2'048};
constexpr TextLimits kPrefixLimits{0, 128};
constexpr size_t kTagsMax = 50;

void put(json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

LastCrawlInfo to_message(const LastCrawl& last, const std::string& crawler) {
  LastCrawlInfo info{.status = "SUCCEEDED",
                     .error = last.error,
                     .log_group = kCrawlerLogGroup,
                     .log_stream = crawler,
                     .message_prefix = last.message_prefix,
                     .started = last.started};
  if (last.state == CrawlState::kFailed) info.status = "FAILED";
  if (last.state == CrawlState::kStopped) info.status = "CANCELLED";
  return info;
}

CrawlerStatus to_message(const Crawler& crawler, base::WallTime now) {
  CrawlerStatus status{.name = crawler.name,
                       .database = crawler.database,
                       .table_prefix = crawler.table_prefix,
                       .targets = {crawler.s3_targets},
                       .state = std::string(state_name(crawler.state))};
  if (crawler.started) {
    status.elapsed_ms =
        std::max<int64_t>(base::to_unix_ms(now) - base::to_unix_ms(*crawler.started), 0);
  }
  if (crawler.last) status.last = to_message(*crawler.last, crawler.name);
  return status;
}

/// Lists that must be empty, for no such store can be reached from here.
constexpr const char* kOtherTargets[] = {"JdbcTargets",  "MongoDBTargets", "DynamoDBTargets",
                                         "DeltaTargets", "IcebergTargets", "HudiTargets"};

void read_targets(JsonReader reader, Crawler& crawler) {
  crawler.s3_targets.clear();
  crawler.catalog_targets.clear();
  for (const json* element : reader.list("S3Targets", kTargetsMax)) {
    JsonReader target = reader.child(*element, "S3Targets");
    S3Target made;
    MessageReader::read(target, made);
    if (target.has("EventQueueArn")) target.fail("EventQueueArn", "is not supported here");
    if (!made.path.empty() && !split_s3_path(made.path)) {
      target.fail("Path", "must be s3://bucket or s3://bucket/prefix");
    }
    crawler.s3_targets.push_back(std::move(made));
  }
  for (const json* element : reader.list("CatalogTargets", kTargetsMax)) {
    JsonReader target = reader.child(*element, "CatalogTargets");
    CatalogTarget made{folded(target.text("DatabaseName", kNameLimits)), {}};
    target.require("Tables");
    for (const std::string& table : target.texts("Tables", kNameLimits, kTargetsMax))
      made.tables.push_back(folded(table));
    crawler.catalog_targets.push_back(std::move(made));
  }
  for (const char* name : kOtherTargets) {
    if (!reader.list(name).empty()) {
      reader.fail(name, "are not supported here; S3Targets and CatalogTargets are");
    }
  }
}

void read_choice(JsonReader& reader, const char* name, std::string& value,
                 std::initializer_list<std::string_view> choices) {
  const auto text = reader.optional_text(name, kAnyText);
  if (!text) return;
  if (std::ranges::find(choices, *text) == choices.end()) {
    reader.fail(name, "has a value that is none of its enumeration: " + *text);
    return;
  }
  value = *text;
}

void read_policies(JsonReader& reader, Crawler& crawler) {
  if (const json* const policy = reader.object("SchemaChangePolicy")) {
    JsonReader change = reader.child(*policy, "SchemaChangePolicy");
    read_choice(change, "UpdateBehavior", crawler.update_behavior, {"LOG", "UPDATE_IN_DATABASE"});
    read_choice(change, "DeleteBehavior", crawler.delete_behavior,
                {"LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"});
  }
  if (const json* const policy = reader.object("RecrawlPolicy")) {
    JsonReader recrawl = reader.child(*policy, "RecrawlPolicy");
    read_choice(recrawl, "RecrawlBehavior", crawler.recrawl_behavior,
                {"CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE"});
    if (crawler.recrawl_behavior == "CRAWL_EVENT_MODE") {
      recrawl.fail("RecrawlBehavior", "CRAWL_EVENT_MODE is not supported here: there is no SQS");
    }
  }
  if (const json* const lineage = reader.object("LineageConfiguration")) {
    JsonReader settings = reader.child(*lineage, "LineageConfiguration");
    read_choice(settings, "CrawlerLineageSettings", crawler.lineage, {"ENABLE", "DISABLE"});
  }
}

void read_text(JsonReader& reader, const char* name, TextLimits limits, std::string& text) {
  if (auto read = reader.optional_text(name, limits)) text = std::move(*read);
}

/// All that a request may say of a crawler.
void read_input(JsonReader& reader, Crawler& crawler) {
  read_text(reader, "Role", kRoleLimits, crawler.role);
  read_text(reader, "DatabaseName", kAnyText, crawler.database);
  crawler.database = folded(crawler.database);
  read_text(reader, "Description", kDescriptionLimits, crawler.description);
  read_text(reader, "TablePrefix", kPrefixLimits, crawler.table_prefix);
  read_text(reader, "Schedule", kAnyText, crawler.schedule);
  read_text(reader, "Configuration", kAnyText, crawler.configuration);
  read_text(reader, "CrawlerSecurityConfiguration", kPrefixLimits, crawler.security_configuration);
  if (reader.has("Classifiers")) crawler.classifiers = reader.texts("Classifiers", kNameLimits);
  if (reader.has("Tags")) crawler.tags = reader.map("Tags");
  if (crawler.tags.size() > kTagsMax) reader.fail("Tags", "must be at most 50");
  if (const json* const targets = reader.object("Targets")) {
    read_targets(reader.child(*targets, "Targets"), crawler);
  }
  read_policies(reader, crawler);
}

CrawlState parse_state(const std::string& name) {
  for (const CrawlState state :
       {CrawlState::kRunning, CrawlState::kCompleted, CrawlState::kFailed, CrawlState::kStopped}) {
    if (name == state_name(state)) return state;
  }
  return CrawlState::kFailed;
}

}  // namespace

std::string_view state_name(CrawlerState state) {
  switch (state) {
    case CrawlerState::kReady: return "READY";
    case CrawlerState::kRunning: return "RUNNING";
    case CrawlerState::kStopping: return "STOPPING";
  }
  return "READY";
}

std::string_view state_name(CrawlState state) {
  switch (state) {
    case CrawlState::kRunning: return "RUNNING";
    case CrawlState::kCompleted: return "COMPLETED";
    case CrawlState::kFailed: return "FAILED";
    case CrawlState::kStopped: return "STOPPED";
  }
  return "FAILED";
}

std::optional<std::pair<std::string, std::string>> split_s3_path(std::string_view path) {
  constexpr std::string_view kScheme = "s3://";
  if (!path.starts_with(kScheme)) return std::nullopt;
  path.remove_prefix(kScheme.size());
  const size_t slash = path.find('/');
  if (slash == 0 || path.empty()) return std::nullopt;
  std::string prefix(slash == std::string_view::npos ? "" : path.substr(slash + 1));
  return std::pair(std::string(path.substr(0, slash)), std::move(prefix));
}

json to_json(const Crawler& crawler, base::WallTime now) {
  json object = aws::MessageWriter::write(to_message(crawler, now));
  json& targets = object["Targets"];
  for (const char* const name : kOtherTargets)
    targets[name] = json::array();
  targets["CatalogTargets"] = json::array();
  for (const CatalogTarget& target : crawler.catalog_targets) {
    targets["CatalogTargets"].push_back(
        {{"DatabaseName", target.database}, {"Tables", target.tables}});
  }
  object.update(
      {{"Role", crawler.role},
       {"Classifiers", crawler.classifiers},
       {"RecrawlPolicy", {{"RecrawlBehavior", crawler.recrawl_behavior}}},
       {"SchemaChangePolicy",
        {{"UpdateBehavior", crawler.update_behavior}, {"DeleteBehavior", crawler.delete_behavior}}},
       {"LineageConfiguration", {{"CrawlerLineageSettings", crawler.lineage}}},
       {"LakeFormationConfiguration", {{"UseLakeFormationCredentials", false}, {"AccountId", ""}}},
       {"CreationTime", to_json(crawler.created)},
       {"LastUpdated", to_json(crawler.updated)},
       {"Version", crawler.version}});
  put(object, "Description", crawler.description);
  put(object, "Configuration", crawler.configuration);
  put(object, "CrawlerSecurityConfiguration", crawler.security_configuration);
  if (!crawler.schedule.empty()) {
    object["Schedule"] = {{"ScheduleExpression", crawler.schedule},
                          {"State", crawler.is_scheduled ? "SCHEDULED" : "NOT_SCHEDULED"}};
  }
  return object;
}

json to_json(const CrawlRecord& crawl, const std::string& crawler) {
  json object = aws::MessageWriter::write(CrawlInfo{.id = crawl.id,
                                                    .state = std::string(state_name(crawl.state)),
                                                    .started = crawl.started,
                                                    .ended = crawl.ended,
                                                    .summary = crawl.summary,
                                                    .error = crawl.error,
                                                    .log_group = kCrawlerLogGroup,
                                                    .log_stream = crawler,
                                                    .message_prefix = crawl.id});
  object["DPUHour"] = 0.0;
  return object;
}

aws::Answer<void> apply_crawler_input(const json& input, Crawler& crawler) {
  std::string problem;
  JsonReader reader(input, {}, problem);
  read_input(reader, crawler);
  if (!problem.empty()) return invalid_input(problem);
  if (!crawler.schedule.empty()) {
    const auto cron = Cron::parse(crawler.schedule);
    if (!cron) return invalid_input("Schedule: " + cron.error());
  }
  if (crawler.s3_targets.empty() && crawler.catalog_targets.empty()) {
    return invalid_input("Targets must have at least one S3 or catalog target.");
  }
  TICKLAKE_TRY(policy_of(crawler));
  return {};
}

aws::Answer<CrawlPolicy> policy_of(const Crawler& crawler) {
  CrawlPolicy policy;
  TICKLAKE_TRY(apply_configuration(crawler.configuration, policy));
  if (crawler.update_behavior == "LOG") policy.update = UpdateBehavior::kLog;
  if (crawler.delete_behavior == "LOG") policy.deletion = DeleteBehavior::kLog;
  if (crawler.delete_behavior == "DELETE_FROM_DATABASE") {
    policy.deletion = DeleteBehavior::kDeleteFromDatabase;
  }
  if (crawler.recrawl_behavior == "CRAWL_NEW_FOLDERS_ONLY") {
    const bool only_logs =
        policy.update == UpdateBehavior::kLog && policy.deletion == DeleteBehavior::kLog;
    if (!only_logs) {
      return invalid_input(
          "CRAWL_NEW_FOLDERS_ONLY needs UpdateBehavior LOG and DeleteBehavior "
          "LOG: a crawl of new folders does not see what changed in others.");
    }
    policy.recrawl = RecrawlBehavior::kNewFoldersOnly;
  }
  if (!crawler.catalog_targets.empty()) {
    if (!crawler.s3_targets.empty()) {
      return invalid_input("Targets has S3 and catalog targets; a crawler has one kind.");
    }
    if (policy.deletion != DeleteBehavior::kLog) {
      return invalid_input(
          "The SchemaChangePolicy for catalog targets must have DeleteBehavior "
          "LOG.");
    }
    policy.combines_compatible = true;
  } else if (crawler.database.empty()) {
    return invalid_input("DatabaseName must be there for S3 targets.");
  }
  return policy;
}

std::string kept_text(const Crawler& crawler) {
  json object = to_json(crawler, crawler.updated);
  object["Tags"] = crawler.tags;
  object["Schedule"] = crawler.schedule;
  object["IsScheduled"] = crawler.is_scheduled;
  if (crawler.started) object["Started"] = to_json(*crawler.started);
  if (crawler.last) {
    object["LastCrawl"]["State"] = state_name(crawler.last->state);
  }
  return to_text(object);
}

aws::Answer<Crawler> parse_crawler(std::string_view text) {
  TICKLAKE_ASSIGN(const json object, kept_json(text));
  std::string problem;
  JsonReader reader(object, {}, problem);
  Crawler crawler;
  read_input(reader, crawler);
  crawler.name = reader.text("Name", kAnyText);
  crawler.is_scheduled = reader.boolean("IsScheduled").value_or(true);
  const std::string state = reader.text("State", kAnyText);
  if (state == "RUNNING") crawler.state = CrawlerState::kRunning;
  if (state == "STOPPING") crawler.state = CrawlerState::kStopping;
  crawler.created = reader.time("CreationTime").value_or(base::WallTime{});
  crawler.updated = reader.time("LastUpdated").value_or(base::WallTime{});
  crawler.version = reader.integer("Version", 1, INT64_MAX).value_or(1);
  crawler.started = reader.time("Started");
  if (const json* const last = reader.object("LastCrawl")) {
    JsonReader crawl = reader.child(*last, "LastCrawl");
    crawler.last = LastCrawl{parse_state(crawl.text("State", kAnyText)),
                             crawl.text_or_empty("ErrorMessage", kAnyText),
                             crawl.text_or_empty("MessagePrefix", kAnyText),
                             crawl.time("StartTime").value_or(base::WallTime{})};
  }
  if (!problem.empty()) return unreadable(problem);
  return crawler;
}

std::string kept_text(const CrawlRecord& crawl) {
  json object = to_json(crawl, {});
  object["Tables"] = {crawl.tables_created, crawl.tables_updated, crawl.tables_deleted};
  return to_text(object);
}

aws::Answer<CrawlRecord> parse_crawl(std::string_view text) {
  TICKLAKE_ASSIGN(const json object, kept_json(text));
  std::string problem;
  JsonReader reader(object, {}, problem);
  CrawlRecord crawl;
  crawl.id = reader.text("CrawlId", kAnyText);
  crawl.state = parse_state(reader.text("State", kAnyText));
  crawl.started = reader.time("StartTime").value_or(base::WallTime{});
  crawl.ended = reader.time("EndTime");
  crawl.summary = reader.text_or_empty("Summary", kAnyText);
  crawl.error = reader.text_or_empty("ErrorMessage", kAnyText);
  const auto tables = reader.list("Tables");
  if (tables.size() == 3 && tables[0]->is_number_integer()) {
    crawl.tables_created = tables[0]->get<int64_t>();
    crawl.tables_updated = tables[1]->get<int64_t>();
    crawl.tables_deleted = tables[2]->get<int64_t>();
  }
  if (!problem.empty()) return unreadable(problem);
  return crawl;
}

}  // namespace ticklake::catalog
