// How fast an S3 server answers many connections at the same time. Requests of the same bytes for
// every server, signed before the clock starts (pages of a listing, of which each names the next,
// while it runs); a client of one thread that does not look at what it is sent.
//
// usage: s3_bench put|get|ranges|list HOST:PORT BUCKET PREFIX COUNT BYTES CONNECTIONS SECONDS
//                 [FOLDER]
// The keys are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
//   put     COUNT objects PREFIX00000000… of BYTES bytes, or as many as SECONDS allow; with FOLDER,
//   where
//           the server keeps its buckets, a PUT has ended when fsync has brought the object's
//           file and its folder to the disk
//   get     COUNT such objects in turn, over and over until SECONDS have passed; with 0 seconds
//   once ranges  one object PREFIX of BYTES bytes, COUNT ranges of it, likewise list    COUNT keys
//   under PREFIX in pages of 1,000, each connection its share of them
// Prints one JSON object; latencies are from the first byte sent to the last byte received.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/disk_sync.h"
#include "bench/s3_connection.h"
#include "bench/s3_requests.h"

namespace {

namespace bench = ticklake::bench;
namespace base = ticklake::base;

constexpr size_t kBodyBytesMax = size_t{1} << 30;
/// After so many the bytes of a body repeat.
constexpr size_t kBodyStepBytes = size_t{1} << 20;

struct Plan {
  std::string operation, address, bucket, prefix;
  size_t count = 0;
  uint64_t bytes = 0;
  size_t connections = 0;
  double seconds = 0;
  std::string folder;  ///< empty: nobody syncs for the server
};

/// One connection and what it does now.
struct Lane {
  explicit Lane(const std::string& address) : connection(address) {}

  bench::S3Connection connection;
  base::MonotonicTime began{};
  size_t request = 0;
  size_t keys_left = 0;  ///< to be listed
  std::string listed;    ///< the request for the next page
  bool waits_to_send = false;
};

class Run {
 public:
  explicit Run(Plan plan);
  void run();
  void report() const;

 private:
  void make_requests(const bench::S3Requests& requests);
  void begin(size_t lane);
  bool begin_next(Lane& lane);
  void advance(size_t lane);
  void answered(size_t lane);
  void ended(size_t lane);
  void watch(Lane& lane, size_t number, int how);

  const Plan plan_;
  const base::SystemClock clock_;
  const bench::S3Requests requests_;
  std::string body_;
  std::vector<std::string> heads_;
  std::vector<Lane> lanes_;
  std::optional<bench::DiskSync> disk_;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  size_t next_ = 0;  ///< of the requests
  size_t open_ = 0;  ///< lanes that are at work
  base::MonotonicTime start_{}, end_{};
  size_t keys_ = 0;
  uint64_t received_ = 0;
  std::vector<double> latencies_ms_;
};

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  if (!value) bench::fail(std::string(name) + " is not in the environment");
  return value;
}

Run::Run(Plan plan)
    : plan_(std::move(plan)),
      requests_(
          plan_.address, plan_.bucket,
          {from_environment("AWS_ACCESS_KEY_ID"), from_environment("AWS_SECRET_ACCESS_KEY")}) {
  make_requests(requests_);
  if (!plan_.folder.empty()) disk_.emplace(plan_.connections);
  lanes_.reserve(plan_.connections);
  for (size_t i = 0; i < plan_.connections; ++i) {
    lanes_.emplace_back(plan_.address);
    watch(lanes_[i], i, EPOLL_CTL_ADD);
  }
  if (disk_) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = plan_.connections}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, disk_->descriptor(), &event);
  }
}

void Run::make_requests(const bench::S3Requests& requests) {
  if (plan_.operation == "put") {
    const size_t bytes = std::min<uint64_t>(plan_.bytes, kBodyBytesMax);
    uint64_t state = 42;
    while (body_.size() < std::min(bytes, kBodyStepBytes)) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      body_ += static_cast<char>(state >> 56);
    }
    body_.reserve(bytes);
    while (body_.size() < bytes)
      body_.append(body_, 0, bytes - body_.size());
  }
  const std::string body_hash = plan_.operation == "put" ? ticklake::aws::sha256_hex(body_) : "";
  for (size_t i = 0; i < plan_.count; ++i) {
    const std::string key = bench::numbered_key(plan_.prefix, i);
    if (plan_.operation == "put") heads_.push_back(requests.put(key, body_hash, body_.size()));
    if (plan_.operation == "get") heads_.push_back(requests.get(key));
    if (plan_.operation == "ranges") {
      const uint64_t size = plan_.bytes / plan_.count;
      heads_.push_back(requests.get(plan_.prefix, i * size, size));
    }
  }
}

void Run::watch(Lane& lane, size_t number, int how) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
  if (lane.waits_to_send) event.events |= EPOLLOUT;
  ::epoll_ctl(epoll_, how, lane.connection.descriptor(), &event);
}

/// False if there is nothing more to be done.
bool Run::begin_next(Lane& lane) {
  if (plan_.operation == "list") {
    if (lane.listed.empty()) return false;
    lane.connection.send(lane.listed, {}, true);
    return true;
  }
  const std::chrono::duration<double> passed = clock_.monotonic_now() - start_;
  const bool is_over = plan_.seconds > 0 && passed.count() >= plan_.seconds;
  const bool repeats = plan_.operation != "put" && plan_.seconds > 0;
  if (is_over || (next_ == heads_.size() && !repeats)) return false;
  if (next_ == heads_.size()) next_ = 0;
  lane.request = next_++;
  lane.connection.send(heads_[lane.request], body_, false);
  return true;
}

void Run::begin(size_t number) {
  Lane& lane = lanes_[number];
  lane.began = clock_.monotonic_now();
  if (begin_next(lane)) {
    advance(number);
  } else {
    --open_;
  }
}

void Run::advance(size_t number) {
  Lane& lane = lanes_[number];
  if (lane.connection.advance()) return answered(number);
  if (lane.connection.is_sending() == lane.waits_to_send) return;
  lane.waits_to_send = lane.connection.is_sending();
  watch(lane, number, EPOLL_CTL_MOD);
}

void Run::answered(size_t number) {
  Lane& lane = lanes_[number];
  received_ += lane.connection.answer_bytes();
  if (plan_.operation == "list") {
    const bench::ListedPage page = bench::read_page(lane.connection.answer_body());
    keys_ += page.keys;
    lane.keys_left -= std::min(lane.keys_left, page.keys);
    const std::chrono::duration<double> passed = clock_.monotonic_now() - start_;
    const bool is_over = plan_.seconds > 0 && passed.count() >= plan_.seconds;
    lane.listed = lane.keys_left == 0 || page.next_token.empty() || is_over
                      ? ""
                      : requests_.list(plan_.prefix, {}, page.next_token);
  }
  if (!disk_) return ended(number);
  disk_->begin(
      plan_.folder + "/" + plan_.bucket + "/" + bench::numbered_key(plan_.prefix, lane.request),
      number);
}

void Run::ended(size_t number) {
  end_ = clock_.monotonic_now();
  const std::chrono::duration<double, std::milli> took = end_ - lanes_[number].began;
  latencies_ms_.push_back(took.count());
  begin(number);
}

void Run::run() {
  const size_t share = plan_.count / plan_.connections;
  start_ = clock_.monotonic_now();
  open_ = lanes_.size();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (plan_.operation == "list") {
      lanes_[i].keys_left = share;
      lanes_[i].listed = requests_.list(
          plan_.prefix, i == 0 ? "" : bench::numbered_key(plan_.prefix, i * share - 1), {});
    }
    begin(i);
  }
  std::vector<epoll_event> events(lanes_.size() + 1);
  while (open_ > 0) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 120'000);
    if (count <= 0) bench::fail("the server does not answer");
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 < lanes_.size()) {
        advance(events[i].data.u64);
      } else {
        for (const size_t number : disk_->done())
          ended(number);
      }
    }
  }
}

void Run::report() const {
  std::vector<double> sorted = latencies_ms_;
  std::ranges::sort(sorted);
  const auto quantile = [&](double part) {
    return sorted[std::min(sorted.size() - 1, static_cast<size_t>(part * sorted.size()))];
  };
  const std::chrono::duration<double> elapsed = end_ - start_;
  const double sent = plan_.operation == "put" ? double(plan_.bytes) * double(sorted.size()) : 0;
  std::printf(
      "{\"requests\":%zu,\"keys\":%zu,\"seconds\":%.4f,\"per_second\":%.1f,\"keys_per_second\":%."
      "0f,"
      "\"megabytes_per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
      sorted.size(), keys_, elapsed.count(), double(sorted.size()) / elapsed.count(),
      double(keys_) / elapsed.count(), (sent + double(received_)) / 1e6 / elapsed.count(),
      quantile(0.5), quantile(0.99));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 9 || argc > 10) {
    std::fprintf(stderr,
                 "usage: s3_bench put|get|ranges|list HOST:PORT BUCKET PREFIX COUNT BYTES "
                 "CONNECTIONS SECONDS [FOLDER]\n");
    return 2;
  }
  Run run({argv[1], argv[2], argv[3], argv[4], std::strtoull(argv[5], nullptr, 10),
           std::strtoull(argv[6], nullptr, 10), std::strtoull(argv[7], nullptr, 10),
           std::strtod(argv[8], nullptr), argc > 9 ? argv[9] : ""});
  run.run();
  run.report();
  return 0;
}
