# Writes CUDA source IN as plain C++ to OUT: two things that no macro can say.
#   kernel<T><<<grid, block>>>(arguments)   launch_kernel("kernel<T>", [=](auto... p) { kernel<T>(p...); }, grid, block)(arguments)
#   extern __shared__ T name[];             T* const name = dynamic_shared<T>();
file(READ ${IN} text)
string(REGEX REPLACE "([A-Za-z_][A-Za-z0-9_]*(<[^;(){}]*>)?)([ \n]*)<<<"
       "emulator::launch_kernel(\"\\1\", [=](auto... p) { \\1(p...); },\\3" text "${text}")
string(REPLACE ">>>(" ")(" text "${text}")
string(REGEX REPLACE "extern __shared__ ([A-Za-z_0-9]+) ([A-Za-z_0-9]+)\\[\\];"
       "\\1* const \\2 = emulator::dynamic_shared<\\1>();" text "${text}")
file(WRITE ${OUT} "#line 1 \"${IN}\"\n${text}")
