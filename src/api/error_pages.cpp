#include "api/error_pages.hpp"

#include "api/open_pages.hpp"
#include "base/problem.hpp"

namespace adaos::api {
namespace {

/// What `begin_page` opened.
constexpr std::string_view page_end = "</body></html>\n";

std::string begin_page(std::string_view title) {
    std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    out += html_escaped(title);
    out +=
        "</title>\n<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;"
        "margin:3rem auto;padding:0 1rem}</style></head>\n<body>";
    return out;
}

std::string sentence(std::string_view text) {
    std::string made(text);
    if (!made.empty() && made[0] >= 'a' && made[0] <= 'z')
        made[0] = static_cast<char>(made[0] - 'a' + 'A');
    return html_escaped(made + ".");
}

net::Task<void> answer_html(net::Exchange& exchange, std::string html) {
    std::string type = "text/html; charset=utf-8";
    (void)co_await net::respond_text(exchange, 200, std::move(type), std::move(html));
}

net::Task<void> answer_error_page(net::Exchange& exchange, std::string id) {
    if (auto const* const info = find_problem(id)) {
        auto html = error_page(*info);
        co_await answer_html(exchange, std::move(html));
        co_return;
    }
    Error error(Problem::not_found, "no error has this id; /errors lists them all");
    co_await answer_error(exchange, std::move(error));
}

}  // namespace

std::string html_escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string error_page(ProblemInfo const& info) {
    auto const id = html_escaped(info.id);
    auto out = begin_page(std::string(info.id) + ": " + std::string(info.title));
    out += "<h1>" + id + "</h1>\n<p>" + sentence(info.title) + "</p>\n";
    out += "<p>What to do: " + sentence(info.next) + "</p>\n";
    out += "<p>HTTP status " + std::to_string(info.http_status) + ", exit code of a command " +
           std::to_string(info.exit_code) + ". <a href=\"../errors\">All errors</a></p>\n";
    return out += page_end;
}

std::string error_list_page() {
    auto out = begin_page("Errors of adaos");
    out += "<h1>Errors</h1>\n<ul>\n";
    for (auto const& info : problems()) {
        auto const id = html_escaped(info.id);
        out += "<li><a href=\"errors/" + id + "\">" + id + "</a> (" +
               std::to_string(info.http_status) + ") " + sentence(info.title) + "</li>\n";
    }
    out += "</ul>\n";
    return out += page_end;
}

void add_error_pages(Router& router) {
    router.add("GET", "/errors", [](net::Exchange& exchange, PathParts) {
        return answer_html(exchange, error_list_page());
    });
    router.add("GET", "/errors/{id}", [](net::Exchange& exchange, PathParts parts) {
        return answer_error_page(exchange, std::move(parts.at(0)));
    });
}

}  // namespace adaos::api
