# adaos_module(NAME [USES module...] [LINK library...])
#
# One folder src/NAME = one static library adaos::NAME + one test program NAME_test.
# USES names the only adaos modules that src/NAME may include (tools/check_layers.py reads it).
# LINK names third-party libraries; they reach users of the module only through the linker.
set(ADAOS_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
    -Woverloaded-virtual -Werror
    # gcc 12 from -O1 on: false alarms inside boost::system::result. clang and ASan watch instead.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # gcc 12 with ASan at -O1: false alarms about coroutine frames.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)

function(adaos_module name)
    cmake_parse_arguments(arg "" "" "USES;LINK" ${ARGN})

    file(GLOB sources CONFIGURE_DEPENDS src/${name}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")  # a binary's, see AdaosPrograms
    add_library(adaos_${name} STATIC ${sources})
    add_library(adaos::${name} ALIAS adaos_${name})
    target_include_directories(adaos_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_compile_options(adaos_${name} PRIVATE ${ADAOS_WARNINGS})
    if(CMAKE_UNITY_BUILD)  # anonymous names of files compiled together may hide each other; gcc takes them for a header's
        target_compile_options(adaos_${name} PRIVATE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    endif()
    list(TRANSFORM arg_USES PREPEND adaos::)
    target_link_libraries(adaos_${name} PUBLIC ${arg_USES} Boost::headers PRIVATE ${arg_LINK})

    file(GLOB tests CONFIGURE_DEPENDS tests/${name}/*_test.cpp)
    if(tests AND ADAOS_TESTS AND (NOT ADAOS_TESTED OR name IN_LIST ADAOS_TESTED))
        add_executable(${name}_test ${tests})
        target_compile_options(${name}_test PRIVATE ${ADAOS_WARNINGS})
        set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF)  # helpers of one name in many files
        target_include_directories(${name}_test PRIVATE tests)
        target_compile_definitions(${name}_test PRIVATE ADAOS_VECTORS="${CMAKE_SOURCE_DIR}/tests/vectors")
        target_link_libraries(${name}_test PRIVATE adaos::${name} adaos_test_support adaos_catch_main ${arg_LINK})
        catch_discover_tests(${name}_test TEST_PREFIX "${name}: " PROPERTIES TIMEOUT 300)
    endif()
endfunction()
