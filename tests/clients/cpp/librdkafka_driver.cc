// The driver of librdkafka's C++ interface (driver.py says what it is told). That interface has no
// administration.
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafkacpp.h>
#include <poll.h>
#include <unistd.h>

namespace {

using Settings = std::map<std::string, std::string>;
using Names = std::vector<std::pair<std::string, std::string>>;

constexpr int kCallMs = 30'000;
constexpr int kPollMs = 50;

[[noreturn]] void fail(const std::string& what) {
  std::cerr << what << std::endl;
  // What is open stays as it is: the process has crashed, as far as the broker can tell.
  std::_Exit(1);
}

void say(const std::string& line) { std::cout << line << std::endl; }

std::string setting(const Settings& settings, const std::string& name,
                    const std::string& otherwise = "") {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : found->second;
}

/** Whether there is no more input; it looks at it without waiting. */
bool input_ended() {
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  char ignored = 0;
  return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &ignored, 1) == 0;
}

std::unique_ptr<RdKafka::Conf> configure(const Settings& settings, Names names) {
  names.emplace_back("bootstrap.servers", setting(settings, "bootstrap"));
  if (setting(settings, "security") == "sasl_ssl") {
    names.emplace_back("security.protocol", "sasl_ssl");
    names.emplace_back("ssl.ca.location", setting(settings, "ca"));
    names.emplace_back("sasl.mechanism", setting(settings, "mechanism"));
    names.emplace_back("sasl.username", setting(settings, "user"));
    names.emplace_back("sasl.password", setting(settings, "password"));
  }
  std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  std::string error;
  for (const auto& [name, value] : names) {
    if (conf->set(name, value, error) != RdKafka::Conf::CONF_OK) fail(error);
  }
  return conf;
}

/** "" where it went well. */
std::string outcome(RdKafka::Error* error) {
  const std::unique_ptr<RdKafka::Error> owned(error);
  return owned == nullptr ? "" : owned->str();
}

std::string outcome(RdKafka::ErrorCode code) {
  return code == RdKafka::ERR_NO_ERROR ? "" : RdKafka::err2str(code);
}

void must(const std::string& error) {
  if (!error.empty()) fail(error);
}

class Deliveries : public RdKafka::DeliveryReportCb {
 public:
  void dr_cb(RdKafka::Message& message) override {
    if (message.err() != RdKafka::ERR_NO_ERROR) failure_ = message.errstr();
  }
  std::string take_failure() { return std::exchange(failure_, ""); }

 private:
  std::string failure_;
};

class Sender {
 public:
  explicit Sender(const Settings& settings) {
    Names names = {{"acks", "all"},
                   {"linger.ms", "20"},
                   {"compression.type", setting(settings, "codec", "none")}};
    const std::string id = setting(settings, "id");
    if (!id.empty()) {
      names.emplace_back("transactional.id", id);
      names.emplace_back("transaction.timeout.ms", "30000");
    }
    const auto conf = configure(settings, names);
    std::string error;
    conf->set("dr_cb", &deliveries_, error);
    producer_.reset(RdKafka::Producer::create(conf.get(), error));
    if (producer_ == nullptr) fail(error);
    if (!id.empty()) must(outcome(producer_->init_transactions(kCallMs)));
  }

  RdKafka::Producer& client() { return *producer_; }

  void send(const std::string& topic, int partition, const std::string& key,
            const std::string& value) {
    for (;;) {
      const auto code = producer_->produce(
          topic, partition, RdKafka::Producer::RK_MSG_COPY, const_cast<char*>(value.data()),
          value.size(), key.empty() ? nullptr : key.data(), key.size(), 0, nullptr);
      if (code != RdKafka::ERR__QUEUE_FULL) return must(outcome(code));
      producer_->poll(kPollMs);
    }
  }

  std::string flush() {
    const std::string error = outcome(producer_->flush(kCallMs));
    return error.empty() ? deliveries_.take_failure() : error;
  }

 private:
  Deliveries deliveries_;
  std::unique_ptr<RdKafka::Producer> producer_;
};

void run_producer(const Settings& settings) {
  Sender sender(settings);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::vector<std::string> fields;
    for (std::string field; std::getline(words, field, '\t');)
      fields.push_back(field);
    if (fields[0] == "send") {
      sender.send(fields[1], std::stoi(fields[2]), fields[3], fields[4]);
      continue;
    }
    std::string error;
    if (fields[0] == "flush") error = sender.flush();
    if (fields[0] == "begin") error = outcome(sender.client().begin_transaction());
    if (fields[0] == "commit") error = outcome(sender.client().commit_transaction(kCallMs));
    if (fields[0] == "abort") error = outcome(sender.client().abort_transaction(kCallMs));
    say(error.empty() ? "ok" : "error\t" + error);
  }
}

/** Says how many partitions a member has after each change. */
class Rebalances : public RdKafka::RebalanceCb {
 public:
  void rebalance_cb(RdKafka::KafkaConsumer* consumer, RdKafka::ErrorCode code,
                    std::vector<RdKafka::TopicPartition*>& partitions) override {
    const bool is_assigned = code == RdKafka::ERR__ASSIGN_PARTITIONS;
    if (is_assigned) {
      consumer->assign(partitions);
    } else {
      consumer->unassign();
    }
    say("owned\t" + std::to_string(is_assigned ? partitions.size() : 0));
  }
};

class Reader {
 public:
  Reader(const Settings& settings, const std::string& group, const std::string& isolation,
         RdKafka::RebalanceCb* rebalances = nullptr) {
    const auto conf = configure(settings, {{"group.id", group},
                                           {"auto.offset.reset", "earliest"},
                                           {"enable.auto.commit", "false"},
                                           {"heartbeat.interval.ms", "200"},
                                           {"session.timeout.ms", "10000"},
                                           {"fetch.wait.max.ms", "100"},
                                           {"isolation.level", isolation}});
    std::string error;
    if (rebalances != nullptr) conf->set("rebalance_cb", rebalances, error);
    consumer_.reset(RdKafka::KafkaConsumer::create(conf.get(), error));
    if (consumer_ == nullptr) fail(error);
  }
  ~Reader() { consumer_->close(); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  RdKafka::KafkaConsumer& client() { return *consumer_; }

  /** The next record, null when there is none at hand. */
  std::unique_ptr<RdKafka::Message> next(int wait_ms = kPollMs) {
    std::unique_ptr<RdKafka::Message> message(consumer_->consume(wait_ms));
    if (message->err() != RdKafka::ERR_NO_ERROR) return nullptr;
    return message;
  }

 private:
  std::unique_ptr<RdKafka::KafkaConsumer> consumer_;
};

std::string text(const RdKafka::Message& message) {
  return {static_cast<const char*>(message.payload()), message.len()};
}

std::unique_ptr<RdKafka::TopicPartition> place(const RdKafka::Message& message, int64_t offset) {
  return std::unique_ptr<RdKafka::TopicPartition>(
      RdKafka::TopicPartition::create(message.topic_name(), message.partition(), offset));
}

void run_member(const Settings& settings) {
  Rebalances rebalances;
  Reader reader(settings, setting(settings, "group"), "read_committed", &rebalances);
  must(outcome(reader.client().subscribe({setting(settings, "topic")})));
  int left =
      std::stoi(setting(settings, "stop_after", std::to_string(std::numeric_limits<int>::max())));
  while (!input_ended()) {
    const auto message = reader.next();
    if (message == nullptr || left == 0) continue;
    --left;
    const auto next = place(*message, message->offset() + 1);
    std::vector<RdKafka::TopicPartition*> offsets = {next.get()};
    if (reader.client().commitSync(offsets) == RdKafka::ERR_NO_ERROR) {
      say("committed\t" + text(*message));
    } else {  // a rebalance came between: whoever has the partition now reads it
      reader.client().seek(*place(*message, message->offset()), kCallMs);
    }
  }
}

void run_reader(const Settings& settings) {
  Reader reader(settings, "reader", "read_" + setting(settings, "isolation"));
  RdKafka::Metadata* found = nullptr;
  must(outcome(reader.client().metadata(true, nullptr, &found, kCallMs)));
  const std::unique_ptr<RdKafka::Metadata> metadata(found);
  std::vector<RdKafka::TopicPartition*> partitions;
  for (const auto* topic : *metadata->topics()) {
    if (topic->topic() != setting(settings, "topic")) continue;
    for (const auto* partition : *topic->partitions()) {
      partitions.push_back(RdKafka::TopicPartition::create(topic->topic(), partition->id(), 0));
    }
  }
  must(outcome(reader.client().assign(partitions)));
  RdKafka::TopicPartition::destroy(partitions);
  while (!input_ended()) {
    if (const auto message = reader.next()) say("value\t" + text(*message));
  }
}

void run_pipe(const Settings& settings) {
  Sender sender(settings);
  Reader reader(settings, setting(settings, "group"), "read_committed");
  must(outcome(reader.client().subscribe({setting(settings, "input")})));
  while (!input_ended()) {
    auto message = reader.next();
    if (message == nullptr) continue;
    must(outcome(sender.client().begin_transaction()));
    std::unique_ptr<RdKafka::TopicPartition> next;
    for (int count = 1; message != nullptr; ++count) {
      sender.send(setting(settings, "output"), RdKafka::Topic::PARTITION_UA, "",
                  "bar of " + text(*message));
      next = place(*message, message->offset() + 1);
      message = count < 10 ? reader.next(0) : nullptr;
    }
    const std::unique_ptr<RdKafka::ConsumerGroupMetadata> group(reader.client().groupMetadata());
    must(outcome(sender.client().send_offsets_to_transaction({next.get()}, group.get(), kCallMs)));
    must(outcome(sender.client().commit_transaction(kCallMs)));
    say("transaction");
  }
}

}  // namespace

int main(int count, char** arguments) {
  Settings settings;
  for (int i = 2; i < count; ++i) {
    const std::string pair = arguments[i];
    const auto equals = pair.find('=');
    settings[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  const std::map<std::string, void (*)(const Settings&)> roles = {{"producer", run_producer},
                                                                  {"member", run_member},
                                                                  {"reader", run_reader},
                                                                  {"pipe", run_pipe}};
  const auto role = roles.find(count > 1 ? arguments[1] : "");
  if (role == roles.end()) fail("which role?");
  role->second(settings);
}
