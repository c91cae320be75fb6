#include "net/ws_codec.hpp"

#include "base/bytes.hpp"
#include "base/random.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#define _WEBSOCKETPP_CPP11_STL_
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>
#pragma GCC diagnostic pop

#include <boost/system/errc.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace adaos::net {
namespace {

namespace wspp = websocketpp;
namespace opcode = websocketpp::frame::opcode;

/// Makes messages that reserve nothing (a peer's declared length costs no memory) and lets us at
/// the one that is growing.
template <class Message>
class Messages : public std::enable_shared_from_this<Messages<Message>> {
public:
    using ptr = std::shared_ptr<Messages>;
    using weak_ptr = std::weak_ptr<Messages>;
    using message_ptr = typename Message::ptr;

    message_ptr get_message(opcode::value op, std::size_t) {
        auto message = std::make_shared<Message>(this->shared_from_this(), op, 0);
        if (!opcode::is_control(op)) growing = message;
        return message;
    }
    bool recycle(Message*) { return false; }

    message_ptr growing;
};

/// What hybi13 wants to know.
struct Config {
    using request_type = wspp::http::parser::request;
    using response_type = wspp::http::parser::response;
    using message_type = wspp::message_buffer::message<Messages>;
    using con_msg_manager_type = Messages<message_type>;
    struct rng_type {
        std::uint32_t operator()() {
            std::array<std::byte, 4> raw{};
            SystemRandom().fill(raw);
            std::uint32_t value = 0;
            for (auto const b : raw) value = value << 8 | static_cast<std::uint32_t>(b);
            return value;
        }
    };
    struct no_deflate {};
    using permessage_deflate_type = wspp::extensions::permessage_deflate::disabled<no_deflate>;
    static constexpr std::size_t max_message_size = max_ws_message;
    static constexpr bool enable_extensions = false;
};
using Message = Config::message_type;

/// May stand in a close frame that was received (RFC 6455, 7.4): 1005, 1006 and 1015 may not.
bool is_close_code(unsigned code) {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::string wire(Message& message) {
    return message.get_header() + message.get_payload();
}

}  // namespace

struct WsCodec::Parts {
    explicit Parts(Role r)
        : role(r),
          messages(std::make_shared<Messages<Message>>()),
          processor(false, r == Role::server, messages, rng) {}

    Error fail(WsClose code, std::string what) {
        close_with = code;
        dead = true;
        namespace errc = boost::system::errc;
        error = Error(errc::make_error_code(errc::protocol_error), "WebSocket: " + std::move(what));
        return error;
    }
    Error fail(wspp::lib::error_code ec) {
        bool const too_big = ec == wspp::processor::error::message_too_big;
        return fail(too_big ? WsClose::too_big : WsClose::protocol_error, ec.message());
    }
    Result<void> drain();
    Result<void> on_message(Message& message);
    Result<void> on_close(std::string const& reason);

    Role role;
    Config::rng_type rng;
    std::shared_ptr<Messages<Message>> messages;
    wspp::processor::hybi13<Config> processor;
    std::string payload;
    std::size_t message_size = 0;  ///< of the data message under way, so far
    std::optional<std::string> ping;
    bool closed = false, dead = false;
    WsClose close_with = WsClose::protocol_error;
    Error error;
};

/// Takes what came of the data message under way.
Result<void> WsCodec::Parts::drain() {
    if (!messages->growing) return {};
    if (messages->growing->get_opcode() != opcode::BINARY)
        return fail(WsClose::unsupported, "a text message");
    auto& raw = messages->growing->get_raw_payload();
    message_size += raw.size();
    if (message_size > max_ws_message) return fail(WsClose::too_big, "a message over 1 MiB");
    if (payload.empty()) {
        payload.swap(raw);
    } else {
        payload += raw;
    }
    raw.clear();
    return {};
}

Result<void> WsCodec::Parts::on_message(Message& message) {
    switch (message.get_opcode()) {
        case opcode::PING: ping = message.get_payload(); return {};
        case opcode::CLOSE: return on_close(message.get_payload());
        case opcode::PONG: return {};
        default:  // the end of a data message
            messages->growing.reset();
            message_size = 0;
            return {};
    }
}

Result<void> WsCodec::Parts::on_close(std::string const& reason) {
    if (reason.size() == 1) return fail(WsClose::protocol_error, "a close code of one byte");
    if (reason.size() >= 2) {
        auto const code = static_cast<unsigned>(static_cast<unsigned char>(reason[0])) << 8 |
                          static_cast<unsigned>(static_cast<unsigned char>(reason[1]));
        if (!is_close_code(code))
            return fail(WsClose::protocol_error, "close code " + std::to_string(code));
        if (!wspp::utf8_validator::validate(reason.substr(2)))
            return fail(WsClose::protocol_error, "a close reason that is not UTF-8");
    }
    closed = true;
    return {};
}

WsCodec::WsCodec(Role role) : parts_(std::make_unique<Parts>(role)) {}
WsCodec::WsCodec(WsCodec&&) noexcept = default;
WsCodec& WsCodec::operator=(WsCodec&&) noexcept = default;
WsCodec::~WsCodec() = default;

Result<std::size_t> WsCodec::put(std::span<std::byte> bytes) {
    auto& p = *parts_;
    if (p.dead) return p.error;
    std::size_t used = 0;
    while (used < bytes.size() && !p.closed && !p.ping) {
        auto const rest = bytes.subspan(used);
        wspp::lib::error_code ec;
        used += p.processor.consume(reinterpret_cast<std::uint8_t*>(rest.data()), rest.size(), ec);
        auto const drained = p.drain();
        if (!drained) return drained.error();
        if (ec) return p.fail(ec);
        // hybi13 adds this to what the message has, without a look at the sum: it may wrap around.
        if (p.processor.get_bytes_needed() > max_ws_message)
            return p.fail(WsClose::too_big, "a frame over 1 MiB");
        if (!p.processor.ready()) continue;
        auto const taken = p.on_message(*p.processor.get_message());
        if (!taken) return taken.error();
    }
    return used;
}

std::string& WsCodec::payload() noexcept {
    return parts_->payload;
}
std::optional<std::string> WsCodec::take_ping() {
    return std::exchange(parts_->ping, std::nullopt);
}
bool WsCodec::closed() const noexcept {
    return parts_->closed;
}
WsClose WsCodec::failure() const noexcept {
    return parts_->close_with;
}

std::string WsCodec::data_frame(std::span<std::byte const> payload) const {
    namespace frame = wspp::frame;
    bool const masked = parts_->role == Role::client;
    frame::masking_key_type key{};
    if (masked) key.i = parts_->rng();
    frame::basic_header const basic(opcode::BINARY, payload.size(), true, masked);
    auto out = masked ? frame::prepare_header(basic, frame::extended_header(payload.size(), key.i))
                      : frame::prepare_header(basic, frame::extended_header(payload.size()));
    auto const begin = out.size();
    out += as_text(payload);
    if (!masked) return out;
    for (std::size_t i = begin; i < out.size(); ++i)
        out[i] = static_cast<char>(out[i] ^ key.c[(i - begin) % 4]);
    return out;
}

std::string WsCodec::pong_frame(std::string const& payload) const {
    auto const out = std::make_shared<Message>(parts_->messages);
    (void)parts_->processor.prepare_pong(payload, out);
    return wire(*out);
}

std::string WsCodec::close_frame(WsClose code) const {
    auto const out = std::make_shared<Message>(parts_->messages);
    (void)parts_->processor.prepare_close(static_cast<wspp::close::status::value>(code),
                                          std::string(), out);
    return wire(*out);
}

std::string ws_accept_key(std::string_view key) {
    auto const text = std::string(key) + wspp::processor::constants::handshake_guid;
    std::array<unsigned char, 20> digest{};
    wspp::sha1::calc(text.data(), text.size(), digest.data());
    return wspp::base64_encode(digest.data(), digest.size());
}

}  // namespace adaos::net
