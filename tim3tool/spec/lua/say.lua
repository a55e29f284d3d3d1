--- `require("say")`: texts by name, in several languages.

local lists = ...

local language, fallback = "en", "en"
local texts = { en = {} }

local say = { _registry = texts, _VERSION = "Say 1.3" }

--- Chooses the language that `set` fills and texts are taken from.
function say:set_namespace(name) -- luacheck: ignore 212/self
  language = name
  texts[name] = texts[name] or {}
end

--- Chooses the language of texts that the chosen one lacks.
function say:set_fallback(name) -- luacheck: ignore 212/self
  fallback = name
  texts[name] = texts[name] or {}
end

--- Sets the text of a name.
function say:set(name, text) texts[language][name] = text end -- luacheck: ignore 212/self

return setmetatable(say, {
  __index = function(_, name) return texts[name] end,
  __call = function(_, name, values)
    if values ~= nil and type(values) ~= "table" then
      error(("expected parameter table to be a table, got '%s'"):format(type(values)), 2)
    end
    if name == nil then return nil end
    local text = texts[language][name] or texts[fallback][name]
    local count = values and (values.n or #values) or 0
    if type(text) ~= "string" or count == 0 then return text end
    return text:format(lists.unpack(values, 1, count))
  end,
})
