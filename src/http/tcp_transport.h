#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "http/transport.h"

namespace ticklake::http {

/// Takes a connected socket over, whose executor is that of the connection's loop.
std::unique_ptr<Transport> make_tcp_transport(boost::asio::ip::tcp::socket socket,
                                              int send_buffer_bytes);

}  // namespace ticklake::http
