#pragma once
/// A hub at a Root, both asked as their admins.

#include "support/mesh.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

namespace adaos::test {

struct AdminWorld {
    Mesh mesh;
    MeshNode& hub = mesh.add_hub("alpha.test");

    net::Reply at_root(std::string method, std::string path, std::string body = {}) {
        return mesh.visit({std::move(method), std::move(path), mesh.root_token(), std::move(body)})
            .value();
    }
    net::Reply at_hub(std::string method, std::string path, std::string body = {}) {
        return mesh
            .local(hub,
                   {std::move(method), std::move(path), mesh.control_token(hub), std::move(body)})
            .value();
    }
    std::string of_subnet() const { return "\"subnet_id\":\"" + hub.subnet_id + "\""; }
    std::string mint(std::string const& kind) {
        auto const made = at_hub("POST", "/v1/enrol/grants", "{\"kind\":\"" + kind + "\"}");
        REQUIRE(made.head.status == 201);
        return json_at(made.body, "id");
    }
};

}  // namespace adaos::test
