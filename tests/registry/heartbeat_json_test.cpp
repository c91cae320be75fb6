#include "registry/heartbeat.hpp"

#include "base/problem.hpp"

#include <catch2/catch.hpp>

namespace adaos::heartbeat_json_test {

using namespace adaos::registry;

TEST_CASE("a heartbeat may say nothing, or all there is", "[registry][heartbeat]") {
    CHECK(to_json(heartbeat_from_json("{}").value()) == "{}");
    std::string const whole =
        R"({"architecture":"amd64","agent_version":"1.0","advertised_endpoint":"https://h:1/x",)"
        R"("migration_host":"h","migration_port_range_start":1024,"migration_port_range_end":65535,)"
        R"("labels":{"a":"b"},"hardware":{"cpus":[1]},"provisioning":"error",)"
        R"("provisioning_cause":"disk"})";
    CHECK(to_json(heartbeat_from_json(whole).value()) == whole);
}

TEST_CASE("what a heartbeat may not say is named", "[registry][heartbeat]") {
    struct Wrong {
        std::string body, field;
    };
    auto const wrong = GENERATE(
        Wrong{R"({"uptime":1})", "uptime"}, Wrong{R"({"Architecture":"amd64"})", "Architecture"},
        Wrong{R"({"architecture":"riscv"})", "architecture"},
        Wrong{R"({"architecture":null})", "architecture"},
        Wrong{R"({"agent_version":1})", "agent_version"},
        Wrong{R"({"agent_version":"a\nb"})", "agent_version"},
        Wrong{R"({"advertised_endpoint":"http://h"})", "advertised_endpoint"},
        Wrong{R"({"advertised_endpoint":"https://"})", "advertised_endpoint"},
        Wrong{R"({"advertised_endpoint":"https://:1"})", "advertised_endpoint"},
        Wrong{R"({"advertised_endpoint":"https://u@h"})", "advertised_endpoint"},
        Wrong{R"({"advertised_endpoint":"word"})", "advertised_endpoint"},
        Wrong{R"({"migration_port_range_start":1023,"migration_port_range_end":2000})",
              "migration_port_range_start"},
        Wrong{R"({"migration_port_range_start":2000,"migration_port_range_end":65536})",
              "migration_port_range_end"},
        Wrong{R"({"migration_port_range_start":2000,"migration_port_range_end":1999})",
              "migration_port_range_end"},
        Wrong{R"({"migration_port_range_start":2000})", "migration_port_range_end"},
        Wrong{R"({"migration_port_range_start":2000.5})", "migration_port_range_start"},
        Wrong{R"({"labels":{"a":1}})", "labels"}, Wrong{R"({"labels":["a"]})", "labels"},
        Wrong{R"({"hardware":"big"})", "hardware"},
        Wrong{R"({"provisioning":"fine"})", "provisioning"});
    CAPTURE(wrong.body);

    auto const found = heartbeat_from_json(wrong.body);

    REQUIRE(found.has_error());
    CHECK(found.error().code == Problem::validation);
    CHECK(found.error().context.starts_with(wrong.field + ":"));
}

TEST_CASE("a heartbeat that is no object, or too much, is refused", "[registry][heartbeat]") {
    for (auto const* text : {"", "[]", "7", "{"}) CHECK(heartbeat_from_json(text).has_error());
    std::string const long_text(256, 'a');
    CHECK(heartbeat_from_json(R"({"agent_version":")" + long_text + R"("})").has_error());
    std::string const large(8 * 1024, 'a');
    CHECK(heartbeat_from_json(R"({"hardware":{"x":")" + large + R"("}})").has_error());
    CHECK(heartbeat_from_json(R"({"agent_version":")" + long_text.substr(1) + R"("})").has_value());
}

}  // namespace adaos::heartbeat_json_test
