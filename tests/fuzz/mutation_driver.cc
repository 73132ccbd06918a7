// Runs a fuzz target without libFuzzer: its corpus, then so many random changes of it, or for
// TICKLAKE_FUZZ_SECONDS if that is set. Quick, and built by the compiler of the tests; `make fuzz`
// is what searches with coverage. No input may take memory out of proportion, nor leak.
//
// usage: <target> COUNT SEED [CORPUS-FILE…]
// TICKLAKE_SEED takes SEED's place. A failure prints the command that comes to its input again.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

/// What a batch of records may be in memory is the most that is set aside at once.
extern "C" const char* __asan_default_options() {
  return "max_allocation_size_mb=300:hard_rss_limit_mb=1024:quarantine_size_mb=32:"
         "detect_leaks=1:handle_abort=1";
}

/// Of the sanitizers' runtime; there is none in a build without them.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

constexpr size_t kInputBytesMax = 4096;
constexpr size_t kPoolMax = 256;

using Input = std::vector<uint8_t>;
using Generator = std::mt19937_64;

size_t below(Generator& random, size_t end) { return random() % end; }

void change_once(Generator& random, Input& input, const Input& other) {
  // Values at which lengths, counts and text change their meaning.
  static constexpr uint8_t kTelling[] = {0,   1,    2,    0x7f, 0x80, 0xff, '{', '}', '[',
                                         '"', '\\', '\n', ',',  '-',  '0',  'e', '.', ':'};
  const size_t at = input.empty() ? 0 : below(random, input.size());
  switch (input.empty() ? 3 : below(random, 7)) {
    case 0: input[at] ^= static_cast<uint8_t>(1u << below(random, 8)); break;
    case 1: input[at] = kTelling[below(random, std::size(kTelling))]; break;
    case 2: input.resize(at); break;
    case 3: {
      const size_t count = 1 + below(random, 8);
      const auto byte = static_cast<uint8_t>(random());
      input.insert(input.begin() + static_cast<ptrdiff_t>(at), count, byte);
      break;
    }
    case 4: {
      const size_t count = 1 + below(random, std::min<size_t>(input.size() - at, 16));
      input.erase(input.begin() + static_cast<ptrdiff_t>(at),
                  input.begin() + static_cast<ptrdiff_t>(at + count));
      break;
    }
    case 5: {
      const size_t from = other.empty() ? 0 : below(random, other.size());
      input.resize(at);
      input.insert(input.end(), other.begin() + static_cast<ptrdiff_t>(from), other.end());
      break;
    }
    default: {
      const size_t end = at + 1 + below(random, input.size() - at);
      const Input part(input.begin() + static_cast<ptrdiff_t>(at),
                       input.begin() + static_cast<ptrdiff_t>(end));
      input.insert(input.begin() + static_cast<ptrdiff_t>(at), part.begin(), part.end());
    }
  }
  if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
}

// What the sanitizers' callback, which takes no arguments, tells of.
struct Run {
  int argc = 0;
  char** argv = nullptr;
  uint64_t seed = 0;
  uint64_t done = 0;
};
Run run_of_this_process;

/// On stderr, where the sanitizer's report is.
void tell_how_to_repeat() {
  const Run& run = run_of_this_process;
  std::fprintf(stderr, "after %llu inputs of seed %llu; to repeat: %s %llu %llu",
               static_cast<unsigned long long>(run.done), static_cast<unsigned long long>(run.seed),
               run.argv[0], static_cast<unsigned long long>(run.done + 1),
               static_cast<unsigned long long>(run.seed));
  for (int i = 3; i < run.argc; ++i)
    std::fprintf(stderr, " %s", run.argv[i]);
  std::fprintf(stderr, "\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s COUNT SEED [CORPUS-FILE...]\n", argv[0]);
    return 2;
  }
  const uint64_t count = std::strtoull(argv[1], nullptr, 10);
  const char* const fresh_seed = std::getenv("TICKLAKE_SEED");
  Run& run = run_of_this_process;
  run = {argc, argv, std::strtoull(fresh_seed ? fresh_seed : argv[2], nullptr, 10), 0};
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(tell_how_to_repeat);
  // At once, for a target that hangs is ended from outside.
  std::printf("seed %llu\n", static_cast<unsigned long long>(run.seed));
  std::fflush(stdout);
  Generator random(run.seed);
  std::vector<Input> pool{{}};
  for (int i = 3; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "error: cannot read %s\n", argv[i]);
      return 2;
    }
    pool.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  const size_t seeds = pool.size();
  for (const Input& input : pool)
    LLVMFuzzerTestOneInput(input.data(), input.size());
  using Clock = std::chrono::steady_clock;
  const char* const seconds = std::getenv("TICKLAKE_FUZZ_SECONDS");
  const auto end = Clock::now() + std::chrono::seconds(seconds ? std::atoll(seconds) : 0);
  for (; seconds ? Clock::now() < end : run.done < count; ++run.done) {
    Input input = pool[below(random, pool.size())];
    for (size_t change = 0; change <= below(random, 4); ++change)
      change_once(random, input, pool[below(random, pool.size())]);
    LLVMFuzzerTestOneInput(input.data(), input.size());
    // Changes of changes get further than changes of the seeds alone.
    if (pool.size() < kPoolMax) {
      pool.push_back(std::move(input));
    } else if (seeds < pool.size()) {
      pool[seeds + below(random, pool.size() - seeds)] = std::move(input);
    }
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(run.done));
  return 0;
}
