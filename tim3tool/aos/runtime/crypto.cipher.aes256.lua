-- .crypto.cipher.aes256: AES with a key of 256 bits.
return require(".crypto.cipher.rijndael")(256)
