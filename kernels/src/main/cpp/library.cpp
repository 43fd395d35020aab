#include "library.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace hone {

Kernels* open_library(const char* path, int device, int threads) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  typedef Kernels* (*Open)(int device, int threads);
  Open open = reinterpret_cast<Open>(dlsym(library, "hone_open"));
  if (open == nullptr) throw std::runtime_error(dlerror());
  return open(device, threads);
}

}  // namespace hone
