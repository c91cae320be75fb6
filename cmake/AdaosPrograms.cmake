# The two binaries, the checks that run as tests, the end-to-end suite and the fuzz targets.
