# The two binaries. (src/<module>/main.cpp is not part of the module's library: see AdaosModule.)

add_executable(adaos-root src/root/main.cpp)
target_compile_options(adaos-root PRIVATE ${ADAOS_WARNINGS})
target_link_libraries(adaos-root PRIVATE adaos::root CLI11::CLI11)
set_target_properties(adaos-root PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_executable(adaos src/node/main.cpp)
target_compile_options(adaos PRIVATE ${ADAOS_WARNINGS})
target_link_libraries(adaos PRIVATE adaos::node)
set_target_properties(adaos PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

include(AdaosTests)
