-- .crypto.util.bit: the Lua 5.2 bit library.
return require("bit32")
