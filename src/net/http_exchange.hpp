#pragma once
/// One connection of a server, and one exchange on it. Internal to net: see http_session.cpp.

#include "net/event.hpp"
#include "net/http_reader.hpp"
#include "net/http_session.hpp"
#include "net/http_watched.hpp"
#include "net/http_writer.hpp"

namespace adaos::net {

struct ServerConnection {
    ServerConnection(StreamPtr below, Peer p, Timers& t, HttpLimits l, bool const& stop,
                     boost::asio::any_io_executor loop)
        : peer(std::move(p)),
          timers(t),
          limits(l),
          stopping(stop),
          stream(std::move(below), t, l.body_stall),
          reader(stream, HttpParser::Role::request),
          writer(stream),
          written(std::move(loop)) {}

    Peer const peer;
    Timers& timers;
    HttpLimits const limits;
    bool const& stopping;
    WatchedStream stream;
    MessageReader reader;
    MessageWriter writer;
    bool writing = false;  ///< the body's reader may write, too: "100 Continue"
    Event written;
};

class ServerExchange final : public Exchange {
public:
    /// The connection's reader has the complete head.
    explicit ServerExchange(ServerConnection& connection);

    RequestHead& request() override { return request_; }
    [[nodiscard]] Framing request_framing() const override {
        return connection_.reader.parser().framing();
    }
    [[nodiscard]] Peer const& peer() const override { return connection_.peer; }
    BodyReader& body() override { return body_; }
    Task<Result<void>> inform(ResponseHead head) override;
    Task<Result<void>> respond(ResponseHead head, Framing framing) override;
    Task<Result<void>> respond_with(ResponseHead head, Framing framing,
                                    std::span<std::byte const> first) override;
    Task<Result<void>> write(std::span<std::byte const> bytes) override;
    Task<Result<void>> finish(Fields trailers) override;
    Task<Result<StreamPtr>> upgrade(ResponseHead head) override;
    [[nodiscard]] bool responded() const override { return responded_; }
    void abort() noexcept override;

    /// The session's side, after the handler returned.
    [[nodiscard]] bool upgraded() const noexcept { return upgraded_; }
    [[nodiscard]] bool aborted() const noexcept { return aborted_; }
    /// The answer said that the connection ends after it.
    [[nodiscard]] bool closes() const noexcept { return closes_; }

private:
    class RequestBody final : public BodyReader {
    public:
        explicit RequestBody(ServerExchange& exchange) : exchange_(exchange) {}
        Task<Result<std::size_t>> read_some(std::span<std::byte> into) override;
        [[nodiscard]] Fields const& trailers() const override {
            return exchange_.connection_.reader.trailers();
        }
        [[nodiscard]] bool ready() override { return exchange_.connection_.reader.ready(); }

    private:
        ServerExchange& exchange_;
    };

    Framing decide(ResponseHead& head, Framing framing);
    Task<void> take_turn();
    Task<Result<void>> continue_request();
    Task<Result<void>> send_head(ResponseHead head);

    ServerConnection& connection_;
    RequestHead request_;
    RequestBody body_;
    bool old_client_;  ///< HTTP/1.0: no chunks, no 1xx
    bool expects_;     ///< waits for "100 Continue" before it sends its body
    bool responded_ = false, upgraded_ = false, aborted_ = false, closes_ = false;
};

}  // namespace adaos::net
