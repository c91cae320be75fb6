#pragma once
/// What a coroutine returns. The await rule (docs/adr/0002-await-rule.md) applies to every one.

#include <boost/asio/awaitable.hpp>

namespace adaos::net {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace adaos::net
