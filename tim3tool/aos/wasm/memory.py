"""The linear memory of one instance, read and written through checked copies."""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import wasmtime

__all__ = ["Memory", "Snapshot"]

_PAGE: Final = 1 << 16
_TEXT_STEP: Final = 1 << 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The parts of a memory that hold anything: all but the C stack, which is empty between two messages.

    Args:
        low: the bytes below the stack.
        heap: the bytes from the end of the stack to the end of the heap.
    """

    low: bytes
    heap: bytes


class Memory:
    """The memory of one instance; an address outside of it raises IndexError.

    Args:
        store: where the instance lives.
        memory: its exported memory.
        limit: bytes that it may grow to.
    """

    def __init__(self, store: wasmtime.Store, memory: wasmtime.Memory, limit: int) -> None:
        self._store = store
        self._memory = memory
        self._limit = limit

    @property
    def size(self) -> int:
        """Bytes of the memory."""
        return self._memory.data_len(self._store)

    def _address(self, at: int, count: int) -> int:
        if not 0 <= at <= at + count <= self.size:
            msg = f"address {at} with {count} bytes lies outside the module's memory"
            raise IndexError(msg)
        return ctypes.addressof(self._memory.data_ptr(self._store).contents) + at

    def read(self, at: int, count: int) -> bytes:
        """Return a copy of some bytes."""
        return ctypes.string_at(self._address(at, count), count)

    def read_u64(self, at: int) -> int:
        """Return an unsigned number of 8 bytes."""
        value: int = struct.unpack("<Q", self.read(at, 8))[0]
        return value

    def read_text(self, at: int) -> bytes:
        """Return the bytes up to the next NUL."""
        end, step = at, _TEXT_STEP
        while (count := min(step, self.size - end)) > 0:
            found = self.read(end, count).find(0)
            if found >= 0:
                return self.read(at, end + found - at)
            end, step = end + count, step * 2
        msg = f"the text at address {at} has no end"
        raise IndexError(msg)

    def write(self, at: int, data: bytes) -> None:
        """Replace some bytes."""
        ctypes.memmove(self._address(at, len(data)), data, len(data))

    def move(self, to: int, start: int, count: int) -> None:
        """Copy bytes within the memory; the two places may overlap.

        What lies outside the memory is left out, as JavaScript's ``copyWithin`` does: the module's allocator copies
        from and to NULL when it gets no memory.
        """
        count = min(count, self.size - start, self.size - to)
        if count > 0:
            source = self._address(start, count)
            ctypes.memmove(self._address(to, count), source, count)

    def grow_to(self, size: int) -> bool:
        """Make the memory at least that large; False when the limit forbids it.

        Args:
            size: bytes.
        """
        held = self.size
        if size > self._limit:
            return False
        # A fifth more than there is saves most of the later calls; emscripten grows alike.
        wanted = min(self._limit, max(size, held + held // 5))
        if wanted > held:
            self._memory.grow(self._store, -(-(wanted - held) // _PAGE))
        return True

    def snapshot(self, *, stack_end: int, stack_base: int, heap_end: int) -> Snapshot:
        """Return a copy of what lies beside the stack.

        Args:
            stack_end: lowest address of the stack.
            stack_base: the address above the stack.
            heap_end: the address above the heap.
        """
        return Snapshot(low=self.read(0, stack_end), heap=self.read(stack_base, heap_end - stack_base))

    def restore(self, snapshot: Snapshot, *, stack_base: int) -> None:
        """Put a copy back.

        Args:
            snapshot: what `snapshot` returned, of this memory or of one of the same module.
            stack_base: the address above the stack.
        """
        self.grow_to(stack_base + len(snapshot.heap))
        self.write(0, snapshot.low)
        self.write(stack_base, snapshot.heap)
