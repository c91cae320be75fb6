#pragma once
/// The description of our API, as a server gives it: what it says, and whether a value is as it
/// says.

#include "base/json.hpp"
#include "net/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::test {

class OpenApi {
public:
    explicit OpenApi(std::string const& yaml);
    OpenApi(OpenApi const&) = delete;
    OpenApi& operator=(OpenApi const&) = delete;

    /// Pointers are into the description.
    struct Operation {
        std::string method;  ///< in upper case
        std::string path;
        std::string id;
        std::vector<std::string> servers;
        bool is_tree = false;  ///< every path below
        std::vector<std::string> path_parameters;
        Json const* said = nullptr;
        /// A status is "200", "2XX" or "default".
        [[nodiscard]] std::vector<std::string> statuses() const;
        [[nodiscard]] bool is_of(std::string_view server) const;
    };
    [[nodiscard]] std::vector<Operation> const& operations() const noexcept { return operations_; }
    /// The one of `server` that a request is for; null: none.
    [[nodiscard]] Operation const* find(std::string_view server, std::string_view method,
                                        std::string_view path) const;

    [[nodiscard]] Json const& whole() const noexcept { return whole_; }
    /// References that lead nowhere.
    [[nodiscard]] std::vector<std::string> dangling() const;
    /// What `value` is that `schema` does not say, a line each. Stricter than JSON Schema: a member
    /// that no property describes is one, unless additionalProperties is there. Throws when the
    /// schema has a keyword that is not known here.
    [[nodiscard]] std::vector<std::string> misfits(Json const& schema, Json const& value) const;
    /// The same of an answer: its status, the header fields it must have, its media type, its body.
    [[nodiscard]] std::vector<std::string> misfits_of_answer(Operation const& operation,
                                                             net::ResponseHead const& head,
                                                             std::string_view body) const;
    /// The same of a request's JSON.
    [[nodiscard]] std::vector<std::string> misfits_of_request(Operation const& operation,
                                                              std::string_view body) const;
    /// What `value` is, or what its reference points to.
    [[nodiscard]] Json const& resolved(Json const& value) const;

private:
    void read_operations();
    /// References followed, allOf put together.
    [[nodiscard]] Json flat(Json const& schema) const;
    void look(Json const& schema, Json const& value, std::string const& at,
              std::vector<std::string>& into) const;

    Json whole_;
    std::vector<Operation> operations_;
};

}  // namespace adaos::test
