--- Puts luassert together from its parts.

local run, preload = ...

local lists = run("lists")
local deep = run("deep")
local say = run("say", lists)
local state = run("state")
local failure = run("failure")
local format = run("format", deep, lists, state)
local registry = run("registry", failure)
local chain = run("chain", registry, lists)
local checks = run("checks", say, format, failure)
run("modifiers", registry)
local assertions = run("assertions", registry, say, deep, checks, failure)
run("raising", assertions, checks, deep)
local match = run("match", registry, chain, checks, deep, format)
run("message", registry, match, format, failure)
local spy = run("spy", checks, deep, lists, match, state)
local stub, mock = run("doubles", checks, deep, failure, lists, spy)
run("calls", registry, say, assertions, failure, lists, spy)
local assert = run("assert", registry, chain, lists, format, state, say, failure)

run("modules", preload, {
  assert = assert, binary = run("binary"), checks = checks, deep = deep, lists = lists, match = match, mock = mock,
  registry = registry, say = say, spy = spy, state = state, stub = stub,
})

return {
  words = { assert = assert, spy = spy, stub = stub, mock = mock, match = match },
  failed = failure.is, format = format, state = state,
}
