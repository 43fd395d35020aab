// Where CUDA's libraries are looked for.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

namespace hone {

// What to ask the loader for, in this order: the name alone, then files of the toolkit.
inline std::vector<std::string> library_places(const std::string& name) {
  std::vector<std::string> places{name};
  if (const char* home = std::getenv("CUDA_HOME"); home != nullptr) {
    places.push_back(std::string(home) + "/lib64/" + name);
    places.push_back(std::string(home) + "/lib/" + name);
  }
  places.push_back("/usr/local/cuda/lib64/" + name);
  return places;
}

}  // namespace hone
