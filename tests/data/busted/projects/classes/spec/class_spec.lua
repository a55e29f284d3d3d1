local class = require 'class'

describe('class', function()

  describe('given a name', function()
    local TheClass

    before_each(function()
      TheClass = class('TheClass')
    end)

    it('is a class with the given name', function()
      assert.equal(TheClass.name, 'TheClass')
    end)

    it('can be printed', function()
      assert.equal(tostring(TheClass), 'class TheClass')
    end)

    it('can be called to get an instance', function()
      local object = TheClass()
      assert.equal(object.class, TheClass)
      assert.equal(tostring(object), 'instance of class TheClass')
    end)
  end)

  describe('given no name', function()
    it('throws an error', function()
      assert.error(function() class() end)
      assert.has_error(function() class() end, 'A name (string) is needed for the new class')
    end)
    it('fails when the text differs', function()
      assert.has_error(function() class() end, 'A name is needed')
    end)
  end)

  describe('mixins', function()
    local HasWings, Bird
    before_each(function()
      HasWings = { fly = function() return 'flap' end, included = function(_, klass) klass.winged = true end }
      Bird = class('Bird'):include(HasWings)
    end)
    it('adds methods', function() assert.equal('flap', Bird():fly()) end)
    it('calls included', function() assert.is_true(Bird.winged) assert.is_nil(rawget(Bird, 'included')) end)
    it('is inherited', function() assert.is_true(Bird:subclass('Eagle').winged) end)
    pending('class methods')
  end)

  for _, name in ipairs { '__add', '__sub', '__call' } do
    it('does not know ' .. name, function() assert.is_nil(rawget(class('X'), name)) end)
  end
end)
