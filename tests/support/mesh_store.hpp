#pragma once
/// The store of a mesh has no thread: jobs run on the loop's, so that a world depends on its seed
/// alone. mesh_store.cpp defines store::Worker in place of src/store/worker.cpp, whose own tests
/// are in tests/store.

namespace adaos::test {

/// While one lives the store is slow: its jobs wait. They run, in order, when it goes.
class SlowStore {
public:
    SlowStore();
    ~SlowStore();
    SlowStore(SlowStore const&) = delete;
    SlowStore& operator=(SlowStore const&) = delete;
};

}  // namespace adaos::test
