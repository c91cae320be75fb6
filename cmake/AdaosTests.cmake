# The checks that run as tests, the end-to-end suite, and the fuzz targets. Included after the programs.

if(ADAOS_TESTS)
    find_package(Python3 COMPONENTS Interpreter REQUIRED)
    set(tools ${CMAKE_SOURCE_DIR}/tools)

    add_executable(print_errors tools/print_errors.cpp)
    target_compile_options(print_errors PRIVATE ${ADAOS_WARNINGS})
    target_link_libraries(print_errors PRIVATE adaos::base)

    add_test(NAME "check: layers" COMMAND Python3::Interpreter ${tools}/check_layers.py)
    add_test(NAME "check: await rule" COMMAND Python3::Interpreter ${tools}/check_await.py)
    add_test(NAME "check: docs/errors.md" COMMAND ${tools}/check_errors.sh $<TARGET_FILE:print_errors>)
    add_test(NAME "check: links in the docs" COMMAND Python3::Interpreter ${tools}/check_links.py)
    add_test(NAME "check: acceptance tests" COMMAND Python3::Interpreter ${tools}/check_acceptance.py)
    add_test(NAME "check: headers compile alone"
             COMMAND Python3::Interpreter ${tools}/check_headers.py ${CMAKE_BINARY_DIR})
    set_tests_properties("check: layers" "check: await rule" "check: docs/errors.md" "check: links in the docs"
                         "check: acceptance tests" PROPERTIES LABELS check TIMEOUT 60)
    set_tests_properties("check: headers compile alone" PROPERTIES LABELS "check;slow" TIMEOUT 900)
endif()

# Whole worlds in one process (tests/support/mesh.hpp): the tests of the roles link both sides. Objects and
# no archive, because mesh_store.cpp stands in for src/store/worker.cpp.
if(ADAOS_TESTS)
    file(GLOB mesh_sources CONFIGURE_DEPENDS tests/support/mesh*.cpp)
    add_library(adaos_mesh OBJECT EXCLUDE_FROM_ALL ${mesh_sources})
    target_include_directories(adaos_mesh PUBLIC tests)
    target_compile_options(adaos_mesh PRIVATE ${ADAOS_WARNINGS})
    target_link_libraries(adaos_mesh PUBLIC adaos::root adaos::node PRIVATE nlohmann_json::nlohmann_json)
    foreach(name root hub member relay)
        if(TARGET ${name}_test)
            target_link_libraries(${name}_test PRIVATE adaos_mesh)
        endif()
    endforeach()
    if(TARGET hub_test)  # holds docs/reference/openapi.yaml against whole worlds
        file(GLOB openapi_sources CONFIGURE_DEPENDS tests/support/openapi*.cpp)
        target_sources(hub_test PRIVATE ${openapi_sources})
        target_link_libraries(hub_test PRIVATE yaml-cpp)
    endif()
endif()

# Kills a process before its N-th call to a file or a socket, or has it fail, for tests/e2e/test_crash_*.py.
if(ADAOS_TESTS)
    file(GLOB crash_sources CONFIGURE_DEPENDS tests/crash/*.cpp)
    add_executable(kill_at ${crash_sources})
    target_compile_options(kill_at PRIVATE ${ADAOS_WARNINGS})
    set_target_properties(kill_at PROPERTIES UNITY_BUILD OFF RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endif()

# tests/e2e/test_*.py run the two real binaries of this build; each prints what it found.
if(ADAOS_TESTS AND TARGET adaos AND TARGET adaos-root)
    file(GLOB e2e_scripts CONFIGURE_DEPENDS tests/e2e/test_*.py)
    foreach(script IN LISTS e2e_scripts)
        get_filename_component(name ${script} NAME_WE)
        string(REGEX REPLACE "^test_" "" name ${name})
        string(REPLACE "_" " " name ${name})
        add_test(NAME "e2e: ${name}" COMMAND Python3::Interpreter -B ${script})
        set_tests_properties("e2e: ${name}" PROPERTIES
            LABELS e2e TIMEOUT 900 ENVIRONMENT "ADAOS_BIN=${CMAKE_BINARY_DIR}")
        list(APPEND e2e_tests "e2e: ${name}")
    endforeach()
    # They wait more than they work: begun first, the longest of them before all, they run beside the unit tests.
    set_property(TEST ${e2e_tests} PROPERTY COST 10)
    set_tests_properties("e2e: certificates" PROPERTIES COST 20)
    set_tests_properties("e2e: crash matrix" "e2e: crash faults" PROPERTIES TIMEOUT 1800)  # some 700 joins with ADAOS_ROUNDS=full
    # These measure time or memory: nothing else runs beside them.
    set_tests_properties("e2e: demo" "e2e: relay stream" "e2e: readme" PROPERTIES RUN_SERIAL ON)
endif()

if(ADAOS_FUZZ)
    file(GLOB fuzz_sources CONFIGURE_DEPENDS tests/fuzz/*_fuzz.cpp)
    foreach(source IN LISTS fuzz_sources)
        get_filename_component(name ${source} NAME_WE)
        # A target links the modules it includes, so that a smoke run need not build the binaries.
        file(STRINGS ${source} includes REGEX "^#include \"[a-z]+/")
        list(FILTER includes EXCLUDE REGEX "\"support/")
        list(TRANSFORM includes REPLACE "^#include \"([a-z]+)/.*" "adaos::\\1")
        list(REMOVE_DUPLICATES includes)
        add_executable(${name} ${source})
        target_include_directories(${name} PRIVATE tests)
        target_compile_options(${name} PRIVATE ${ADAOS_WARNINGS} -fsanitize=fuzzer,address)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer,address)
        target_link_libraries(${name} PRIVATE ${includes} OpenSSL::Crypto nlohmann_json::nlohmann_json)
    endforeach()
endif()
