"""`assert.message`: what it accepts, what it returns, and what it says when a message does not fit."""

from __future__ import annotations

import pytest

HEAD = """
local m = { Target = "T", From = "F", Data = "d", Action = "Credit-Notice", Quantity = "5", TagArray = {},
  Tags = { Action = "Credit-Notice", Quantity = "5", Type = "Message" } }
local other = { Target = "T", Action = "Debit-Notice", Tags = { Action = "Debit-Notice" } }
local result = { Messages = { other, m }, Spawns = {} }
"""

PASSING = [
    'assert.message(m).has{ Action = "Credit-Notice", Quantity = "5" }',
    'assert.message(m).has{ Target = "T", Data = "d", Type = "Message", Sender = false }',
    'assert.message(m).has{ Quantity = match.matches("^%d+$"), Data = match._, Sender = match.is_nil() }',
    "assert.message(m).has{}",
    'assert.equal(m, assert.message(result).has{ Action = "Credit-Notice" })',
    'assert.equal(other, assert.message(result.Messages).has{ Target = "T" })',
    'assert.message(result).has_no{ Action = "Burn" }',
    'assert.message(m).has_no{ Action = "Credit-Notice", Quantity = "6" }',
    'assert.message({ Messages = {} }).has_no{ Action = "Burn" }',
    'assert.message({}).has_no{ Action = "Burn" }',
    "assert.message(nil).is_true(true)",
    'assert.has_error(function() assert.message("text").is_true(false) end)',
]

FAILING = {
    'assert.message(m).has{ Action = "Credit-Notice", Quantity = "6", Sender = "S", From = false }': (
        "Expected the message to have:\n  Action = 'Credit-Notice'\n  From is not there\n  Quantity = '6'\n"
        "  Sender = 'S'\nPassed in:\n  Action = 'Credit-Notice'\n  Data = 'd'\n *From = 'F'\n *Quantity = '5'\n"
        " *Sender is not there\n  Target = 'T'\n  Type = 'Message'"
    ),
    'assert.message(result).has{ Action = "Credit-Notice", Quantity = match.matches("^x") }': (
        "Expected a message with:\n  Action = 'Credit-Notice'\n  Quantity = (matcher) is.matches((string) '^x')\n"
        "Passed in (the closest of 2):\n  Action = 'Credit-Notice'\n  Data = 'd'\n  From = 'F'\n *Quantity = '5'\n"
        "  Target = 'T'\n  Type = 'Message'"
    ),
    'assert.message({ Error = "boom", Messages = {} }).has{ Action = "Burn" }': (
        "Expected a message with:\n  Action = 'Burn'\nPassed in:\n(no messages)\nThe result has an error:\n  boom"
    ),
    'm.Data = ("x"):rep(300); assert.message(m).has_no{ Action = "Credit-Notice" }': (
        "Expected no message with:\n  Action = 'Credit-Notice'\nPassed in:\n  Action = 'Credit-Notice'\n"
        f"  Data = '{'x' * 200}...' (300 characters)\n  From = 'F'\n  Quantity = '5'\n  Target = 'T'\n  Type = 'Message'"
    ),
    "assert.message(m).has{ Quantity = 5 }": "`Quantity` is a number, and the values of a message are strings",
    "assert.message(m).has('Action')": "`assert.message(m).has` needs a table of fields and got a string",
    "assert.message(m).has{ 'Action' }": "`assert.message(m).has` takes names only, and one is a number",
    'assert.message(result.Messages[3]).has{ Action = "Burn" }': "Expected a message and got:\n(nil)",
    'assert.message(nil).has_no{ Action = "Burn" }': "Expected a message and got:\n(nil)",
    'assert.message("text").is_true(false)': (
        "text\nExpected objects to be the same.\nPassed in:\n(boolean) false\nExpected:\n(boolean) true"
    ),
}


@pytest.mark.parametrize("line", PASSING)
def test_it_holds(check_lines, line):
    assert check_lines(HEAD + line) == ""


@pytest.mark.parametrize("line", FAILING)
def test_it_fails_and_says_why(check_lines, line):
    assert check_lines(HEAD + line) == FAILING[line]


def test_the_failure_is_at_the_line_of_the_suite(run_suite):
    run = run_suite(
        'it("x", function()\n  local m = { Target = "T" }\n\n  assert.message(m).has{ Target = "U" }\n  print()\nend)\n'
    )
    assert run.texts["x"].startswith("x_spec.lua:4: Expected the message to have:\n")
