// Opens an implementation of Kernels at run time, so that the Java binding is built once and a host without CUDA
// needs none of it.
#pragma once

#include "kernels.hpp"

namespace hone {

// Opens the shared library at `path` and returns its device; the library stays open for the life of the process.
//   device   which one, for implementations that have several (a GPU's ordinal)
//   threads  for cpu: how many to use; 0 for one a core
// Throws std::runtime_error with the loader's own sentence.
Kernels* open_library(const char* path, int device, int threads);

}  // namespace hone
