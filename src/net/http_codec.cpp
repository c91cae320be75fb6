#include "net/http_codec.hpp"

#include "base/bytes.hpp"
#include "net/http_grammar.hpp"
#include "net/http_rules.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <boost/beast/http/basic_parser.hpp>
#pragma GCC diagnostic pop

#include <algorithm>
#include <optional>

namespace adaos::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using Code = boost::beast::error_code;

/// Longest chunk-size line with its extensions, which we ignore.
constexpr std::size_t max_chunk_line = 1024;
/// Most body bytes delivered by one put().
constexpr std::size_t max_body_piece = 16 * 1024;

/// What Beast found, for either kind of message.
struct Found {
    std::string method, target, reason;
    unsigned status = 0;
    unsigned version = 11;
    Fields fields, trailers;
    std::size_t field_count = 0;
    bool in_trailers = false;
    std::uint64_t chunk = 0;
    std::span<std::byte const> body;
};

/// Beast's parser with its events stored as they come: order and repeats of fields stay.
template <bool is_request>
class Beast final : public http::basic_parser<is_request> {
public:
    explicit Beast(Found& found) : found_(found) {
        this->header_limit(2 * max_head_bytes);  // ours is checked before
        this->body_limit(boost::none);
        this->eager(false);
    }

private:
    void on_request_impl(http::verb, string_view method, string_view target, int version,
                         Code&) override {
        found_.method.assign(method.data(), method.size());
        found_.target.assign(target.data(), target.size());
        found_.version = static_cast<unsigned>(version);
    }
    void on_response_impl(int status, string_view reason, int version, Code&) override {
        found_.status = static_cast<unsigned>(status);
        found_.reason.assign(reason.data(), reason.size());
        found_.version = static_cast<unsigned>(version);
    }
    void on_field_impl(http::field, string_view name, string_view value, Code& ec) override {
        if (++found_.field_count > max_head_fields) {
            ec = HttpErrc::head_too_large;
            return;
        }
        auto& fields = found_.in_trailers ? found_.trailers : found_.fields;
        fields.add(std::string(name), std::string(value));
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Code&) override {}
    std::size_t on_body_impl(string_view body, Code&) override { return take(body); }
    void on_chunk_header_impl(std::uint64_t size, string_view, Code&) override {
        found_.chunk = size;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, Code&) override {
        return take(body);
    }
    void on_finish_impl(Code&) override {}

    std::size_t take(string_view body) {
        found_.body = as_bytes({body.data(), body.size()});
        return body.size();
    }
    Found& found_;
};

}  // namespace

struct HttpParser::Parts {
    enum class Phase { head, body, until_close, chunk_line, chunk_data, trailers, done, dead };

    explicit Parts(Role r) : role(r) { reset(); }

    void reset() {
        found = Found();
        request.reset();
        response.reset();
        if (role == Role::request)
            request.emplace(found);
        else
            response.emplace(found);
        text.clear();
        if (text.capacity() > 4096) text.shrink_to_fit();
        scan = LineScan(0);
        phase = Phase::head;
        framing = Framing();
        remaining = 0;
        started = no_body = head_done = keep_alive = false;
        first_chunk = true;
    }

    std::size_t feed(std::span<std::byte const> bytes, Code& ec) {
        boost::asio::const_buffer const buffer(bytes.data(), bytes.size());
        return request ? request->put(buffer, ec) : response->put(buffer, ec);
    }
    bool beast_done() const { return request ? request->is_done() : response->is_done(); }

    Error fail(Error why) {
        phase = Phase::dead;
        error = std::move(why);
        return error;
    }
    Error fail(HttpErrc code, std::string what) { return fail(Error(code, std::move(what))); }

    Result<std::size_t> put_head(std::span<std::byte const> bytes);
    Result<void> finish_head();
    Result<void> choose_framing();
    Result<std::size_t> put_body(std::span<std::byte const> bytes);
    Result<std::size_t> put_chunk_line(std::span<std::byte const> bytes);
    Result<void> finish_chunk_line();
    Result<std::size_t> put_trailers(std::span<std::byte const> bytes);

    Role role;
    Found found;
    std::optional<Beast<true>> request;
    std::optional<Beast<false>> response;
    std::string text;  ///< a head, a chunk's line or the trailers, until complete
    LineScan scan{0};
    Phase phase = Phase::head;
    Framing framing;
    std::uint64_t remaining = 0;  ///< of the body or of the chunk
    bool started = false, no_body = false, head_done = false, keep_alive = false;
    bool first_chunk = true;
    Error error;
};

Result<std::size_t> HttpParser::Parts::put_head(std::span<std::byte const> bytes) {
    auto const input = as_text(bytes);
    for (std::size_t i = 0; i < input.size(); ++i) {
        auto const seen = scan.step(input[i]);
        if (seen == LineScan::Seen::bad) return fail(HttpErrc::bad_message, "a line of the head");
        if (text.size() + i >= max_head_bytes || scan.lines() > max_head_fields + 1)
            return fail(HttpErrc::head_too_large, "head");
        if (seen == LineScan::Seen::more) continue;
        text.append(input.substr(0, i + 1));
        auto const done = finish_head();
        if (!done) return done.error();
        return i + 1;
    }
    text.append(input);
    return bytes.size();
}

Result<void> HttpParser::Parts::finish_head() {
    if (!has_clean_names(text)) return fail(HttpErrc::bad_message, "a field's name");
    if (no_body) request ? request->skip(true) : response->skip(true);
    Code ec;
    auto const used = feed(as_bytes(text), ec);
    if (ec == HttpErrc::head_too_large) return fail(HttpErrc::head_too_large, "head");
    if (ec || used != text.size()) return fail(HttpErrc::bad_message, ec.message());
    auto checked = role == Role::request
                       ? check_request(found.method, found.target, found.fields, found.version)
                       : check_status(found.status);
    if (checked) checked = choose_framing();
    if (!checked) return fail(checked.error());
    keep_alive = request ? request->keep_alive() : response->keep_alive();
    head_done = true;
    text.clear();
    return {};
}

Result<void> HttpParser::Parts::choose_framing() {
    using Kind = Framing::Kind;
    auto const declared = declared_framing(found.fields, found.version);
    if (!declared) return declared.error();
    framing = *declared;
    bool const bodiless_status = found.status / 100 == 1 || found.status == 204;
    if (role == Role::response && bodiless_status) framing = Framing();
    if (beast_done()) {
        phase = Phase::done;
        return {};
    }
    remaining = framing.length;
    if (framing.kind == Kind::none) framing.kind = Kind::until_close;
    phase = framing.kind == Kind::length    ? Phase::body
            : framing.kind == Kind::chunked ? Phase::chunk_line
                                            : Phase::until_close;
    return {};
}

Result<std::size_t> HttpParser::Parts::put_body(std::span<std::byte const> bytes) {
    bytes = bytes.first(std::min(bytes.size(), max_body_piece));
    if (phase != Phase::until_close && bytes.size() > remaining)
        bytes = bytes.first(static_cast<std::size_t>(remaining));
    Code ec;
    auto const used = feed(bytes, ec);
    if (ec || used != bytes.size()) return fail(HttpErrc::bad_message, "body");
    if (phase == Phase::until_close) return used;
    remaining -= used;
    if (remaining == 0) phase = phase == Phase::body ? Phase::done : Phase::chunk_line;
    return used;
}

Result<std::size_t> HttpParser::Parts::put_chunk_line(std::span<std::byte const> bytes) {
    std::size_t const lead = first_chunk ? 0 : 2;  // the CRLF that ends the chunk before
    auto const input = as_text(bytes);
    for (std::size_t i = 0; i < input.size(); ++i) {
        char const c = input[i];
        bool const after_cr = text.size() > lead && text.back() == '\r';
        text += c;
        if (text.size() <= lead) {
            if (c != "\r\n"[text.size() - 1]) return fail(HttpErrc::bad_message, "end of a chunk");
        } else if (after_cr) {
            if (c != '\n') return fail(HttpErrc::bad_message, "chunk size");
            auto const done = finish_chunk_line();
            if (!done) return done.error();
            return i + 1;
        } else if ((is_control(c) && c != '\r') || text.size() > max_chunk_line) {
            return fail(HttpErrc::bad_message, "chunk size");
        }
    }
    return bytes.size();
}

Result<void> HttpParser::Parts::finish_chunk_line() {
    std::string_view line = text;
    line.remove_prefix(first_chunk ? 0 : 2);
    line.remove_suffix(2);
    auto const digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
    if (digits == 0 || digits > 16) return fail(HttpErrc::bad_message, "chunk size");
    if (digits < line.size() && line[digits] != ';')
        return fail(HttpErrc::bad_message, "chunk size");
    if (line.substr(0, digits).find_first_not_of('0') == std::string_view::npos) {
        // Beast takes the last chunk and the trailers in one piece.
        phase = Phase::trailers;
        scan = LineScan(1);
        return {};
    }
    Code ec;
    auto const used = feed(as_bytes(text), ec);
    if (ec || used != text.size()) return fail(HttpErrc::bad_message, "chunk size");
    remaining = found.chunk;
    first_chunk = false;
    text.clear();
    phase = Phase::chunk_data;
    return {};
}

Result<std::size_t> HttpParser::Parts::put_trailers(std::span<std::byte const> bytes) {
    auto const input = as_text(bytes);
    for (std::size_t i = 0; i < input.size(); ++i) {
        auto const seen = scan.step(input[i]);
        if (seen == LineScan::Seen::bad) return fail(HttpErrc::bad_message, "a line of trailers");
        text += input[i];
        if (text.size() > max_head_bytes) return fail(HttpErrc::head_too_large, "trailers");
        if (seen == LineScan::Seen::more) continue;
        found.in_trailers = true;
        found.field_count = 0;
        auto const lead = text.find("\r\n", first_chunk ? 0 : 2);
        if (!has_clean_names(std::string_view(text).substr(lead)))
            return fail(HttpErrc::bad_message, "a trailer's name");
        Code ec;
        auto const used = feed(as_bytes(text), ec);
        if (ec == HttpErrc::head_too_large) return fail(HttpErrc::head_too_large, "trailers");
        if (ec || used != text.size()) return fail(HttpErrc::bad_message, "trailers");
        if (found.trailers.find("Host") != nullptr)
            return fail(HttpErrc::bad_message, "Host among the trailers");
        phase = Phase::done;
        return i + 1;
    }
    return bytes.size();
}

HttpParser::HttpParser(Role role) : parts_(std::make_unique<Parts>(role)) {}
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;
HttpParser::~HttpParser() = default;

void HttpParser::expect_no_body() {
    parts_->no_body = true;
}

Result<std::size_t> HttpParser::put(std::span<std::byte const> bytes) {
    using Phase = Parts::Phase;
    auto& p = *parts_;
    p.found.body = {};
    if (p.phase == Phase::dead) return p.error;
    if (bytes.empty() || p.phase == Phase::done) return std::size_t{0};
    p.started = true;
    if (p.phase == Phase::head) return p.put_head(bytes);
    // Up to the first piece of body, so that a chunk's line and its data come out of one call.
    std::size_t used = 0;
    while (used < bytes.size() && p.found.body.empty() && p.phase != Phase::done) {
        auto const rest = bytes.subspan(used);
        auto const took = p.phase == Phase::chunk_line ? p.put_chunk_line(rest)
                          : p.phase == Phase::trailers ? p.put_trailers(rest)
                                                       : p.put_body(rest);
        if (!took) return took;
        used += *took;
    }
    return used;
}

Result<void> HttpParser::put_eof() {
    using Phase = Parts::Phase;
    auto& p = *parts_;
    p.found.body = {};
    if (p.phase == Phase::dead) return p.error;
    if (p.phase == Phase::until_close) p.phase = Phase::done;
    if (p.phase == Phase::done || !p.started) return {};
    return p.fail(HttpErrc::partial_message, p.head_done ? "body" : "head");
}

bool HttpParser::started() const noexcept {
    return parts_->started;
}
bool HttpParser::head_done() const noexcept {
    return parts_->head_done;
}
bool HttpParser::done() const noexcept {
    return parts_->phase == Parts::Phase::done;
}
unsigned HttpParser::version() const noexcept {
    return parts_->found.version;
}

RequestHead HttpParser::take_request() {
    auto& found = parts_->found;
    return {std::move(found.method), std::move(found.target), std::move(found.fields)};
}
ResponseHead HttpParser::take_response() {
    auto& found = parts_->found;
    return {found.status, std::move(found.reason), std::move(found.fields)};
}

Framing HttpParser::framing() const noexcept {
    return parts_->framing;
}
bool HttpParser::keep_alive() const noexcept {
    return parts_->keep_alive;
}
std::span<std::byte const> HttpParser::body() const noexcept {
    return parts_->found.body;
}
Fields const& HttpParser::trailers() const noexcept {
    return parts_->found.trailers;
}
void HttpParser::next() {
    parts_->reset();
}

}  // namespace adaos::net
