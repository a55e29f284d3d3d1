local log = prosody and prosody.log or function() end
local hashes = require "util.hashes"
return { sign = function(x) log(x) return hashes.sha1(x) end, global = function() undeclared = 1 end }
