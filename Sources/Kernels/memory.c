#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif
#include "Kernels.h"

void *kernels_allocate(long bytes) {
  const long huge = 2l << 20;
  const long alignment = bytes >= 2 * huge ? huge : 64;
  const long rounded = (bytes + alignment - 1) / alignment * alignment;
  void *memory = aligned_alloc((size_t)alignment, (size_t)rounded);
#if defined(__linux__)
  if (memory && alignment == huge) madvise(memory, (size_t)rounded, MADV_HUGEPAGE);
#endif
  return memory;
}

void kernels_free(void *memory) { free(memory); }
