"""The real aos module as the machine behind a process; needs the extra ``tim3tool[wasm]``."""

from tim3tool.aos.wasm.machine import WasmMachine

__all__ = ["WasmMachine"]
