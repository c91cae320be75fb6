# cmake -DSOURCE=DIR -DINTO=FILE -P commit.cmake: the commit of SOURCE as C++ text, written only when it changed.
# Run at each build, so that a new commit needs no new configuring.
execute_process(COMMAND ${CMAKE_COMMAND} -E env GIT_OPTIONAL_LOCKS=0 git describe --always --dirty --abbrev=12 --exclude=*
                WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit RESULT_VARIABLE failed
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(failed OR NOT commit MATCHES "^[0-9a-f]+(-dirty)?$")
    set(commit "")
endif()
set(text "#include \"cli/version.hpp\"\n\nchar const* const adaos::cli::commit = \"${commit}\";\n")
set(present "")
if(EXISTS ${INTO})
    file(READ ${INTO} present)
endif()
if(NOT present STREQUAL text)
    file(WRITE ${INTO} "${text}")
endif()
