-- .crypto.cipher.aes192: AES with a key of 192 bits.
return require(".crypto.cipher.rijndael")(192)
