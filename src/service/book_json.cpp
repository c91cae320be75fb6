#include "base/json.hpp"
#include "base/problem.hpp"
#include "service/book.hpp"

#include <algorithm>

namespace adaos::service {
namespace {

Error damaged(identity::BaseDir const& dir, std::string const& why) {
    return Error(Problem::state_damaged, dir.services_json().string() + ": " + why);
}

/// One entry, or why it is none.
Result<Service> parse_entry(Json const& entry) {
    Service service;
    service.name = string_or_empty(entry, "name");
    service.target = string_or_empty(entry, "target");
    service.open = find_bool(entry, "public").value_or(false);
    service.proxy_protocol = find_bool(entry, "proxy_protocol").value_or(false);
    if (auto const scope = find_string(entry, "scope")) {
        service.scope = enrol::parse_scope(*scope);
        if (!service.scope) return Error(Problem::invalid_field, "scope " + *scope);
    }
    if (auto const fine = check(service); !fine) return fine.error();
    return service;
}

Result<void> store_all(identity::BaseDir const& dir, std::vector<Service> const& services) {
    Json list = Json::array();
    for (auto const& one : services) {
        Json entry;
        entry["name"] = one.name;
        entry["target"] = one.target;
        if (one.open) entry["public"] = true;
        if (one.scope) entry["scope"] = enrol::scope_name(*one.scope);
        if (one.proxy_protocol) entry["proxy_protocol"] = true;
        list.push_back(std::move(entry));
    }
    Json json;
    json["schema"] = "adaos.services.v1";
    json["services"] = std::move(list);
    return store::write_file(dir.services_json(), dump_pretty(json) + "\n", store::Mode::secret);
}

auto place_of(std::vector<Service>& services, std::string_view name) {
    return std::lower_bound(services.begin(), services.end(), name,
                            [](Service const& s, std::string_view n) { return s.name < n; });
}

}  // namespace

Result<std::vector<Service>> load(identity::BaseDir const& dir) {
    auto const text = store::read_file(dir.services_json());
    if (!text) return text.error();
    if (!*text) return std::vector<Service>();
    auto const json = parse_json(**text);
    if (!json) return damaged(dir, json.error().context);
    auto const list = json->find("services");
    if (!json->is_object() || list == json->end() || !list->is_array())
        return damaged(dir, "no list of services");
    if (list->size() > max_services) return damaged(dir, "more than 64 services");
    std::vector<Service> services;
    for (auto const& entry : *list) {
        auto service = parse_entry(entry);
        if (!service) return damaged(dir, service.error().context);
        auto const at = place_of(services, service->name);
        if (at != services.end() && at->name == service->name)
            return damaged(dir, service->name + " is there twice");
        services.insert(at, std::move(*service));
    }
    return services;
}

Result<Added> add(identity::BaseDir const& dir, Service const& service) {
    if (auto const fine = check(service); !fine) return fine.error();
    auto const lock = store::FileLock::wait_lock(dir.services_lock());
    if (!lock) return lock.error();
    auto services = load(dir);
    if (!services) return services.error();
    auto const at = place_of(*services, service.name);
    if (at != services->end() && at->name == service.name) {
        if (*at == service) return Added::already_there;
        return Error(Problem::service_taken, service.name + " is " + at->target);
    }
    if (services->size() >= max_services) return Error(Problem::services_full, "64");
    services->insert(at, service);
    auto const stored = store_all(dir, *services);
    if (!stored) return stored.error();
    return Added::anew;
}

Result<void> remove(identity::BaseDir const& dir, std::string_view name) {
    auto const lock = store::FileLock::wait_lock(dir.services_lock());
    if (!lock) return lock.error();
    auto services = load(dir);
    if (!services) return services.error();
    auto const at = place_of(*services, name);
    if (at == services->end() || at->name != name)
        return Error(Problem::service_unknown, std::string(name));
    services->erase(at);
    return store_all(dir, *services);
}

Result<void> Book::refresh() {
    auto const version = store::version_of(dir_.services_json());
    if (version == seen_) return {};
    seen_ = version;
    auto services = load(dir_);
    if (!services) return services.error();
    services_ = std::move(*services);
    return {};
}

Service const* Book::find(std::string_view name) const {
    auto const at = std::find_if(services_.begin(), services_.end(),
                                 [&](Service const& s) { return s.name == name; });
    return at == services_.end() ? nullptr : &*at;
}

}  // namespace adaos::service
