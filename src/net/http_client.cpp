#include "net/http_client.hpp"

#include "net/http_reader.hpp"
#include "net/http_writer.hpp"
#include "net/prefixed_stream.hpp"

#include <boost/asio/error.hpp>

namespace adaos::net {
namespace {

/// Informational heads before the final one; more is an attack or a loop.
constexpr unsigned most_informational = 32;

bool wants_length(std::string const& method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

Error misuse(char const* what) {
    return Error(HttpErrc::body_mismatch, what);
}

}  // namespace

struct HttpClient::Parts {
    explicit Parts(StreamPtr s)
        : stream(std::move(s)), reader(*stream, HttpParser::Role::response), writer(*stream) {}

    void expect() {
        if (head_request) reader.parser().expect_no_body();
    }
    bool answered() const { return final_head && reader.parser().done() && !reader.broken(); }

    StreamPtr stream;  ///< null once taken
    MessageReader reader;
    MessageWriter writer;
    bool used = false;          ///< a request was begun
    bool head_request = false;  ///< no body comes with its answer
    bool keeps = true;          ///< neither side said that it would close
    bool final_head = false, switched = false, aborted = false;
    unsigned informational = 0;
    Framing framing;
};

HttpClient::HttpClient(StreamPtr stream) : parts_(std::make_unique<Parts>(std::move(stream))) {}
HttpClient::~HttpClient() = default;

Task<Result<void>> HttpClient::send_head(RequestHead head, Framing framing) {
    std::span<std::byte const> const nothing;
    co_return co_await start(std::move(head), framing, nothing);
}

Task<Result<void>> HttpClient::send(RequestHead head, std::string body) {
    Framing framing;
    if (!body.empty() || wants_length(head.method))
        framing = Framing{Framing::Kind::length, body.size()};
    co_return co_await start(std::move(head), framing, as_bytes(body));
}

Task<Result<void>> HttpClient::start(RequestHead head, Framing framing,
                                     std::span<std::byte const> first) {
    auto& p = *parts_;
    if (!p.stream || (p.used && !reusable())) co_return misuse("this connection takes no request");
    if (framing.kind == Framing::Kind::until_close) framing.kind = Framing::Kind::chunked;
    auto wire = serialize(head, framing);
    if (!wire) co_return wire.error();
    if (p.used) {
        p.reader.next();
        p.writer.next();
    }
    p.used = true;
    p.head_request = head.method == "HEAD";
    p.keeps = !head.fields.has_token("Connection", "close");
    p.final_head = false;
    p.informational = 0;
    p.expect();
    co_return co_await p.writer.start(std::move(*wire), framing, MessageWriter::Body::allowed,
                                      first);
}

Task<Result<void>> HttpClient::send_body(std::span<std::byte const> bytes) {
    if (!parts_->stream) co_return misuse("the connection was taken");
    co_return co_await parts_->writer.write(bytes);
}

Task<Result<void>> HttpClient::finish(Fields trailers) {
    if (!parts_->stream) co_return misuse("the connection was taken");
    co_return co_await parts_->writer.finish(std::move(trailers));
}

Task<Result<ResponseHead>> HttpClient::read_head() {
    using Head = MessageReader::Head;
    auto& p = *parts_;
    if (!p.stream || !p.used || p.final_head) co_return misuse("no answer is due");
    auto step = co_await p.reader.step_head();
    while (step && *step == Head::partial) {
        step = co_await p.reader.step_head();
    }
    if (!step) co_return step.error();
    if (*step == Head::none) co_return Error(boost::asio::error::eof, "no answer came");
    auto& parser = p.reader.parser();
    auto head = parser.take_response();
    if (head.status < 200 && head.status != 101) {
        if (++p.informational > most_informational)
            co_return Error(HttpErrc::bad_message, "too many informational heads");
        p.reader.next();
        p.expect();
        co_return head;
    }
    p.final_head = true;
    p.switched = head.status == 101;
    p.keeps = p.keeps && parser.keep_alive();
    p.framing = parser.framing();
    co_return head;
}

Framing HttpClient::response_framing() const {
    return parts_->framing;
}

BodyReader& HttpClient::body() {
    return parts_->reader;
}

bool HttpClient::reusable() const {
    auto const& p = *parts_;
    return p.stream != nullptr && !p.aborted && !p.switched && p.keeps && p.answered() &&
           p.writer.complete() && !p.reader.has_rest();
}

StreamPtr HttpClient::take_stream() {
    auto rest = parts_->reader.take_rest();
    return make_prefixed(std::move(rest), std::move(parts_->stream));
}

void HttpClient::abort() noexcept {
    parts_->aborted = true;
    if (parts_->stream) parts_->stream->abort();
}

}  // namespace adaos::net
