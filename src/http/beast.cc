// The one place where Beast is compiled; every other file sees declarations only.
#include <boost/beast/src.hpp>
