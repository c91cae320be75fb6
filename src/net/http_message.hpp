#pragma once
/// HTTP/1.1 heads as plain values: what was sent, in order, byte for byte.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adaos::net {

struct Field {
    std::string name;   ///< as sent
    std::string value;  ///< without surrounding blanks
};

/// Ordered, repeats allowed; names compare without case.
class Fields {
public:
    void add(std::string name, std::string value);
    /// Replaces all of that name by one, at the first's place (or the end).
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    /// The first value of that name; null when absent. Valid until the next change.
    [[nodiscard]] std::string const* find(std::string_view name) const;
    /// True when a comma-separated list field of that name holds `token` (no case).
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
    [[nodiscard]] std::vector<Field> const& all() const noexcept { return fields_; }
    template <class Predicate>
    void remove_if(Predicate p) {
        std::erase_if(fields_, p);
    }

private:
    std::vector<Field> fields_;
};

struct RequestHead {
    std::string method;
    std::string target;  ///< origin-form, undecoded: "/hubs/sn_…/x?y"
    Fields fields;
    [[nodiscard]] std::string_view path() const;   ///< target up to '?'
    [[nodiscard]] std::string_view query() const;  ///< after '?', may be empty
};

struct ResponseHead {
    unsigned status = 200;
    std::string reason;  ///< empty: the standard phrase is sent
    Fields fields;
};

/// How a message's body ends on the wire.
struct Framing {
    enum class Kind { none, length, chunked, until_close } kind = Kind::none;
    std::uint64_t length = 0;
    [[nodiscard]] bool operator==(Framing const&) const = default;
};

[[nodiscard]] std::string_view standard_reason(unsigned status) noexcept;

}  // namespace adaos::net
