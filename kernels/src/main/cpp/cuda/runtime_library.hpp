// A library that is opened at run time, so that hone is built and distributed without it.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "../library_places.hpp"

namespace hone {

class RuntimeLibrary {
 public:
  // It stays open for the life of the process.
  //   origin  what it comes with
  //   oldest  the version that has all that is asked of it
  // Throws std::runtime_error naming the library and its origin.
  RuntimeLibrary(const std::string& name, const std::string& origin, const std::string& oldest)
      : name_(name), oldest_(oldest) {
    for (const std::string& place : library_places(name)) {
      library_ = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (library_ != nullptr) return;
    }
    throw std::runtime_error(name + " is not found by the loader, in $CUDA_HOME or in /usr/local/cuda: it comes with " + origin +
                             "; add its directory to LD_LIBRARY_PATH");
  }

  template <typename Function>
  void find(const char* function_name, Function& function) const {
    function = reinterpret_cast<Function>(dlsym(library_, function_name));
    if (function == nullptr) {
      throw std::runtime_error(name_ + " has no function " + function_name + ": " + oldest_ + " or newer is needed");
    }
  }

 private:
  std::string name_, oldest_;
  void* library_ = nullptr;
};

}  // namespace hone
