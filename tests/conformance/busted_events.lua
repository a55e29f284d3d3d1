--- An output handler for busted that writes what happens, in order, to the file named by BUSTED_EVENTS.
-- Each line: what ended (`test`, or the element that an error lies in), its outcome and its full name, parted by tabs.
return function()
  local busted = require("busted")
  local handler = require("busted.outputHandlers.base")()
  local out = assert(io.open(os.getenv("BUSTED_EVENTS"), "a"))
  local function write(kind, outcome, name)
    out:write(kind, "\t", outcome, "\t", (name:gsub("[\\\n\t]", { ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" })), "\n")
    out:flush()
  end
  local TESTS = { it = true, pending = true }
  busted.subscribe({ "test", "end" }, function(element, _, status)
    write("test", status, handler.getFullName(element))
    return nil, true
  end)
  for _, event in ipairs { "error", "failure" } do
    busted.subscribe({ event }, function(element)
      if not TESTS[element.descriptor] then
        local known, name = pcall(handler.getFullName, element)
        write(element.descriptor, event, known and name or element.name or "")
      end
      return nil, true
    end)
  end
  busted.subscribe({ "suite", "end" }, function() out:write("end\n") out:flush() return nil, true end)
  return handler
end
