#include "base/bytes.hpp"
#include "base/names.hpp"
#include "base/problem.hpp"
#include "identity/node_config.hpp"

#include <array>

namespace adaos::identity {
namespace {

struct Alias {
    std::string_view name;
    std::string_view zone;
};

/// AdaOS's names for its zones (spec 2.7); any other two letters are a zone of their own.
constexpr std::array aliases{
    Alias{"api", "us"},    Alias{"central", "us"}, Alias{"default", "us"}, Alias{"global", "us"},
    Alias{"world", "us"},  Alias{"usa", "us"},     Alias{"na", "us"},      Alias{"de", "eu"},
    Alias{"europe", "eu"}, Alias{"rus", "ru"},     Alias{"russia", "ru"},  Alias{"ru-ru", "ru"},
    Alias{"india", "in"},  Alias{"bharat", "in"},  Alias{"cn", "ch"},      Alias{"china", "ch"},
};

}  // namespace

Result<std::string> canonical_zone(std::string_view text) {
    auto const zone = to_lower(trim(text));
    for (auto const& alias : aliases)
        if (alias.name == zone) return std::string(alias.zone);
    if (is_zone(zone)) return zone;
    return Error(Problem::invalid_field,
                 "zone: two letters (us, eu, ru, in, ch) or a name such as europe");
}

}  // namespace adaos::identity
