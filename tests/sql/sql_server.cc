// A gateway over the fixture tables, for tests of the command line: prints its address, serves
// until its standard input ends.
#include <cstdio>
#include <iostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "fixture.h"
#include "gateway/server.h"

namespace {

nlohmann::json status() {
  return nlohmann::json::parse(R"({"version":"0.1.0","uptime_s":3725.5,"ready":true,
    "broker":{"address":"127.0.0.1:9092","topics":2,"partitions":2,"records_in":1234567,
              "bytes_in":234567890,"connections":3},
    "feed":{"kind":"simulate","topic":"trades","rate":1000.2,"records":1229462,"state":"running"},
    "sink":{"partitions":[{"topic":"sp500","partition":0,"visible_offset":5105,
              "durable_offset":5105,"log_end_offset":5105,"lag":0},
             {"topic":"trades","partition":0,"visible_offset":1229450,"durable_offset":1200000,
              "log_end_offset":1229462,"lag":12}],
            "rows_visible":1234555,"rows_per_second":1000.4,"dead_letters":0,"error":""},
    "lake":{"location":"ticklake-data/lake","files":25,"rows":1205105,"bytes":9876543},
    "tables":[{"name":"sp500","rows_lake":5105,"rows_tail":0,"rows_per_second":0.0,"files":1},
              {"name":"trades","rows_lake":1200000,"rows_tail":29450,"rows_per_second":1000.4,
               "files":24}],
    "query":{"count":42}})");
}

}  // namespace

int main() {
  using namespace ticklake;
  auto database = table::Database::open({.threads = 2});
  if (!database) return 1;
  {
    auto connection = database->connect();
    const auto filled = connection->query(kFixture);
    if (!filled || !database->lock_down({"/nonexistent"})) return 1;
  }
  const base::SystemClock clock;
  query::QueryEngine engine(*database, clock, {.names_files = true});
  gateway::TickStream ticks;
  const auto logger = base::make_null_logger();
  base::PosixFileSystem files;
  auto server = gateway::Server::start({.listen = {"127.0.0.1", 0}}, engine, ticks, status, files,
                                       clock, *logger);
  if (!server) return 1;
  std::cout << (*server)->address().text() << std::endl;
  std::jthread thread([&](std::stop_token stop) { (*server)->run(stop); });
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
}
