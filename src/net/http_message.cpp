#include "net/http_message.hpp"

#include "base/bytes.hpp"

#include <algorithm>

namespace adaos::net {

void Fields::add(std::string name, std::string value) {
    fields_.push_back({std::move(name), std::move(value)});
}

void Fields::set(std::string_view name, std::string value) {
    auto const same = [name](Field const& f) { return equal_ignoring_case(f.name, name); };
    auto const first = std::find_if(fields_.begin(), fields_.end(), same);
    if (first == fields_.end()) {
        add(std::string(name), std::move(value));
        return;
    }
    first->value = std::move(value);
    fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

void Fields::remove(std::string_view name) {
    remove_if([name](Field const& f) { return equal_ignoring_case(f.name, name); });
}

std::string const* Fields::find(std::string_view name) const {
    for (auto const& f : fields_)
        if (equal_ignoring_case(f.name, name)) return &f.value;
    return nullptr;
}

bool Fields::has_token(std::string_view name, std::string_view token) const {
    for (auto const& f : fields_) {
        if (!equal_ignoring_case(f.name, name)) continue;
        std::string_view rest = f.value;
        while (!rest.empty()) {
            auto const comma = std::min(rest.find(','), rest.size());
            if (equal_ignoring_case(trim(rest.substr(0, comma)), token)) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

std::string_view RequestHead::path() const {
    std::string_view const all = target;
    return all.substr(0, all.find('?'));
}

std::string_view RequestHead::query() const {
    std::string_view const all = target;
    auto const mark = all.find('?');
    return mark == std::string_view::npos ? std::string_view() : all.substr(mark + 1);
}

std::string_view standard_reason(unsigned status) noexcept {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 102: return "Processing";
        case 103: return "Early Hints";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 203: return "Non-Authoritative Information";
        case 204: return "No Content";
        case 205: return "Reset Content";
        case 206: return "Partial Content";
        case 300: return "Multiple Choices";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        case 508: return "Loop Detected";
        default: return "";
    }
}

}  // namespace adaos::net
