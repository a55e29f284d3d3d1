local journal = require("journal")

describe("a journal", function()
  it("keeps the newest entries, and prints them as JSON", function()
    local book = journal.new(3)
    for number = 1, 5 do
      journal.append(book, { at = number, text = 'a "quote"\n\\ und ä', flag = true })
    end
    local printed = require("json").decode(journal.page(book))
    assert.equal(3, #printed)
    assert.equal(3, printed[1].n)
    assert.equal(3, printed[1].at)
    assert.equal("true", printed[1].flag)
    assert.is_truthy(printed[1].text:find('a "quote"\n\\ und ', 1, true))
    assert.equal(5, require("json").decode(journal.page(book, 4))[1].n)
    assert.equal("[]", journal.page(book, 5))
    assert.equal("[]", journal.page(journal.new(3)))
  end)
end)
