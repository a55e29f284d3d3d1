"""Values of a process, asked for and brought out as text: nothing else gets out of the module."""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["answer_in", "question"]

_VALUE: Final = "tim3tool.value:"
_FAILED: Final = "tim3tool.failed:"

# Lists and dicts are arrays that begin with their kind, since JSON's keys could only be strings.
_CODE: Final = r"""(function(expression)
  local function quoted(text)
    return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  end
  local function number(v)
    if math.type(v) == "integer" then return ("%d"):format(v) end
    if v ~= v then return "NaN" end
    if v == math.huge or v == -math.huge then return v > 0 and "Infinity" or "-Infinity" end
    local text = ("%.17g"):format(v)
    return text:find("[.e]") and text or text .. ".0"
  end
  local open = {}
  local function text(v, depth)
    local kind = type(v)
    if kind == "string" then return quoted(v) end
    if kind == "number" then return number(v) end
    if kind == "boolean" or kind == "nil" then return v == nil and "null" or tostring(v) end
    if kind ~= "table" then return quoted("<" .. kind .. ">") end
    if open[v] or depth > 100 then return quoted("<circular>") end
    open[v] = true
    local count, whole, parts = 0, true, {}
    for key in next, v do count, whole = count + 1, whole and math.type(key) == "integer" end
    if whole and count > 0 and count == rawlen(v) then
      parts[1] = '"list"'
      for index = 1, count do parts[index + 1] = text(rawget(v, index), depth + 1) end
    else
      parts[1] = '"dict"'
      for key, item in next, v do
        parts[#parts + 1] = text(key, depth + 1)
        parts[#parts + 1] = text(item, depth + 1)
      end
    end
    open[v] = nil
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local chunk, failure = load("return " .. expression, "=read", "t")
  if not chunk then return FAILED .. text(failure, 0) end
  local ok, value = pcall(chunk)
  if not ok then return FAILED .. text(tostring(value), 0) end
  return VALUE .. text(value, 0)
end)(EXPRESSION)"""


def question(expression: str) -> str:
    """Return Lua code that answers an expression's value as text; `answer_in` reads it.

    Args:
        expression: Lua, such as ``Balances``.
    """
    quoted = "".join(f"\\{byte:03d}" for byte in expression.encode())
    replaced = {"FAILED": f'"{_FAILED}"', "VALUE": f'"{_VALUE}"', "EXPRESSION": f'"{quoted}"'}
    code = _CODE
    for name, text in replaced.items():
        code = code.replace(name, text)
    return code


def answer_in(text: str) -> tuple[bool, Any] | None:
    """Return what an answer to a `question` says.

    Args:
        text: what the process printed.

    Returns:
        Whether the expression has a value, and the value or what it raised; None when the question was not answered.
    """
    for mark, worked in ((_VALUE, True), (_FAILED, False)):
        _, found, answer = text.rpartition(mark)
        if found:
            return worked, _plain(json.loads(answer))
    return None


def _plain(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, *items = value
    if kind == "list":
        return [_plain(item) for item in items]
    return {_key(key): _plain(item) for key, item in zip(items[::2], items[1::2], strict=True)}


def _key(key: Any) -> Any:
    return "<table>" if isinstance(key, list) else key
