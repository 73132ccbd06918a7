// The one place where Asio's implementation is compiled; every other file sees declarations only.
#include <boost/asio/impl/src.hpp>
