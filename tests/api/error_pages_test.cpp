#include "api/error_pages.hpp"
#include "base/problem.hpp"
#include "net/http_session.hpp"

#include <catch2/catch.hpp>

namespace adaos::error_pages_test {

using namespace adaos::api;

namespace {

bool holds(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the page of an error has its id, status, sentence and next step", "[api][errors]") {
    for (auto const& info : problems()) {
        auto const page = error_page(info);
        CAPTURE(page);
        CHECK(holds(page, "<h1>" + std::string(info.id) + "</h1>"));
        CHECK(holds(page, "status " + std::to_string(info.http_status)));
        CHECK(holds(page, html_escaped(info.title.substr(1)) + ".</p>"));
        CHECK(holds(page, html_escaped(info.next) + ".</p>"));
    }
}

TEST_CASE("the list of errors leads to the page of each", "[api][errors]") {
    auto const page = error_list_page();

    for (auto const& info : problems())
        CHECK(holds(page, "href=\"errors/" + std::string(info.id) + "\""));
}

TEST_CASE("text in a page of an error cannot become markup", "[api][errors]") {
    ProblemInfo const odd{Problem::internal, "ADAOS-X\"1", "odd", 500, 1, "a <b>&'", "<script>"};

    auto const page = error_page(odd);

    CHECK(html_escaped("<a href=\"x\">'&'</a>") ==
          "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    for (auto const* const part : {"<b>", "<script>", "X\"1"}) CHECK_FALSE(holds(page, part));
}

TEST_CASE("the type of a problem is the page of its id", "[api][errors]") {
    CHECK(net::problem_json(Error(Problem::code_expired))
              .starts_with("{\"type\":\"/errors/ADAOS-J004\","));
}

}  // namespace adaos::error_pages_test
