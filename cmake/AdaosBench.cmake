# Benchmarks, built when asked for: ./dev bench NAME. They measure the binaries of the same build.

file(GLOB bench_enrol_sources CONFIGURE_DEPENDS bench/enrol/*.cpp)
add_executable(bench_enrol EXCLUDE_FROM_ALL ${bench_enrol_sources})
target_include_directories(bench_enrol PRIVATE ${CMAKE_SOURCE_DIR})
set_target_properties(bench_enrol PROPERTIES UNITY_BUILD OFF RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
target_compile_options(bench_enrol PRIVATE ${ADAOS_WARNINGS})
target_link_libraries(bench_enrol PRIVATE adaos::root OpenSSL::SSL OpenSSL::Crypto
                      nlohmann_json::nlohmann_json CLI11::CLI11 Threads::Threads)
add_dependencies(bench_enrol adaos-root)
