#include "store/atomic_file.hpp"

#include "base/problem.hpp"
#include "store/child.hpp"
#include "store/temp_folder.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

namespace adaos::atomic_file_test {

using namespace adaos::store;
using namespace std::chrono_literals;
using test::mode_of;
using test::TempFolder;

namespace {

/// Exit code of a child that could not set its scene up.
constexpr int cannot_test = 77;

int as_exit(bool ok) {
    return ok ? 0 : 1;
}

}  // namespace

TEST_CASE("a written file reads back byte for byte", "[store][file]") {
    TempFolder folder;
    auto const content =
        GENERATE(as<std::string>(), "", "x", std::string("a\0b\n", 4), std::string(100'000, 'z'));

    REQUIRE(write_file(folder / "f", content, Mode::secret).has_value());

    CHECK(read_file(folder / "f").value() == content);
    CHECK(folder.entries() == 1);
}

TEST_CASE("a file has the mode that was asked for, whatever the umask and the old file's mode",
          "[store][file]") {
    TempFolder folder;
    auto const mask = GENERATE(as<mode_t>(), 0, 022, 077, 0777);
    test::Umask const with(mask);
    REQUIRE(write_file(folder / "f", "old", Mode::readable).has_value());
    CHECK(mode_of(folder / "f") == 0644);

    REQUIRE(write_file(folder / "f", "new", Mode::secret).has_value());

    CHECK(mode_of(folder / "f") == 0600);
}

TEST_CASE("a link in a file's place is replaced and not written through", "[store][file]") {
    TempFolder folder;
    test::put(folder / "target", "theirs");
    std::filesystem::create_symlink(folder / "target", folder / "f");

    REQUIRE(write_file(folder / "f", "mine", Mode::secret).has_value());

    CHECK(read_file(folder / "target").value() == "theirs");
    CHECK(std::filesystem::symlink_status(folder / "f").type() ==
          std::filesystem::file_type::regular);
}

TEST_CASE("a file that cannot be put in place leaves the old one and no temp file",
          "[store][file]") {
    TempFolder folder;
    std::filesystem::create_directory(folder / "f");  // rename onto a folder fails

    auto const written = write_file(folder / "f", "x", Mode::secret);

    REQUIRE(written.has_error());
    CHECK(written.error().code == Problem::state_unreadable);
    CHECK(written.error().context == "write " + (folder / "f").string() + ": Is a directory");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a write into a missing folder names the file and the cause", "[store][file]") {
    TempFolder folder;

    auto const written = write_file(folder / "no/f", "x", Mode::secret);

    CHECK(written.error().code == Problem::state_unreadable);
    CHECK(written.error().context ==
          "write " + (folder / "no/f").string() + ": No such file or directory");
}

TEST_CASE("a write that fails half way leaves the old content and no temp file", "[store][file]") {
    TempFolder folder;
    REQUIRE(write_file(folder / "f", "old", Mode::secret).has_value());
    auto const path = folder / "f";

    test::Child child([&path] {
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit const small{1000, 1000};
        if (setrlimit(RLIMIT_FSIZE, &small) != 0) return cannot_test;
        auto const written = write_file(path, std::string(100'000, 'n'), Mode::secret);
        return as_exit(written.has_error() && written.error().code == Problem::state_unreadable);
    });

    CHECK(child.wait() == 0);
    CHECK(read_file(path).value() == "old");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a full disk is reported as such and leaves the old content", "[store][file]") {
    TempFolder folder;
    auto const path = folder / "f";

    test::Child child([&] {
        if (unshare(CLONE_NEWNS) != 0 ||
            mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0)
            return cannot_test;
        if (write_file(path, "old", Mode::secret).has_error()) return 2;
        auto const written = write_file(path, std::string(200'000, 'n'), Mode::secret);
        return as_exit(written.has_error() && written.error().code == Problem::disk_full &&
                       read_file(path).value() == "old" && folder.entries() == 1);
    });

    auto const code = child.wait();
    if (code == cannot_test) {
        WARN("cannot mount a small disk here");
        return;
    }
    CHECK(code == 0);
}

TEST_CASE("what the mode forbids is reported as a permission problem", "[store][file]") {
    TempFolder folder;
    REQUIRE(write_file(folder / "f", "secret", Mode::secret).has_value());
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));

    test::Child child([&folder] {
        if (geteuid() != 0 || !test::become_nobody()) return cannot_test;
        return as_exit(read_file(folder / "f").error().code == Problem::permission &&
                       write_file(folder / "f", "x", Mode::secret).error().code ==
                           Problem::permission &&
                       make_private_folder(folder / "d").error().code == Problem::permission &&
                       make_private_folder(folder.path()).error().code == Problem::permission &&
                       FileLock::try_lock(folder / "f").error().code == Problem::permission);
    });

    auto const code = child.wait();
    if (code == cannot_test) {
        WARN("needs root to become nobody");
        return;
    }
    CHECK(code == 0);
}

TEST_CASE("a writer killed at any moment leaves the old file or the new one, whole",
          "[store][file][crash]") {
    TempFolder folder;
    auto const path = folder / "f";
    std::string const old_text(10'000, 'a');
    std::string const new_text(30'000, 'b');
    REQUIRE(write_file(path, old_text, Mode::secret).has_value());
    test::Umask const open_to_all(0);

    for (int round = 0; round < 100; ++round) {
        test::Child writer([&] {
            for (;;)
                for (auto const* const text : {&new_text, &old_text})
                    if (write_file(path, *text, Mode::secret).has_error()) return 1;
        });
        std::this_thread::sleep_for(std::chrono::microseconds(137 * (round % 37)));
        writer.kill();
        REQUIRE(writer.wait() == -SIGKILL);
        auto const found = read_file(path).value().value();
        if (found != old_text && found != new_text) FAIL(round << ": " << found.size());
        REQUIRE(mode_of(path) == 0600);
    }

    // Whatever temp files there are were never open to others, and go when they are old.
    for (auto const& entry : std::filesystem::directory_iterator(folder.path())) {
        CHECK(mode_of(entry.path()) == 0600);
        std::filesystem::last_write_time(entry.path(),
                                         std::filesystem::file_time_type::clock::now() - 61s);
    }
    remove_leftovers(folder.path());
    CHECK(folder.entries() == 1);
    CHECK(read_file(path).value().has_value());
}

TEST_CASE("only old temp files of ours are leftovers", "[store][file]") {
    TempFolder folder;
    auto const age = [&](std::string const& name, std::chrono::seconds by) {
        test::put(folder / name, "x");
        std::filesystem::last_write_time(folder / name,
                                         std::filesystem::file_time_type::clock::now() - by);
    };
    age(".f.0123456789abcdef.tmp", 61s);
    age(".f.fedcba9876543210.tmp", 30s);
    for (auto const* const name :
         {"f", ".f.tmp", ".f.0123456789ABCDEF.tmp", "f.0123456789abcdef.tmp",
          ".f.0123456789abcde.tmp", ".0123456789abcdef.tmp", ".f.0123456789abcdef.tmp.bak"})
        age(name, 1h);
    std::filesystem::create_symlink("f", folder / ".l.0123456789abcdef.tmp");

    remove_leftovers(folder.path());
    remove_leftovers(folder / "missing");

    CHECK(folder.entries() == 9);
    CHECK_FALSE(std::filesystem::exists(folder / ".f.0123456789abcdef.tmp"));
}

TEST_CASE("a missing file is absent, not an error", "[store][file]") {
    TempFolder folder;

    CHECK(read_file(folder / "f").value() == std::nullopt);
    CHECK(read_file(folder / "no/f").value() == std::nullopt);
}

TEST_CASE("a file is read up to the limit and not past it", "[store][file]") {
    TempFolder folder;
    test::put(folder / "f", std::string(1000, 'x'));

    CHECK(read_file(folder / "f", 1000).value()->size() == 1000);
    auto const larger = read_file(folder / "f", 999);
    CHECK(larger.error().code == Problem::state_unreadable);
    CHECK_THAT(larger.error().context, Catch::EndsWith("larger than 999 bytes"));
}

TEST_CASE("links, folders and pipes are not read", "[store][file]") {
    TempFolder folder;
    test::put(folder / "target", "x");
    std::filesystem::create_symlink(folder / "target", folder / "link");
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);

    for (auto const* const name : {"link", "pipe", "."}) {
        CAPTURE(name);
        CHECK(read_file(folder / name).error().code == Problem::state_unreadable);
    }
}

TEST_CASE("a private folder and its new parents are 0700, whatever the umask", "[store][file]") {
    TempFolder folder;
    auto const mask = GENERATE(as<mode_t>(), 0, 0277);
    test::Umask const with(mask);

    REQUIRE(make_private_folder(folder / "a/b/c/").has_value());

    for (auto const* const name : {"a", "a/b", "a/b/c"}) CHECK(mode_of(folder / name) == 0700);
}

TEST_CASE("a present folder that others may enter is narrowed, its parents are not",
          "[store][file]") {
    TempFolder folder;
    std::filesystem::create_directories(folder / "a/b");
    std::filesystem::permissions(folder / "a", std::filesystem::perms(0755));
    std::filesystem::permissions(folder / "a/b", std::filesystem::perms(0750));

    REQUIRE(make_private_folder(folder / "a/b").has_value());

    CHECK(mode_of(folder / "a/b") == 0700);
    CHECK(mode_of(folder / "a") == 0755);
}

TEST_CASE("a private folder in a file's place is an error", "[store][file]") {
    TempFolder folder;
    test::put(folder / "f", "x");

    CHECK(make_private_folder(folder / "f").error().code == Problem::state_unreadable);
    CHECK(make_private_folder(folder / "f/g").error().code == Problem::state_unreadable);
}

TEST_CASE("a lock is held by one at a time", "[store][lock]") {
    TempFolder folder;
    auto const path = folder / "lock";
    {
        auto first = FileLock::try_lock(path);
        REQUIRE(first.has_value());
        auto const moved = std::move(*first);

        CHECK(FileLock::try_lock(path).error().code == Problem::already_running);
        test::Child other([&] {
            return as_exit(FileLock::try_lock(path).error().code == Problem::already_running);
        });
        CHECK(other.wait() == 0);
    }

    CHECK(FileLock::try_lock(path).has_value());
    CHECK(std::filesystem::exists(path));
    CHECK(mode_of(path) == 0600);
}

TEST_CASE("a lock of a killed process is free again", "[store][lock]") {
    TempFolder folder;
    auto const path = folder / "lock";
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    test::Child holder([&] {
        auto const lock = FileLock::try_lock(path);
        if (::write(ready[1], "x", 1) != 1) return 1;
        ::pause();
        return 0;
    });
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    CHECK(FileLock::try_lock(path).has_error());

    holder.kill();

    CHECK(FileLock::wait_lock(path).has_value());
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("assigning a lock gives back the one before", "[store][lock]") {
    TempFolder folder;
    auto a = FileLock::try_lock(folder / "a").value();
    auto b = FileLock::try_lock(folder / "b").value();

    a = std::move(b);

    CHECK(FileLock::try_lock(folder / "a").has_value());
    CHECK(FileLock::try_lock(folder / "b").has_error());
}

}  // namespace adaos::atomic_file_test
