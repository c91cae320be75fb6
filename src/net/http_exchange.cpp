#include "net/http_exchange.hpp"

#include "net/prefixed_stream.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace adaos::net {
namespace {

/// Gives the turn to write to the next, however it is left.
class WriteTurn {
public:
    explicit WriteTurn(ServerConnection& connection) : connection_(connection) {
        connection_.writing = true;
    }
    ~WriteTurn() {
        connection_.writing = false;
        connection_.written.notify();
    }
    WriteTurn(WriteTurn const&) = delete;
    WriteTurn& operator=(WriteTurn const&) = delete;

private:
    ServerConnection& connection_;
};

/// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date() {
    using namespace std::chrono;
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const now = floor<seconds>(system_clock::now());
    auto const day = floor<std::chrono::days>(now);
    year_month_day const date(day);
    hh_mm_ss const time(now - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  days[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

void add_date(ResponseHead& head) {
    if (head.fields.find("Date") == nullptr) head.fields.add("Date", http_date());
}

Error out_of_turn(char const* what) {
    return Error(HttpErrc::body_mismatch, what);
}

}  // namespace

ServerExchange::ServerExchange(ServerConnection& connection)
    : connection_(connection),
      request_(connection.reader.parser().take_request()),
      body_(*this),
      old_client_(connection.reader.parser().version() < 11),
      expects_(!old_client_ && !connection.reader.parser().done() &&
               request_.fields.has_token("Expect", "100-continue")) {}

Task<void> ServerExchange::take_turn() {
    while (connection_.writing) {
        co_await connection_.written.wait();
    }
}

Task<Result<std::size_t>> ServerExchange::RequestBody::read_some(std::span<std::byte> into) {
    if (exchange_.expects_) {
        auto const told = co_await exchange_.continue_request();
        if (!told) co_return told.error();
    }
    co_return co_await exchange_.connection_.reader.read_some(into);
}

Task<Result<void>> ServerExchange::continue_request() {
    expects_ = false;
    // It did not wait after all; or the answer is on its way, and the client decides.
    if (connection_.reader.ready() || responded_) co_return Result<void>();
    co_await take_turn();
    if (responded_) co_return Result<void>();
    WriteTurn const turn(connection_);
    std::string_view const wire = "HTTP/1.1 100 Continue\r\n\r\n";
    co_return co_await connection_.stream.write_all(as_bytes(wire));
}

Task<Result<void>> ServerExchange::inform(ResponseHead head) {
    if (responded_ || head.status < 100 || head.status > 199 || head.status == 101)
        co_return out_of_turn("an informational head out of place");
    if (old_client_) co_return Result<void>();
    if (head.status == 100) expects_ = false;
    co_return co_await send_head(std::move(head));
}

Task<Result<void>> ServerExchange::send_head(ResponseHead head) {
    auto const wire = serialize(head, Framing());
    if (!wire) co_return wire.error();
    co_await take_turn();
    WriteTurn const turn(connection_);
    co_return co_await connection_.stream.write_all(as_bytes(*wire));
}

/// Sets Date and Connection, and returns how the body will really be sent.
Framing ServerExchange::decide(ResponseHead& head, Framing framing) {
    using Kind = Framing::Kind;
    bool const head_request = request_.method == "HEAD";
    if (framing.kind == Kind::until_close) framing.kind = Kind::chunked;
    if (head.status == 204 || (head.status == 304 && framing.kind != Kind::length))
        framing = Framing();
    else if (framing.kind == Kind::none && head.status != 304 && !head_request)
        framing = Framing{Kind::length, 0};
    if (framing.kind == Kind::chunked && old_client_)
        framing.kind = head_request ? Kind::none : Kind::until_close;

    auto const& parser = connection_.reader.parser();
    closes_ = framing.kind == Kind::until_close || !parser.keep_alive() || connection_.stopping ||
              expects_ || connection_.reader.broken() ||
              head.fields.has_token("Connection", "close");
    if (closes_)
        head.fields.set("Connection", "close");
    else if (old_client_)
        head.fields.set("Connection", "keep-alive");
    add_date(head);
    return framing;
}

Task<Result<void>> ServerExchange::respond(ResponseHead head, Framing framing) {
    std::span<std::byte const> const nothing;
    co_return co_await respond_with(std::move(head), framing, nothing);
}

Task<Result<void>> ServerExchange::respond_with(ResponseHead head, Framing framing,
                                                std::span<std::byte const> first) {
    if (responded_ || head.status < 200) co_return out_of_turn("a final head out of place");
    bool const bodiless = request_.method == "HEAD" || head.status == 204 || head.status == 304;
    framing = decide(head, framing);
    auto wire = serialize(head, framing);
    if (!wire) co_return wire.error();  // a fault of the handler's; it may still answer
    responded_ = true;
    co_await take_turn();
    WriteTurn const turn(connection_);
    auto const body = bodiless ? MessageWriter::Body::none : MessageWriter::Body::allowed;
    co_return co_await connection_.writer.start(std::move(*wire), framing, body, first);
}

Task<Result<void>> ServerExchange::write(std::span<std::byte const> bytes) {
    if (!responded_ || upgraded_) co_return out_of_turn("a body without a head");
    WriteTurn const turn(connection_);
    co_return co_await connection_.writer.write(bytes);
}

Task<Result<void>> ServerExchange::finish(Fields trailers) {
    if (!responded_ || upgraded_) co_return out_of_turn("an end without a head");
    WriteTurn const turn(connection_);
    co_return co_await connection_.writer.finish(std::move(trailers));
}

Task<Result<StreamPtr>> ServerExchange::upgrade(ResponseHead head) {
    if (responded_ || old_client_ || !connection_.reader.parser().done())
        co_return out_of_turn("an upgrade out of place");
    add_date(head);
    auto const wire = serialize(head, Framing());
    if (!wire) co_return wire.error();
    responded_ = upgraded_ = true;
    co_await take_turn();
    auto const sent = co_await connection_.stream.write_all(as_bytes(*wire));
    if (!sent) {
        connection_.stream.abort();
        co_return sent.error();
    }
    auto rest = connection_.reader.take_rest();
    co_return make_prefixed(std::move(rest), connection_.stream.take());
}

void ServerExchange::abort() noexcept {
    aborted_ = true;
    connection_.stream.abort();
}

}  // namespace adaos::net
