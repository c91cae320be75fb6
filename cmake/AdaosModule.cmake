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

# Files compiled together (docs/adr/0008): anonymous names of one may hide another's, and gcc takes them for a header's.
if(CMAKE_UNITY_BUILD)
    list(APPEND ADAOS_WARNINGS -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
# gcc collects garbage from 128 MiB on, a tenth of its time; a file needs less than 1 GiB without.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1048576>)

function(adaos_module name)
    cmake_parse_arguments(arg "" "" "USES;LINK" ${ARGN})

    file(GLOB sources CONFIGURE_DEPENDS src/${name}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")  # a binary's, see AdaosPrograms
    add_library(adaos_${name} STATIC ${sources})
    add_library(adaos::${name} ALIAS adaos_${name})
    target_include_directories(adaos_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_compile_options(adaos_${name} PRIVATE ${ADAOS_WARNINGS})
    list(TRANSFORM arg_USES PREPEND adaos::)
    target_link_libraries(adaos_${name} PUBLIC ${arg_USES} Boost::headers PRIVATE ${arg_LINK})

    file(GLOB tests CONFIGURE_DEPENDS tests/${name}/*_test.cpp)
    if(tests AND ADAOS_TESTS AND (NOT ADAOS_TESTED OR name IN_LIST ADAOS_TESTED))
        add_executable(${name}_test ${tests})
        target_compile_options(${name}_test PRIVATE ${ADAOS_WARNINGS})
        target_include_directories(${name}_test PRIVATE tests)
        target_compile_definitions(${name}_test PRIVATE ADAOS_VECTORS="${CMAKE_SOURCE_DIR}/tests/vectors")
        target_link_libraries(${name}_test PRIVATE adaos::${name} adaos_test_support adaos_catch_main ${arg_LINK})
        catch_discover_tests(${name}_test TEST_PREFIX "${name}: " PROPERTIES TIMEOUT 300)
    endif()
endfunction()
