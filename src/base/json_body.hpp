#pragma once
/// The JSON object of a request, read strictly: a member of the wrong type is an error, not absent.
/// Include only from files named `*_json.cpp` (see json.hpp).

#include "base/json.hpp"

namespace adaos {

class JsonBody {
public:
    /// Errors: Problem::bad_request unless `text` is one JSON object.
    static Result<JsonBody> parse(std::string_view text);

    /// The member, or `fallback` when it is absent or null. One of another type, with a NUL or
    /// longer than `most` bytes, yields `fallback` and is what `check` reports.
    std::string text(char const* key, std::size_t most, std::string fallback = {});
    /// The same; outside [least, most] is wrong, too.
    std::int64_t integer(char const* key, std::int64_t least, std::int64_t most,
                         std::int64_t fallback);
    /// Texts of at most `most_bytes` each, `most` of them.
    std::vector<std::string> texts(char const* key, std::size_t most, std::size_t most_bytes);
    /// true or false.
    bool flag(char const* key, bool fallback);
    /// The member that is an object; absent or null: an empty one. Its own wrong members are what
    /// its own `check` reports.
    JsonBody object(char const* key);
    /// This object as JSON; empty when it has no members.
    [[nodiscard]] std::string source() const;
    /// Notes that this member is wrong, and why.
    void refuse(char const* key, std::string_view why);

    /// Errors: Problem::invalid_field with the name of the first member that was wrong.
    [[nodiscard]] Result<void> check() const;

private:
    explicit JsonBody(Json object) : object_(std::move(object)) {}
    Json const* member(char const* key) const;
    Json object_;
    std::string wrong_;
};

}  // namespace adaos
