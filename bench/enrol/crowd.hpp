#pragma once
/// Many joiners at once, on two threads: the load.

#include "bench/enrol/joiner.hpp"

#include <span>
#include <string>
#include <vector>

namespace adaos::bench {

/// How many are under way at any moment.
inline constexpr std::size_t joiners = 64;

using Join = net::Task<Result<Took>> (*)(Way const&, Ticket const&);

struct Outcome {
    Rate rate;
    std::vector<double> all_ms, calls_ms;  ///< of each that succeeded
    std::size_t errors = 0;
    double cpu = 0;  ///< seconds of CPU time that the joiners took
    std::string first_error;
    void add(Result<Took> const& one);
    void add(Outcome const& part);
};

/// Two loops, TLS contexts that trust `ca_pem`'s Root, and two threads for the joiners' scrypt.
class Crowd {
public:
    static Result<std::unique_ptr<Crowd>> make(std::string const& ca_pem);
    ~Crowd();
    /// All `tickets`, `at_once` of them at a time; added to `into`.
    void run(Join join, net::Url const& root, std::span<Ticket const> tickets, std::size_t at_once,
             Outcome& into);

private:
    struct Parts;
    explicit Crowd(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace adaos::bench
