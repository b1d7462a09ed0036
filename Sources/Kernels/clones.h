// CLONES before a function compiles it once for each x86-64 level; the loader picks one.
#ifndef CLONES_H
#define CLONES_H
#if defined(__x86_64__) && defined(__linux__)
#define CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
// Sums may be regrouped into vector lanes; for one binary on one machine always the same way.
#pragma clang fp reassociate(on) contract(fast)
#endif
