#include "api/open_pages.hpp"

#include "api/error_pages.hpp"
#include "api/openapi.hpp"
#include "base/bytes.hpp"
#include "base/problem.hpp"

#include <algorithm>

namespace adaos::api {
namespace {

constexpr std::string_view page_style =
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;"
    "color:#1b2733;background:#f6f8fa}h1{font-size:1.6rem}"
    "dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem .8rem}dt{color:#57697a}"
    "dd{margin:0;font-family:ui-monospace,monospace}";

constexpr std::string_view root_text =
    "<p>This Root lets machines into their subnets and relays to them, at "
    "<code>/hubs/&lt;subnet&gt;/</code>. What it answers to: "
    "<a href=\"/api/v1/openapi.yaml\">/api/v1/openapi.yaml</a>.</p>";

std::string node_text(Self const& self) {
    auto const row = [](std::string_view name, std::string const& value) {
        return "<dt>" + std::string(name) + "</dt><dd>" + value + "</dd>";
    };
    return "<p>This page was answered by the " + self.role +
           " itself, end to end. Anything else on it needs a token "
           "(<code>adaos access create</code>).</p>\n<dl>" +
           row("role", self.role) + row("subnet", self.subnet_id) + row("node", self.node_id) +
           "</dl>";
}

/// Ids and names come from our own grammars: nothing in them needs an escape in JSON or HTML.
std::string page(Self const& self) {
    auto const who = self.name.empty() ? self.node_id : self.name;
    std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    out += "<title>" + who + " - adaos " + self.role + "</title>\n<style>";
    out += page_style;
    out += "</style></head>\n<body><h1>" + who + " is here</h1>\n";
    out += self.node_id.empty() ? std::string(root_text) : node_text(self);
    return out + "</body></html>\n";
}

net::Task<void> answer_ping(net::Exchange& exchange, Self self, WallTime now) {
    auto json = "{\"ok\":true,\"ts\":\"" + rfc3339(now) + "\",\"service\":\"" + self.service + "\"";
    if (!self.node_id.empty())
        json += ",\"node_id\":\"" + self.node_id + "\",\"role\":\"" + self.role + "\"";
    json += "}\n";
    (void)co_await net::respond_json(exchange, 200, std::move(json));
}

net::Task<void> answer_page(net::Exchange& exchange, Self self) {
    std::string type = "text/html; charset=utf-8";
    auto html = page(self);
    (void)co_await net::respond_text(exchange, 200, std::move(type), std::move(html));
}

net::Task<void> answer_openapi(net::Exchange& exchange) {
    std::string type = "application/yaml";  // RFC 9512
    auto text = openapi_text();
    (void)co_await net::respond_text(exchange, 200, std::move(type), std::move(text));
}

}  // namespace

void add_open_pages(Router& router, std::function<Self()> self, Clock const& clock) {
    Action const ping = [self, &clock](net::Exchange& exchange, PathParts) {
        return answer_ping(exchange, self(), clock.wall());
    };
    router.add("GET", "/api/ping", ping);
    router.add("GET", "/healthz", ping);
    router.add("GET", "/", [self](net::Exchange& exchange, PathParts) {
        return answer_page(exchange, self());
    });
    router.add("GET", openapi_path,
               [](net::Exchange& exchange, PathParts) { return answer_openapi(exchange); });
    add_error_pages(router);
}

net::Task<Result<std::string>> read_json_body(net::Exchange& exchange) {
    auto const* const type = exchange.request().fields.find("content-type");
    auto const bare =
        type ? trim(std::string_view(*type).substr(0, type->find(';'))) : std::string_view();
    if (!equal_ignoring_case(bare, "application/json")) co_return Error(Problem::media_type, "");
    co_return co_await net::read_body(exchange.body(), max_json_body);
}

net::Task<std::optional<std::string>> json_body(net::Exchange& exchange) {
    auto body = co_await read_json_body(exchange);
    if (!body) {
        co_await answer_error(exchange, body.error());
        co_return std::nullopt;
    }
    co_return std::move(*body);
}

net::Task<void> answer_nothing(net::Exchange& exchange) {
    net::ResponseHead head;
    head.status = 204;
    net::Framing const framing{net::Framing::Kind::none, 0};
    auto const sent = co_await exchange.respond(std::move(head), framing);
    if (!sent) co_return;
    net::Fields none;
    (void)co_await exchange.finish(std::move(none));
}

Error without_ours(Error error) {
    auto const& known = describe(error.code);
    if (!known.id.starts_with("ADAOS-S")) return error;
    auto name = error.context.substr(0, error.context.find(':'));
    bool const is_setting = std::all_of(name.begin(), name.end(),
                                        [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    error.context = "at the server that was asked";
    if (is_setting && !name.empty()) error.context = std::move(name) + ' ' + error.context;
    return error;
}

net::Task<void> answer_error(net::Exchange& exchange, Error error) {
    net::Fields extra;
    if (error.retry_after_seconds > 0)
        extra.add("Retry-After", std::to_string(error.retry_after_seconds));
    error = without_ours(std::move(error));
    (void)co_await net::respond_problem(exchange, std::move(error), std::move(extra));
}

}  // namespace adaos::api
