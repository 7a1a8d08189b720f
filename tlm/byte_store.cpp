#include "tlm/byte_store.hpp"

#include <sys/mman.h>

#include <new>

namespace m3sim::tlm_mem {

LazyMemory::LazyMemory(std::size_t bytes) : bytes_(bytes == 0 ? 1 : bytes) {
  data_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data_ == MAP_FAILED) throw std::bad_alloc();
}

LazyMemory::~LazyMemory() { munmap(data_, bytes_); }

ByteStore::ByteStore(std::size_t size)
    : size_(size),
      bytes_(size),
      tag_memory_((size / kTagBytes + 1) * sizeof(std::uint32_t)),
      data_(static_cast<std::uint8_t*>(bytes_.data())),
      tags_(static_cast<std::uint32_t*>(tag_memory_.data())) {}

}  // namespace m3sim::tlm_mem
