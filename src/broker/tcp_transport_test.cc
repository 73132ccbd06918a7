#include "broker/tcp_transport.h"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/temporary_folder.h"

namespace ticklake::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A transport, and the client at its other end.
class Pair {
 public:
  Pair() : client_(loop_) {
    tcp::acceptor acceptor(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    client_.connect(acceptor.local_endpoint());
    tcp::socket socket = acceptor.accept();
    // So that what is written goes in many pieces.
    socket.set_option(asio::socket_base::send_buffer_size(8192));
    transport_ = std::move(*make_tcp_transport(std::move(socket)));
  }
  Transport& transport() { return *transport_; }
  tcp::socket& client() { return client_; }
  asio::io_context& loop() { return loop_; }

 private:
  asio::io_context loop_;
  tcp::socket client_;
  std::unique_ptr<Transport> transport_;
};

base::Bytes random_bytes(base::Random& random, size_t size) {
  base::Bytes bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random.below(256)); });
  return bytes;
}

std::shared_ptr<base::File> file_of(const base::TemporaryFolder& folder, const base::Bytes& bytes) {
  base::PosixFileSystem files;
  std::shared_ptr<base::File> file = *files.open(folder.path() / "file", base::OpenMode::kCreate);
  EXPECT_TRUE(file->write_at(0, bytes).has_value());
  return file;
}

TEST(TcpTransport, memory_and_parts_of_files_arrive_in_their_order) {
  const base::TemporaryFolder folder;
  base::Random random(1);
  const base::Bytes on_disk = random_bytes(random, 600'000);
  const auto file = file_of(folder, on_disk);
  for (int round = 0; round < 20; ++round) {
    Pair pair;
    std::vector<base::Bytes> memory;
    std::vector<base::Fragment> parts;
    base::Bytes expected;
    memory.reserve(300);
    for (uint64_t i = 1 + random.below(300); i > 0; --i) {
      base::ByteView view;
      if (random.below(4) == 0) {
        const size_t size = 1 + random.below(60'000);
        const size_t from = random.below(on_disk.size() - size);
        parts.emplace_back(base::FileRegion{file, from, size});
        view = base::ByteView(on_disk).subspan(from, size);
      } else {
        memory.push_back(random_bytes(random, 1 + random.below(2000)));
        view = memory.back();
        parts.emplace_back(view);
      }
      expected.insert(expected.end(), view.begin(), view.end());
    }
    bool is_written = false;
    pair.transport().write(std::move(parts), [&](const base::Result<void>& done) {
      EXPECT_TRUE(done.has_value());
      is_written = true;
    });
    EXPECT_FALSE(is_written) << "never within the call";
    base::Bytes got(expected.size());
    asio::async_read(pair.client(), asio::buffer(got),
                     [](boost::system::error_code failed, size_t) { EXPECT_FALSE(failed); });
    pair.loop().run();
    EXPECT_TRUE(is_written);
    EXPECT_TRUE(got == expected);
  }
}

TEST(TcpTransport, a_client_that_goes_ends_a_write_with_an_error) {
  const base::TemporaryFolder folder;
  base::Random random(2);
  const base::Bytes on_disk = random_bytes(random, 900'000);
  const auto file = file_of(folder, on_disk);
  for (const bool is_in_file : {false, true}) {
    Pair pair;
    const base::Fragment part = is_in_file ? base::Fragment(base::FileRegion{file, 0, 900'000})
                                           : base::Fragment(base::ByteView(on_disk));
    bool has_failed = false;
    pair.transport().write(std::vector<base::Fragment>(20, part),
                           [&](const base::Result<void>& done) { has_failed = !done; });
    pair.loop().poll();
    EXPECT_FALSE(has_failed);
    pair.client().close();
    pair.loop().restart();
    pair.loop().run();
    EXPECT_TRUE(has_failed);
  }
}

TEST(TcpTransport, a_file_that_is_shorter_than_it_was_ends_a_write_with_an_error) {
  const base::TemporaryFolder folder;
  const auto file = file_of(folder, base::Bytes(1000));
  Pair pair;
  bool has_failed = false;
  pair.transport().write({base::FileRegion{file, 0, 2000}},
                         [&](const base::Result<void>& done) { has_failed = !done; });
  pair.loop().run();
  EXPECT_TRUE(has_failed);
}

}  // namespace
}  // namespace ticklake::broker
