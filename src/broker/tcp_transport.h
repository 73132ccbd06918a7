#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"
#include "broker/transport.h"

namespace ticklake::broker {

/// Takes a connected socket over; kUnavailable if the client is gone already.
base::Result<std::unique_ptr<Transport>> make_tcp_transport(boost::asio::ip::tcp::socket socket);

}  // namespace ticklake::broker
