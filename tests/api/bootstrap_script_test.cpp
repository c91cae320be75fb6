#include "api/bootstrap_script.hpp"

#include "base/bytes.hpp"
#include "support/seeded_random.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace adaos::bootstrap_script_test {

using namespace adaos::api;

namespace {

std::string read_all(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// What bash makes of a text: its output. The folder is its working directory.
std::string bash_says(std::filesystem::path const& folder, std::string const& script) {
    std::ofstream(folder / "in.sh", std::ios::binary) << script;
    auto const command =
        "cd '" + folder.string() + "' && bash --norc in.sh >out.txt 2>err.txt </dev/null";
    CHECK(std::system(command.c_str()) == 0);
    CHECK(read_all(folder / "err.txt").empty());
    return read_all(folder / "out.txt");
}

/// Texts that mean something to shells, to printf, to the template, or to YAML.
std::string hostile_text(Random& random) {
    static constexpr std::string_view pieces[] = {
        "'",
        "\"",
        "\\",
        "$(touch pwned)",
        "`touch pwned`",
        ";touch pwned;",
        "\n",
        "$HOME",
        "${x}",
        "@TOKEN@",
        "@",
        "%s%n",
        "#",
        "!!",
        "&&",
        "|",
        ">",
        "<(x)",
        "*",
        "~",
        "\t",
        "é",
        "'\\''",
        "EOF\n",
        "\xff",
        "--root",
        " ",
        "{a,b}",
        ")sql\"",
        "x",
        "\r\n",
        "$'\\x41'",
        "- path: /x",
        ": ",
        "=",
    };
    std::string out;
    auto const count = random.below(12);
    for (std::uint64_t i = 0; i < count; ++i) out += pieces[random.below(std::size(pieces))];
    return out;
}

ScriptFacts facts_with(std::string const& text) {
    ScriptFacts facts;
    facts.node_id = "00000000-0000-4000-8000-000000000001";
    facts.node_name = text;
    facts.token = Secret("adaos_boot_" + text);
    facts.api_url = "https://cp.example.org:8443/" + text;
    facts.api_host = text;
    facts.api_port = "8443";
    facts.node_api_url = text;
    facts.task_key = text;
    facts.trust_version = text;
    facts.trust_bundle_pem = text;
    facts.https_ca_pem = text;
    facts.resolve_address = text;
    facts.package_ref = text;
    facts.package_digest = std::string(64, 'a');
    facts.runtime_package = text;
    facts.service = text;
    return facts;
}

std::string printed(std::string const& script, char const* names) {
    auto const main_at = script.rfind("main \"$@\"\n");
    REQUIRE(main_at != std::string::npos);
    return script.substr(0, main_at) + "settings\nfor n in " + names +
           "; do printf '%s\\0' \"${!n}\"; done\n";
}

}  // namespace

TEST_CASE("a word in shell quotes is read back by bash as it was", "[api][bootstrap]") {
    adaos::test::TempDir folder;
    adaos::test::SeededRandom random{11};
    std::string script, wanted;
    for (int i = 0; i < 500; ++i) {
        auto const text = hostile_text(random);
        script += "printf '%s\\0' " + shell_quoted(text) + "\n";
        wanted += text + '\0';
    }

    CHECK(bash_says(folder.path(), script) == wanted);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "pwned"));
}

TEST_CASE("no value of a rendered script is anything but a value", "[api][bootstrap]") {
    adaos::test::TempDir folder;
    adaos::test::SeededRandom random{12};
    for (int i = 0; i < 25; ++i) {
        auto const text = hostile_text(random);
        CAPTURE(i, text);
        auto const script = render_node_script(facts_with(text));

        auto const said = bash_says(
            folder.path(), printed(script, "node_name token api_host package_ref trust_bundle"));

        std::string wanted;
        for (auto const& value : {text, "adaos_boot_" + text, text, text, text})
            wanted += value + '\0';
        CHECK(said == wanted);
        CHECK_FALSE(std::filesystem::exists(folder.path() / "pwned"));
    }
}

TEST_CASE("the environment file gives back what was put in, on one line", "[api][bootstrap]") {
    adaos::test::TempDir folder;
    adaos::test::SeededRandom random{13};
    for (int i = 0; i < 100; ++i) {
        auto text = hostile_text(random);
        for (auto& c : text)
            if (static_cast<unsigned char>(c) < 0x20) c = ' ';
        CAPTURE(text);
        auto const quoted = environment_quoted(text);

        CHECK(quoted.find('\n') == std::string::npos);
        CHECK(bash_says(folder.path(), "x=" + quoted + "\nprintf %s \"$x\"") == text);
    }
    CHECK(environment_quoted("a\nb") == "\"a b\"");
}

TEST_CASE("user data has values in base64 only", "[api][bootstrap]") {
    adaos::test::SeededRandom random{14};
    auto const plain = render_user_data(facts_with("x"), std::string(64, 'b'));
    for (int i = 0; i < 50; ++i) {
        auto const text = hostile_text(random);
        CAPTURE(text);
        auto const data = render_user_data(facts_with(text), std::string(64, 'b'));

        CHECK(data.find("adaos_boot_") == std::string::npos);
        CHECK(std::count(data.begin(), data.end(), '\n') ==
              std::count(plain.begin(), plain.end(), '\n'));
        CHECK(data.find(to_base64(as_bytes("adaos_boot_" + text + "\n"))) != std::string::npos);
    }
}

TEST_CASE("rendering the same facts gives the same bytes", "[api][bootstrap]") {
    auto const facts = facts_with("x");

    CHECK(render_node_script(facts) == render_node_script(facts));
    CHECK(render_node_script(facts).find("@TOKEN@") == std::string::npos);
}

}  // namespace adaos::bootstrap_script_test
