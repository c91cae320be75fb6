#include "net/unix_connect.hpp"

#include "base/problem.hpp"
#include "net/tcp_stream.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>

namespace adaos::net {
namespace {

Error failed_to(std::string const& path, int why) {
    boost::system::error_code const code(why, boost::system::system_category());
    return Error(Problem::unreachable, path + ": " + code.message());
}

}  // namespace

Result<StreamPtr> connect_unix(boost::asio::any_io_executor const& loop, std::string const& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return failed_to(path, ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    int const fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return failed_to(path, errno);
    // The sockets API takes any address as a sockaddr.
    auto const* const at = reinterpret_cast<sockaddr const*>(&address);
    int why = ::connect(fd, at, sizeof address) == 0 ? 0 : errno;
    // As a TCP socket: a stream only reads, writes, shuts down and closes.
    boost::asio::ip::tcp::socket socket(loop);
    boost::system::error_code refused;
    if (why == 0) socket.assign(boost::asio::ip::tcp::v4(), fd, refused);
    if (why == 0 && refused) why = refused.value();
    if (why != 0) {
        ::close(fd);
        return failed_to(path, why);
    }
    return std::make_unique<TcpStream>(std::move(socket));
}

}  // namespace adaos::net
